"""The table: event, mail template, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from warehouse_mfa.accounts.interfaces import (
    AccountDeleted,
    AccountExported,
    AccountFrozen,
    AccountUnfrozen,
    EmailClaimed,
    EmailRemoved,
    HoldLifted,
    NotMeSaid,
    PrimaryEmailChanged,
    SessionsEnded,
)
from warehouse_mfa.events.interfaces import Event
from warehouse_mfa.factors.interfaces import FactorRemoved, FactorRenamed
from warehouse_mfa.login.interfaces import (
    FactorLimited,
    FactorWasStopped,
    HelpAsked,
    LoggedIn,
    LoggedInWithPassword,
    PasswordBreached,
    PasswordChanged,
    PasswordLimited,
    PasswordWasReset,
)
from warehouse_mfa.recovery.interfaces import (
    RecoveryCodeRedeemed,
    RecoveryCodesGenerated,
    RecoveryCodesProved,
    RecoveryCodesRevoked,
)
from warehouse_mfa.totp.interfaces import TOTPEnrolled, TOTPRevoked
from warehouse_mfa.webauthn.interfaces import (
    KeyRegistered,
    PasskeyRegistered,
    PossibleCloneSeen,
)


def always(event: Any) -> bool:
    """Send the mail whenever the event happens."""
    return True


def in_new_browser(event: Any) -> bool:
    return not event.is_known_device


def nobody(event: Any) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail that an event sends."""

    event: type[Event]
    template: str
    """Folder below `templates/mail/`."""
    when: Callable[[Any], bool] = always
    limiter: str | None = None
    """Rate limiter of the mails to one account, where strangers can cause the event, or it is easy."""
    also: Callable[[Any], str | None] = nobody
    """Who is told besides the verified addresses: one that has just ceased to be one."""


NOTICES = {
    notice.event.tag: notice
    for notice in (
        Notice(TOTPEnrolled, "totp-enrolled"),
        Notice(TOTPRevoked, "totp-revoked"),
        Notice(KeyRegistered, "webauthn-registered"),
        Notice(PasswordBreached, "password-breached"),
        Notice(PasskeyRegistered, "passkey-registered"),
        Notice(EmailClaimed, "address-added", limiter="mail.added"),
        Notice(
            EmailRemoved,
            "address-removed",
            when=lambda event: event.was_verified,
            also=lambda event: event.email,
        ),
        Notice(PrimaryEmailChanged, "primary-address-changed"),
        Notice(PasswordChanged, "password-changed"),
        Notice(PasswordWasReset, "password-reset"),
        Notice(FactorRemoved, "factor-removed"),
        Notice(FactorRenamed, "factor-renamed"),
        Notice(RecoveryCodesGenerated, "recovery-codes-generated"),
        Notice(RecoveryCodesProved, "recovery-codes-proved"),
        Notice(RecoveryCodesRevoked, "recovery-codes-revoked"),
        Notice(RecoveryCodeRedeemed, "recovery-code-redeemed"),
        Notice(PossibleCloneSeen, "possible-clone"),
        Notice(PasswordLimited, "password-limited", limiter="mail.guesses"),
        Notice(FactorLimited, "factor-limited"),
        Notice(FactorWasStopped, "factor-stopped"),
        Notice(AccountDeleted, "account-deleted"),
        Notice(AccountExported, "account-exported"),
        Notice(AccountFrozen, "account-frozen"),
        Notice(AccountUnfrozen, "account-unfrozen"),
        Notice(HelpAsked, "help-asked"),
        Notice(NotMeSaid, "not-me-said"),
        Notice(HoldLifted, "hold-lifted"),
        Notice(SessionsEnded, "sessions-ended"),
        Notice(LoggedIn, "new-device", when=in_new_browser),
        Notice(LoggedInWithPassword, "new-device", when=in_new_browser),
    )
}
