"""Browsers that are remembered: they owe no second factor at login, and have proved none."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.login.interfaces import (
    DeviceRemembered,
    LoggedInRemembered,
    LoggedInSession,
    LoginAccount,
    PendingLogin,
)
from warehouse_mfa.sessions.interfaces import IDeviceService, ISessionService, StartedSession


class Remembering:
    def __init__(
        self,
        sessions: ISessionService,
        devices: IDeviceService,
        events: IEventService,
        remembered_for: timedelta,
    ) -> None:
        self._sessions = sessions
        self._devices = devices
        self._events = events
        self._remembered_for = remembered_for

    def may_remember(self, pending: PendingLogin, factor: Any) -> bool:
        """Tell whether the browser may be remembered once it has proved this factor."""
        return bool(
            self._remembered_for and not pending.is_superuser and not factor.is_supplementary
        )

    def remember(
        self,
        whose: PendingLogin | LoginAccount,
        factor: Any,
        session: StartedSession,
        device_id: UUID,
    ) -> bytes:
        """Remember the browser that has just logged in; return the secret for its cookie."""
        secret = self._devices.remember(whose.user_id, whose.security_epoch, device_id, factor.name)
        self._events.record(
            whose.user_id,
            DeviceRemembered(),
            actor_id=whose.user_id,
            session_id=session.id,
            factor=factor.name,
        )
        return secret

    def factor_of(self, account: LoginAccount) -> Any | None:
        """Return the factor that the browser was remembered with, `None` when it owes one."""
        if account.is_superuser or not account.held.enrolled:
            return None
        name = self._devices.remembered(account.user_id, account.security_epoch)
        return next((one for one in account.held.usable if one.name == name), None)

    def log_in(self, account: LoginAccount, factor: Any, next: str) -> LoggedInSession:
        """Start a session that counts as one of `factor`, which was proved long ago."""
        session = self._sessions.start(
            account.user_id,
            account.security_epoch,
            factor=factor.name,
            is_reduced=account.held.is_reduced_by(factor),
            is_proved=False,
        )
        admitted = self._devices.admit(account.user_id, account.device)
        self._events.record(
            account.user_id,
            LoggedInRemembered(),
            actor_id=account.user_id,
            session_id=session.id,
            factor=factor.name,
        )
        return LoggedInSession(session, admitted.secret, account.locale, next)
