"""Replacing the password by somebody who is logged in."""

from collections.abc import Callable
from typing import Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import IPasswordService, PasswordRefused
from warehouse_mfa.authz import Identity
from warehouse_mfa.db import IUnitOfWork
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import IFactorChangeService
from warehouse_mfa.login.interfaces import (
    IPasswordChangeService,
    PasswordChanged,
    PasswordFailed,
    PasswordLimited,
    PasswordRejected,
)
from warehouse_mfa.login.services.attempts import Attempts, password_budgets
from warehouse_mfa.login.services.lookup import key_of
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter
from warehouse_mfa.sessions.interfaces import Device


@implementer(IPasswordChangeService)
class PasswordChangeService:
    def __init__(
        self,
        work: IUnitOfWork,
        passwords: IPasswordService,
        factors: IFactorChangeService,
        events: IEventService,
        limiter: Callable[[str], IRateLimiter],
    ) -> None:
        """`limiter` finds a rate limiter by name."""
        self._passwords = passwords
        self._factors = factors
        self._events = events
        self._limiter = limiter
        self._attempts = Attempts(work, events)

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.find_service(IUnitOfWork),
            request.find_service(IPasswordService),
            request.find_service(IFactorChangeService),
            request.find_service(IEventService),
            lambda name: request.find_service(IRateLimiter, name=name),
        )

    def change(
        self,
        identity: Identity,
        password: str,
        new_password: str,
        *,
        device: Device | None,
        client: str,
    ) -> None:
        holder = self._passwords.holder(identity.user_id)
        self._passwords.check(new_password, username=holder.username, address=holder.address)
        self._passwords.refuse_breached(new_password)
        budgets = password_budgets(
            self._limiter, key_of(holder.username), identity.user_id, device, client
        )
        reserved = self._attempts.reserve(budgets, PasswordLimited)
        try:
            with self._attempts.hashing(reserved):
                is_right = self._passwords.verify(password, holder.stored).matches
                hashed = self._passwords.hash(new_password) if is_right else None
        except PasswordRefused as error:
            # Too long once it is normalized, so it is not that of today.
            self._events.record(identity.user_id, PasswordFailed("too long"))
            raise PasswordRejected from error
        if hashed is None:
            self._events.record(identity.user_id, PasswordFailed("wrong password"))
            raise PasswordRejected
        reserved.give_back()
        self._passwords.replace(holder, hashed)
        self._factors.changed(identity)
        self._events.record(identity.user_id, PasswordChanged())
