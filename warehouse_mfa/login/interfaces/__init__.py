"""Login: services, values, refusals, events."""

from warehouse_mfa.login.interfaces.events import (
    FactorFailed,
    FactorLimited,
    FactorWasStopped,
    LoggedIn,
    LoggedOut,
    LoginRefused,
    PasswordAccepted,
    PasswordChanged,
    PasswordFailed,
    PasswordLimited,
    PasswordResetAsked,
    PasswordWasReset,
    SteppedUp,
)
from warehouse_mfa.login.interfaces.login import (
    AccountIsFrozen,
    FactorOwed,
    FactorStopped,
    ILoginService,
    Interrupted,
    LoggedInSession,
    LoginAccount,
    PasswordRejected,
    PendingLogin,
    PendingLoginGone,
)
from warehouse_mfa.login.interfaces.passwords import (
    IPasswordChangeService,
    IPasswordResetService,
    IResetRequestService,
    PasswordReset,
)
from warehouse_mfa.login.interfaces.step_up import (
    IReauthenticationService,
)

__all__ = [
    "AccountIsFrozen",
    "FactorFailed",
    "FactorLimited",
    "FactorOwed",
    "FactorStopped",
    "FactorWasStopped",
    "ILoginService",
    "IPasswordChangeService",
    "IPasswordResetService",
    "IReauthenticationService",
    "IResetRequestService",
    "Interrupted",
    "LoggedIn",
    "LoggedInSession",
    "LoggedOut",
    "LoginAccount",
    "LoginRefused",
    "PasswordAccepted",
    "PasswordChanged",
    "PasswordFailed",
    "PasswordLimited",
    "PasswordRejected",
    "PasswordReset",
    "PasswordResetAsked",
    "PasswordWasReset",
    "PendingLogin",
    "PendingLoginGone",
    "SteppedUp",
]
