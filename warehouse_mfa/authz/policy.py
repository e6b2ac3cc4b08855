"""The security policy: asks each source who it is, then the tables, then the resource's ACL."""

from pyramid.authorization import ACLHelper, Authenticated, Everyone
from pyramid.config import Configurator
from pyramid.interfaces import ISecurityPolicy
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.security import Allowed, PermitsResult
from zope.interface import implementer

from warehouse_mfa.authz.interfaces import (
    Denial,
    Identity,
    IFactorPolicy,
    IIdentitySource,
    Refusal,
)
from warehouse_mfa.authz.permissions import (
    CREDENTIALS,
    FOR_ANYBODY,
    REQUIREMENTS,
    Requirement,
)
from warehouse_mfa.settings import SecondFactorPolicy

KEPT = "warehouse_mfa_identity"
"""In the request itself: its environment outlives it when a request is retried."""


def add_identity_source(config: Configurator, source: IIdentitySource) -> None:
    """Join a source; they are asked in the order of their joining, the first answer counts."""
    config.action(
        ("identity source", type(source)),
        lambda: config.registry["identity_sources"].append(source),
    )


@implementer(ISecurityPolicy)
class SecurityPolicy:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._acl = ACLHelper()

    def _ask_sources(self, request: Request) -> Identity | None:
        for source in self._registry["identity_sources"]:
            identity: Identity | None = source.identity(request)
            if identity is not None:
                return identity
        return None

    def identity(self, request: Request) -> Identity | None:
        kept: dict[str, Identity | None] = request.__dict__
        if KEPT not in kept:
            kept[KEPT] = self._ask_sources(request)
        return kept[KEPT]

    def known_identity(self, request: Request) -> Identity | None:
        """Return who is asking if that was asked before: for pages that must not query."""
        known: Identity | None = request.__dict__.get(KEPT)
        return known

    def forget_identity(self, request: Request) -> None:
        """Ask the sources again: this request has just changed who is asking."""
        request.__dict__.pop(KEPT, None)

    def authenticated_userid(self, request: Request) -> str | None:
        identity = self.identity(request)
        return str(identity.user_id) if identity else None

    def permits(self, request: Request, context: object, permission: str) -> PermitsResult:
        identity = self.identity(request)
        if permission not in FOR_ANYBODY:
            reason = self._shortcoming(request, identity, permission)
            if reason is not None:
                return Refusal(reason)
        allowed = self._acl.permits(context, self._principals(identity), permission)
        if isinstance(allowed, Allowed):
            return allowed
        return Refusal(getattr(context, "denial", Denial.FORBIDDEN))

    def _shortcoming(
        self, request: Request, identity: Identity | None, permission: str
    ) -> Denial | None:
        if identity is None:
            return Denial.NOT_LOGGED_IN
        if identity.credential not in CREDENTIALS.get(permission, frozenset()):
            return Denial.FORBIDDEN
        required = REQUIREMENTS[permission]
        if Requirement.VERIFIED in required and not identity.is_verified:
            return Denial.NOT_VERIFIED
        if Requirement.FACTOR in required and not self._has_factor(request, identity):
            return Denial.NO_FACTOR
        return None

    def _has_factor(self, request: Request, identity: Identity) -> bool:
        policy: SecondFactorPolicy = self._registry["settings"].second_factor
        if policy is SecondFactorPolicy.OPTIONAL:
            return True
        if identity.factor is None or policy is SecondFactorPolicy.REQUIRED:
            return identity.factor is not None
        return bool(request.find_service(IFactorPolicy).counts(identity.factor))

    def _principals(self, identity: Identity | None) -> list[str]:
        if identity is None:
            return [Everyone]
        return [Everyone, Authenticated, f"user:{identity.user_id}"]

    def remember(self, request: Request, userid: str, **kw: object) -> list[tuple[str, str]]:
        """Return no headers: sessions set their own cookie when they start."""
        return []

    def forget(self, request: Request, **kw: object) -> list[tuple[str, str]]:
        """Return no headers: sessions clear their own cookie when they end."""
        return []
