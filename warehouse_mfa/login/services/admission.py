"""The end of every full login: a session, a known device, and what goes on record."""

from datetime import datetime
from uuid import UUID

from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.login.interfaces import LoggedIn, LoggedInWithPassword
from warehouse_mfa.sessions.interfaces import (
    AdmittedDevice,
    Device,
    IDeviceService,
    ISessionService,
    StartedSession,
)


class Admission:
    def __init__(
        self, sessions: ISessionService, devices: IDeviceService, events: IEventService
    ) -> None:
        self._sessions = sessions
        self._devices = devices
        self._events = events

    def admit(
        self,
        user_id: UUID,
        security_epoch: int,
        device: Device | None,
        *,
        factor: str,
        credential: str,
        way: str,
        is_reduced: bool = False,
        factor_at: datetime | None = None,
    ) -> tuple[StartedSession, AdmittedDevice]:
        """Start a session; return it, and the browser, which is known from now on.

        `factor` is what the session has proved, `credential` its label, and `way` what goes on
        record as the way that somebody came in. It was proved at `factor_at`, now unless given.
        """
        session = self._sessions.start(
            user_id,
            security_epoch,
            factor=factor,
            is_reduced=is_reduced,
            factor_at=factor_at,
        )
        admitted = self._devices.admit(user_id, device)
        self._events.record(
            user_id,
            LoggedIn(credential=credential, is_known_device=admitted.secret is None),
            actor_id=user_id,
            session_id=session.id,
            factor=way,
        )
        return session, admitted

    def admit_with_password(
        self, user_id: UUID, security_epoch: int, device: Device | None
    ) -> tuple[StartedSession, AdmittedDevice]:
        """Start the session of a password alone; the browser is known from now on, as with a factor."""
        session = self._sessions.start(user_id, security_epoch, factor=None)
        admitted = self._devices.admit(user_id, device)
        self._events.record(
            user_id,
            LoggedInWithPassword(is_known_device=admitted.secret is None),
            actor_id=user_id,
            session_id=session.id,
        )
        return session, admitted
