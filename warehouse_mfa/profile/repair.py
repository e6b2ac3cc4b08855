"""What somebody looks at who is not sure who has been in the account, in the order of the walk."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from warehouse_mfa.accounts.interfaces import (
    EmailClaimed,
    EmailRemoved,
    EmailVerified,
    PrimaryEmailChanged,
)
from warehouse_mfa.events.interfaces import Event, HistoryEntry
from warehouse_mfa.factors.interfaces import FactorRemoved, FactorRenamed
from warehouse_mfa.login.interfaces import (
    DeviceRemembered,
    LoggedIn,
    LoggedInRemembered,
    LoggedInWithPassword,
    PasswordChanged,
    PasswordResetAsked,
    PasswordWasReset,
)
from warehouse_mfa.recovery.interfaces import (
    RecoveryCodeRedeemed,
    RecoveryCodesGenerated,
    RecoveryCodesProved,
)
from warehouse_mfa.totp.interfaces import TOTPEnrolled
from warehouse_mfa.webauthn.interfaces import KeyRegistered, PasskeyRegistered


class Step(StrEnum):
    """A stop of the walk. The page of that name has its words."""

    PASSWORD = "password"  # noqa: S105 - a name
    FACTORS = "factors"
    SESSIONS = "sessions"
    ADDRESSES = "addresses"
    CODES = "codes"


EVENTS: dict[Step, tuple[type[Event], ...]] = {
    Step.PASSWORD: (PasswordChanged, PasswordWasReset, PasswordResetAsked),
    Step.FACTORS: (TOTPEnrolled, KeyRegistered, PasskeyRegistered, FactorRemoved, FactorRenamed),
    Step.SESSIONS: (LoggedIn, LoggedInRemembered, LoggedInWithPassword, DeviceRemembered),
    Step.ADDRESSES: (EmailClaimed, EmailVerified, EmailRemoved, PrimaryEmailChanged),
    Step.CODES: (RecoveryCodesGenerated, RecoveryCodesProved, RecoveryCodeRedeemed),
}
STEP_OF = {event.tag: step for step, events in EVENTS.items() for event in events}


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop, and what happened there lately."""

    step: Step
    entries: tuple[HistoryEntry, ...]
    """Newest first."""


def stops(entries: Sequence[HistoryEntry]) -> list[Stop]:
    """Return the walk with what happened at each stop; `entries` are newest first."""
    return [
        Stop(
            step,
            tuple(entry for entry in entries if STEP_OF.get(entry.tag) is step),
        )
        for step in Step
    ]
