"""What a history can be narrowed down to: the events of a topic, and the days they happened on."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from warehouse_mfa.accounts.interfaces import (
    AccountDeleted,
    AccountExported,
    AccountFrozen,
    AccountLapsed,
    AccountRegistered,
    AccountUnfrozen,
    DatabaseRestored,
    DeviceForgotten,
    EmailClaimed,
    EmailDisowned,
    EmailLapsed,
    EmailRemoved,
    EmailVerified,
    HoldLifted,
    NotMeSaid,
    OneSessionEnded,
    OtherSessionsEnded,
    PrimaryEmailChanged,
    ProbationEnded,
    SessionsEnded,
)
from warehouse_mfa.events.interfaces import Event, Selection
from warehouse_mfa.factors.interfaces import FactorRemoved, FactorRenamed
from warehouse_mfa.i18n import _
from warehouse_mfa.login.interfaces import (
    DeviceRemembered,
    FactorFailed,
    FactorLimited,
    FactorWasStopped,
    HelpAsked,
    HelpWithdrawn,
    LoggedIn,
    LoggedInRemembered,
    LoggedInWithPassword,
    LoggedOut,
    LoginApproved,
    LoginDisowned,
    LoginHeld,
    LoginRefused,
    PasskeyLimited,
    PasswordAccepted,
    PasswordBreached,
    PasswordChanged,
    PasswordFailed,
    PasswordLimited,
    PasswordResetAsked,
    PasswordWasReset,
    SteppedUp,
)
from warehouse_mfa.profile.history import TELLINGS
from warehouse_mfa.recovery.interfaces import (
    RecoveryCodeRedeemed,
    RecoveryCodeRefused,
    RecoveryCodesGenerated,
    RecoveryCodesProved,
    RecoveryCodesRevoked,
)
from warehouse_mfa.totp.interfaces import TOTPEnrolled, TOTPRevoked
from warehouse_mfa.webauthn.interfaces import KeyRegistered, PasskeyRegistered, PossibleCloneSeen

DAY = timedelta(days=1)


class Topic(StrEnum):
    WARNINGS = "warnings"
    LOGINS = "logins"
    PASSWORD = "password"  # noqa: S105 - a name
    FACTORS = "factors"
    ADDRESSES = "addresses"
    SESSIONS = "sessions"
    ACCOUNT = "account"


NAMES: dict[str, Any] = {
    "": _("Everything"),
    Topic.WARNINGS: _("What was refused, or needs a look"),
    Topic.LOGINS: _("Logins"),
    Topic.PASSWORD: _("Password"),
    Topic.FACTORS: _("Second factors and recovery codes"),
    Topic.ADDRESSES: _("Email addresses"),
    Topic.SESSIONS: _("Sessions and browsers"),
    Topic.ACCOUNT: _("The account as a whole"),
}
EVENTS: Mapping[Topic, tuple[type[Event], ...]] = {
    Topic.LOGINS: (
        PasswordAccepted,
        PasswordFailed,
        PasswordLimited,
        FactorFailed,
        FactorLimited,
        FactorWasStopped,
        PasskeyLimited,
        LoginRefused,
        LoginHeld,
        LoginApproved,
        LoginDisowned,
        LoggedIn,
        LoggedInRemembered,
        LoggedInWithPassword,
        SteppedUp,
        LoggedOut,
    ),
    Topic.PASSWORD: (PasswordBreached, PasswordChanged, PasswordResetAsked, PasswordWasReset),
    Topic.FACTORS: (
        TOTPEnrolled,
        TOTPRevoked,
        KeyRegistered,
        PasskeyRegistered,
        PossibleCloneSeen,
        FactorRemoved,
        FactorRenamed,
        RecoveryCodesGenerated,
        RecoveryCodesProved,
        RecoveryCodeRefused,
        RecoveryCodeRedeemed,
        RecoveryCodesRevoked,
    ),
    Topic.ADDRESSES: (
        EmailClaimed,
        EmailVerified,
        EmailRemoved,
        EmailDisowned,
        EmailLapsed,
        PrimaryEmailChanged,
    ),
    Topic.SESSIONS: (
        OneSessionEnded,
        OtherSessionsEnded,
        SessionsEnded,
        DeviceRemembered,
        DeviceForgotten,
    ),
    Topic.ACCOUNT: (
        AccountRegistered,
        AccountExported,
        AccountFrozen,
        AccountUnfrozen,
        AccountLapsed,
        AccountDeleted,
        NotMeSaid,
        HoldLifted,
        ProbationEnded,
        HelpAsked,
        HelpWithdrawn,
        DatabaseRestored,
    ),
}
TAGS: Mapping[str, frozenset[str]] = {
    Topic.WARNINGS: frozenset(tag for tag, telling in TELLINGS.items() if telling.is_warning),
    **{topic: frozenset(event.tag for event in events) for topic, events in EVENTS.items()},
}


def selection_of(topic: str, first: date | None, last: date | None, zone: tzinfo) -> Selection:
    """Return which events belong to a topic, all for "", on the days from `first` to `last` there."""
    return Selection(
        tags=TAGS[topic] if topic else None,
        since=datetime.combine(first, time(), zone) if first else None,
        until=datetime.combine(last + DAY, time(), zone) if last else None,
    )
