"""Step-up: a factor proved again by whoever holds a session."""

from datetime import timedelta
from typing import Any, Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import AccountChanged
from warehouse_mfa.authz import Identity, IStepUpService, step_up_window_of
from warehouse_mfa.clock import IClock
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.factors.interfaces import IFactorService, Prover
from warehouse_mfa.login.interfaces import IReauthenticationService, SteppedUp
from warehouse_mfa.login.services.attempts import FactorChecks
from warehouse_mfa.login.services.probation import EarlyEnd
from warehouse_mfa.sessions.interfaces import (
    Device,
    ISessionService,
    SessionEnded,
    StartedSession,
)

MOST_APART = timedelta(seconds=5)
"""So far apart the clocks of two machines may be: a proof shown to one counts at the other."""


@implementer(IStepUpService, IReauthenticationService)
class StepUpService:
    def __init__(
        self,
        clock: IClock,
        factors: IFactorService,
        checks: FactorChecks,
        sessions: ISessionService,
        events: IEventService,
        early_end: EarlyEnd,
        window: timedelta,
    ) -> None:
        self._clock = clock
        self._factors = factors
        self._checks = checks
        self._sessions = sessions
        self._events = events
        self._early_end = early_end
        self._window = window

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.find_service(IClock),
            request.find_service(IFactorService),
            FactorChecks.create(request),
            request.find_service(ISessionService),
            request.find_service(IEventService),
            EarlyEnd.create(request),
            request.registry["settings"].step_up_window,
        )

    def is_fresh(self, identity: Identity) -> bool:
        if identity.factor and self._factors.is_outdone(identity.user_id, identity.factor):
            # Proved before the site asked for more.
            return False
        if identity.factor_at is not None:
            age = self._clock.now() - identity.factor_at
            # A clock that was set back must not keep a proof fresh.
            if -MOST_APART <= age < step_up_window_of(identity.is_superuser, self._window):
                return True
        # A password alone never steps up once there is a factor; without one there is none to ask.
        return not self._factors.held_by(identity.user_id).enrolled

    def prover(self, identity: Identity) -> Prover:
        assert identity.family_id is not None, "only sessions step up"
        return Prover(
            identity.user_id, identity.security_epoch, b"step-up:" + identity.family_id.bytes
        )

    def complete(
        self, identity: Identity, factor: Any, answer: str, *, device: Device | None, client: str
    ) -> StartedSession:
        is_reduced = self._factors.held_by(identity.user_id).is_reduced_by(factor)
        proof = self._checks.check(
            self.prover(identity),
            factor,
            answer,
            self._checks.budgets(identity.user_id, factor, device, client),
        )
        until = identity.probation.until if identity.probation else None
        self._early_end.proved(identity.user_id, until, factor, proof)
        assert identity.session_id is not None, "only sessions step up"
        try:
            renewed = self._sessions.renew(
                identity.session_id,
                identity.security_epoch,
                factor=factor.name,
                is_reduced=is_reduced,
            )
        except SessionEnded as error:
            raise AccountChanged from error
        self._events.record(
            identity.user_id,
            SteppedUp(proof.label, is_reduced),
            session_id=renewed.id,
            factor=factor.name,
        )
        return renewed
