"""Logging in with a passkey: one proof that is two factors, and no name is typed."""

from collections.abc import Callable
from typing import Any, Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.clock import IClock
from warehouse_mfa.db import IUnitOfWork
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import FactorRejected, IFactorService, Proof
from warehouse_mfa.login.interfaces import (
    AccountIsFrozen,
    FactorFailed,
    IPasskeyLoginService,
    LoggedInSession,
    LoginAccount,
    LoginRefused,
    PasskeyLimited,
)
from warehouse_mfa.login.services.admission import Admission
from warehouse_mfa.login.services.attempts import Attempts, Budget, FactorChecks
from warehouse_mfa.login.services.lookup import LoginLookup
from warehouse_mfa.login.services.probation import EarlyEnd
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter
from warehouse_mfa.sessions.interfaces import IDeviceService, ISessionService
from warehouse_mfa.webauthn.interfaces import IPasskeyService, PasskeyClaim

WAY = "passkey"
"""What the trail calls this way in."""


@implementer(IPasskeyLoginService)
class PasskeyLoginService:
    def __init__(
        self,
        passkeys: IPasskeyService,
        factors: IFactorService,
        lookup: LoginLookup,
        attempts: Attempts,
        checks: FactorChecks,
        admission: Admission,
        early_end: EarlyEnd,
        events: IEventService,
        clock: IClock,
        limiter: Callable[[str], IRateLimiter],
    ) -> None:
        """`limiter` finds a rate limiter by name."""
        self._passkeys = passkeys
        self._factors = factors
        self._lookup = lookup
        self._attempts = attempts
        self._checks = checks
        self._admission = admission
        self._early_end = early_end
        self._events = events
        self._clock = clock
        self._limiter = limiter

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        events = request.find_service(IEventService)
        return cls(
            request.find_service(IPasskeyService),
            request.find_service(IFactorService),
            LoginLookup.create(request),
            Attempts(request.find_service(IUnitOfWork), events),
            FactorChecks.create(request),
            Admission(
                request.find_service(ISessionService),
                request.find_service(IDeviceService),
                events,
            ),
            EarlyEnd.create(request),
            events,
            request.find_service(IClock),
            lambda name: request.find_service(IRateLimiter, name=name),
        )

    def begin(self, browser: bytes) -> dict[str, Any]:
        return self._passkeys.begin_login(_occasion(browser))

    def complete(
        self, browser: bytes, answer: str, *, next: str, device_secret: bytes | None, client: str
    ) -> LoggedInSession:
        claim = self._passkeys.read(answer)
        account = self._account(claim, device_secret)
        proof = self._prove(browser, claim, account, client)
        assert account is not None, "what nobody has proves nothing"
        if account.is_frozen:
            self._events.record(account.user_id, LoginRefused("frozen"), factor=WAY)
            raise AccountIsFrozen
        factor = self._factors.named(self._passkeys.factor)
        self._checks.logged_in(account.user_id, factor, account.held.usable)
        self._early_end.proved(account.user_id, account.probation_until, factor, proof)
        session, admitted = self._admission.admit(
            account.user_id,
            # Read before the proof: whatever raised the epoch meanwhile ends this session, too.
            account.security_epoch,
            account.device,
            factor=factor.name,
            credential=proof.label,
            way=WAY,
        )
        return LoggedInSession(session, admitted.secret, account.locale, next)

    def _account(self, claim: PasskeyClaim, device_secret: bytes | None) -> LoginAccount | None:
        if claim.user_id is None:
            return None
        return self._lookup.account_of(claim.user_id, device_secret, self._clock.now())

    def _prove(
        self, browser: bytes, claim: PasskeyClaim, account: LoginAccount | None, client: str
    ) -> Proof:
        reserved = self._attempts.reserve(self._budgets(account, client), PasskeyLimited)
        try:
            proof: Proof = self._passkeys.complete_login(_occasion(browser), claim)
        except FactorRejected as rejected:
            if not rejected.is_recorded:
                self._events.record(claim.user_id, FactorFailed(WAY, rejected.reason))
            raise
        reserved.give_back()
        return proof

    def _budgets(self, account: LoginAccount | None, client: str) -> list[Budget]:
        """Return who pays for a wrong answer."""
        if account is None:
            return [Budget(self._limiter("factor.address"), client)]
        user_id = account.user_id
        if account.device is not None:
            return [Budget(self._limiter("webauthn.device"), str(account.device.id), user_id)]
        # Not the budget of the second step: no password is needed to use this one up, and it must
        # not lock that door, too.
        return [
            Budget(self._limiter("passkey.user"), str(user_id), user_id),
            Budget(self._limiter("factor.address"), client),
        ]


def _occasion(browser: bytes) -> bytes:
    return b"passkey:" + browser
