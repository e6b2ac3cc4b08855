"""Whether acts of high impact have to wait, and the factor of long standing that lets them go on."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import IProbationService
from warehouse_mfa.authz import Cause, Identity, IProbation, Probation
from warehouse_mfa.clock import IClock
from warehouse_mfa.factors.interfaces import IFactorService, Proof
from warehouse_mfa.recovery.interfaces import IRecoveryCodeService


@implementer(IProbation)
class ProbationPolicy:
    def __init__(self, codes: IRecoveryCodeService) -> None:
        self._codes = codes

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.find_service(IRecoveryCodeService))

    def of(self, identity: Identity) -> Probation | None:
        if identity.is_publishing_held:
            return Probation(Cause.PUBLISHING_HELD, None)
        if identity.probation is not None:
            return identity.probation
        if identity.is_reduced:
            return Probation(Cause.REDUCED_SESSION, None)
        codes = self._codes.state(identity.user_id)
        if codes.left and not codes.is_proved:
            return Probation(Cause.CODES_NOT_PROVED, None)
        return None


class EarlyEnd:
    """Ends probation for who proves a factor that no false site can trick, and that they had before."""

    def __init__(
        self, factors: IFactorService, probation: IProbationService, clock: IClock
    ) -> None:
        self._factors = factors
        self._probation = probation
        self._clock = clock

    @classmethod
    def create(cls, request: Request) -> Self:
        return cls(
            request.find_service(IFactorService),
            request.find_service(IProbationService),
            request.find_service(IClock),
        )

    def proved(self, user_id: UUID, until: datetime | None, factor: Any, proof: Proof) -> None:
        """`until` is when probation ends, as it was read; who is not on it pays nothing."""
        if until is None or until <= self._clock.now() or not factor.is_phishing_resistant:
            return
        credential = self._factors.credential(user_id, factor.name, proof.credential_id)
        if credential is not None:
            self._probation.end_early(
                user_id, added_at=credential.created_at, label=credential.label
            )
