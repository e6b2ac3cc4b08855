"""Using a link that resets a password.

The link alone is no factor: an account that has a second one needs it here, too.
"""

from collections.abc import Callable
from typing import Any, Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import (
    AccountChanged,
    IPasswordService,
    IProbationService,
    IUserService,
)
from warehouse_mfa.authz import Cause
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import FactorNotSetUp, IFactorService
from warehouse_mfa.login.interfaces import (
    IPasswordResetService,
    PasswordReset,
    PasswordWasReset,
)
from warehouse_mfa.login.services.attempts import Budget, FactorChecks, Reserved
from warehouse_mfa.mail.interfaces import ITokenService, LinkInvalid, Purpose
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, TooManyAttempts
from warehouse_mfa.sessions.interfaces import IDeviceService


@implementer(IPasswordResetService)
class PasswordResetService:
    def __init__(
        self,
        users: IUserService,
        passwords: IPasswordService,
        factors: IFactorService,
        devices: IDeviceService,
        tokens: ITokenService,
        events: IEventService,
        limiter: Callable[[str], IRateLimiter],
        checks: FactorChecks,
        probation: IProbationService,
    ) -> None:
        """`limiter` finds a rate limiter by name."""
        self._users = users
        self._passwords = passwords
        self._factors = factors
        self._devices = devices
        self._tokens = tokens
        self._events = events
        self._limiter = limiter
        self._checks = checks
        self._probation = probation

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.find_service(IUserService),
            request.find_service(IPasswordService),
            request.find_service(IFactorService),
            request.find_service(IDeviceService),
            request.find_service(ITokenService),
            request.find_service(IEventService),
            lambda name: request.find_service(IRateLimiter, name=name),
            FactorChecks.create(request),
            request.find_service(IProbationService),
        )

    def reset_of(self, token: str) -> PasswordReset:
        link = self._tokens.find(Purpose.RESET_PASSWORD, token)
        account = self._users.account(link.user_id)
        if account is None or account.security_epoch != link.security_epoch:
            raise LinkInvalid
        return PasswordReset(
            link, self._passwords.holder(link.user_id), self._factors.held_by(link.user_id)
        )

    def complete(
        self, reset: PasswordReset, new_password: str, factor: Any | None, answer: str | None
    ) -> None:
        if factor is None and reset.held.enrolled:
            raise FactorNotSetUp
        self._passwords.check(
            new_password, username=reset.holder.username, address=reset.holder.address
        )
        self._passwords.refuse_breached(new_password)
        user_id = reset.link.user_id
        # Counted first, so that a link alone makes nobody compute many hashes; proved last, so that
        # nothing is used up when there is no time for the hash.
        reserved = self._reserve(reset) if factor is not None else Reserved([])
        with self._checks.hashing(reserved):
            hashed = self._passwords.hash(new_password)
        label = ""
        if factor is not None:
            label = self._checks.prove(reset.prover, factor, answer or "", reserved).label
        self._tokens.spend(reset.link)
        try:
            self._passwords.replace(reset.holder, hashed)
            self._users.raise_security_epoch(user_id, reset.link.security_epoch)
        except AccountChanged as error:
            raise LinkInvalid from error
        # Whoever was here before is a stranger from now on: the next login is told as a new one.
        self._devices.forget_all(user_id)
        self._probation.begin(user_id, Cause.RESET)
        self._events.record(
            user_id,
            PasswordWasReset(label),
            actor_id=user_id,
            factor=factor.name if factor else None,
        )

    def _reserve(self, reset: PasswordReset) -> Reserved:
        user_id = reset.link.user_id
        of_account = Budget(self._limiter("reset.user"), str(user_id), user_id)
        of_link = Budget(self._limiter("reset.link"), str(reset.link.id), user_id)
        try:
            return self._checks.reserve([of_account, of_link])
        except TooManyAttempts as refusal:
            if refusal.limiter == of_link.limiter.name:
                # Waiting would not help: it is dead long before the attempts come back.
                raise LinkInvalid from refusal
            raise
