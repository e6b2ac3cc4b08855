"""Every event that the history tells, by what it is about: one table."""

from collections.abc import Mapping

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
from warehouse_mfa.profile.telling import Telling, attempted_factor, in_new_browser
from warehouse_mfa.profile.topics import Topic
from warehouse_mfa.recovery.interfaces import (
    RecoveryCodeRedeemed,
    RecoveryCodeRefused,
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

BY_TOPIC: Mapping[Topic, tuple[Telling, ...]] = {
    Topic.LOGINS: (
        Telling(PasswordAccepted, _("Your password was given, as the first step of a login.")),
        Telling(PasswordFailed, _("Somebody gave a wrong password."), is_warning=True),
        Telling(
            PasswordLimited,
            _("We stopped an attempt to log in, after too many wrong passwords."),
            is_warning=True,
        ),
        Telling(
            FactorFailed,
            _("Somebody tried to prove your second factor, and failed."),
            is_warning=True,
            factor=attempted_factor,
            by_factor={
                "totp": _("Somebody gave a code of an authenticator app that was not right."),
                "recovery": _("Somebody gave a recovery code that was not right."),
                "webauthn": _("Somebody gave no proof of having your security key."),
                "passkey": _("Somebody tried to log in with a passkey of yours, and failed."),
            },
        ),
        Telling(
            FactorLimited,
            _("We stopped an attempt to prove your second factor, after too many failures."),
            is_warning=True,
        ),
        Telling(
            FactorWasStopped,
            _(
                "We stopped looking at the codes of your authenticator app, after too many in a row "
                "that were not right."
            ),
            is_warning=True,
        ),
        Telling(
            PasskeyLimited,
            _("We stopped an attempt to log in with a passkey of yours, after too many failures."),
            is_warning=True,
        ),
        Telling(
            LoginRefused,
            _("Somebody gave the right password, while your account was frozen."),
            is_warning=True,
            by_factor={
                "passkey": _("Somebody used your passkey, while your account was frozen."),
            },
        ),
        Telling(
            LoginHeld,
            _(
                "Your password and a second factor were given in an unknown browser, which had to wait."
            ),
        ),
        Telling(LoginApproved, _("A login was approved with a mailed link.")),
        Telling(
            LoginDisowned,
            _("A login was refused with a mailed link: it was said not to be yours."),
            is_warning=True,
        ),
        Telling(
            LoggedIn,
            _("You logged in with ${credential}."),
            by_factor={
                "recovery": _("You logged in with a recovery code."),
                "totp": _("You logged in with a code of the authenticator app ${credential}."),
                "webauthn": _("You logged in with the security key ${credential}."),
                "passkey": _("You logged in with the passkey ${credential}, without a password."),
            },
            is_new_browser=in_new_browser,
        ),
        Telling(
            LoggedInRemembered,
            _("You logged in with your password, in a browser that is remembered."),
        ),
        Telling(
            LoggedInWithPassword,
            _("You logged in with your password alone."),
            is_new_browser=in_new_browser,
        ),
        Telling(
            SteppedUp,
            _("You showed again that it is you, with ${credential}."),
            by_factor={"recovery": _("You showed again that it is you, with a recovery code.")},
        ),
        Telling(LoggedOut, _("You logged out.")),
    ),
    Topic.PASSWORD: (
        Telling(
            PasswordBreached,
            _("Your password was found in a list of passwords stolen from other sites."),
            is_warning=True,
        ),
        Telling(PasswordChanged, _("You changed your password.")),
        Telling(PasswordResetAsked, _("Somebody asked for a link to reset your password.")),
        Telling(PasswordWasReset, _("Your password was reset with a mailed link.")),
    ),
    Topic.FACTORS: (
        Telling(TOTPEnrolled, _("You added the authenticator app ${label}.")),
        Telling(
            TOTPRevoked,
            _("The people who run this site made the authenticator app ${label} worthless."),
            is_warning=True,
        ),
        Telling(KeyRegistered, _("You added the security key ${label}.")),
        Telling(PasskeyRegistered, _("You added the passkey ${label}.")),
        Telling(
            PossibleCloneSeen,
            _(
                "The security key ${label} was stopped: its counter went back, so that somebody "
                "may have a copy of it."
            ),
            is_warning=True,
        ),
        Telling(FactorRemoved, _("You removed the second factor ${label}.")),
        Telling(FactorRenamed, _("You gave the second factor ${former_label} the name ${label}.")),
        Telling(RecoveryCodesGenerated, _("You made ${number} recovery codes.")),
        Telling(RecoveryCodesProved, _("You showed that your recovery codes are kept.")),
        Telling(
            RecoveryCodeRefused,
            _(
                "You entered something else than one of your recovery codes, to show that they are kept."
            ),
            is_warning=True,
        ),
        Telling(RecoveryCodeRedeemed, _("A recovery code was used; ${left} are left.")),
        Telling(
            RecoveryCodesRevoked,
            _("The people who run this site made your recovery codes worthless."),
            is_warning=True,
        ),
    ),
    Topic.ADDRESSES: (
        Telling(EmailClaimed, _("You gave the email address ${email}.")),
        Telling(EmailVerified, _("The email address ${email} was verified.")),
        Telling(EmailRemoved, _("You removed the email address ${email}.")),
        Telling(
            EmailDisowned,
            _("Whoever reads mail at ${email} said that this account is not theirs."),
            is_warning=True,
        ),
        Telling(
            EmailLapsed, _("Nobody verified the email address ${email} in time; it was dropped.")
        ),
        Telling(PrimaryEmailChanged, _("You made ${email} your primary address.")),
    ),
    Topic.SESSIONS: (
        Telling(OneSessionEnded, _("You ended a session in another browser.")),
        Telling(OtherSessionsEnded, _("You ended all other sessions: ${number}.")),
        Telling(
            SessionsEnded,
            _("The people who run this site ended all your sessions."),
            is_warning=True,
        ),
        Telling(
            DeviceRemembered,
            _("You had this browser remembered, so that it is asked for no second factor."),
        ),
        Telling(DeviceForgotten, _("You had a known browser forgotten.")),
    ),
    Topic.ACCOUNT: (
        Telling(AccountRegistered, _("The account ${username} was registered.")),
        Telling(AccountExported, _("You downloaded what this site keeps about you.")),
        Telling(
            AccountFrozen, _("The people who run this site froze your account."), is_warning=True
        ),
        Telling(AccountUnfrozen, _("The people who run this site let your account go on.")),
        Telling(AccountLapsed, _("The account ${username} was never verified, and ended.")),
        Telling(AccountDeleted, _("The account ${account} was deleted.")),
        Telling(
            NotMeSaid,
            _("Somebody who got a security notice said that it was not them; publishing is held."),
            is_warning=True,
        ),
        Telling(HoldLifted, _("You said that everything is in order; publishing goes on.")),
        Telling(ProbationEnded, _("You ended the probation of your account, with ${label}.")),
        Telling(
            HelpAsked,
            _("Somebody who reads mail at ${email} asked for help, because everything was lost."),
            is_warning=True,
        ),
        Telling(HelpWithdrawn, _("Requests for help with your account were withdrawn: ${number}.")),
        Telling(
            DatabaseRestored,
            _("This site was restored from a backup, and all sessions ended."),
            is_warning=True,
        ),
    ),
}
TELLINGS = {telling.event.tag: telling for several in BY_TOPIC.values() for telling in several}
