"""Who may do what: one policy over all sources of identity, one enum of permissions.

A view names the permission that it needs; without a name it needs `Permission.ACCOUNT_READ`, so that
a page somebody forgot to guard is closed. Pages for everybody say `NO_PERMISSION_REQUIRED`.
"""

from pyramid.config import Configurator

from warehouse_mfa.authz.acts import (
    ActRefused,
    Confirmed,
    IAct,
    IActionConfirmation,
    NothingConfirms,
    Performed,
    SessionIsReduced,
)
from warehouse_mfa.authz.administrators import idle_of, step_up_window_of
from warehouse_mfa.authz.interfaces import (
    CredentialKind,
    Denial,
    Identity,
    IFactorPolicy,
    IIdentitySource,
    IStepUpService,
    Refusal,
)
from warehouse_mfa.authz.permissions import Permission
from warehouse_mfa.authz.policy import SecurityPolicy, add_identity_source
from warehouse_mfa.authz.probation import Cause, IProbation, OnProbation, Probation
from warehouse_mfa.authz.step_up import StepUpRequired

__all__ = [
    "ActRefused",
    "Cause",
    "Confirmed",
    "CredentialKind",
    "Denial",
    "IAct",
    "IActionConfirmation",
    "IFactorPolicy",
    "IIdentitySource",
    "IProbation",
    "IStepUpService",
    "Identity",
    "NothingConfirms",
    "OnProbation",
    "Performed",
    "Permission",
    "Probation",
    "Refusal",
    "SessionIsReduced",
    "StepUpRequired",
    "idle_of",
    "step_up_window_of",
]


def includeme(config: Configurator) -> None:
    config.registry["identity_sources"] = []
    config.add_directive("add_identity_source", add_identity_source)
    policy = SecurityPolicy(config.registry)
    config.registry["security_policy"] = policy
    config.set_security_policy(policy)
    config.include(".step_up")
    config.include(".acts")
    config.include(".probation")
    config.set_default_permission(Permission.ACCOUNT_READ)
