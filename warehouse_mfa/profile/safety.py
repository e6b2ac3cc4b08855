"""What an account's factors make of its safety: the overview shows it, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from warehouse_mfa.factors.interfaces import FactorStatus


@dataclass(frozen=True, slots=True)
class Safety:
    """What stands between an account and a thief, or its owner and the account."""

    has_factor: bool
    """There is a second factor, and not only what helps when all of them are lost."""
    resists_phishing: bool
    spares: int
    """Credentials beside the one that is needed to log in; -1 where there is none."""
    has_passkey: bool
    lifeline: FactorStatus | None
    """What would help when all else is lost, but is not there, or not shown to be kept."""
    low: FactorStatus | None
    """What helps when all else is lost, and is about to be used up."""

    @classmethod
    def of(cls, factors: Sequence[FactorStatus]) -> Self:
        """Judge by all factors of an account."""
        helping = [status for status in factors if status.factor.is_supplementary]
        enrolled = [
            status
            for status in factors
            if status.is_enrolled and not status.factor.is_supplementary
        ]
        credentials = [
            credential
            for status in enrolled
            for credential in status.credentials
            if not credential.is_suspended
        ]
        missing = [status for status in helping if not status.is_enrolled]
        not_proved = [status for status in helping if status.is_enrolled and not status.is_proved]
        return cls(
            has_factor=bool(enrolled),
            resists_phishing=any(status.factor.is_phishing_resistant for status in enrolled),
            spares=len(credentials) - 1,
            has_passkey=any(credential.kind == "passkey" for credential in credentials),
            lifeline=next(iter(missing + not_proved), None),
            low=next((status for status in helping if status.is_low), None),
        )
