"""Removing what is the account's last protection from phishing: an act that is confirmed."""

from collections.abc import Mapping
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import AccountChanged
from warehouse_mfa.authz import Confirmed, IAct, Identity, Performed
from warehouse_mfa.factors.interfaces import (
    FactorCredential,
    IFactorChangeService,
    IFactorService,
)
from warehouse_mfa.i18n import _


@implementer(IAct)
class CredentialRemoval:
    """Its target is `<factor>/<id>`."""

    action = "account:factor:remove"
    sentence = _("Remove ${label}, your last protection from phishing")
    consequence = _(
        "From then on a page that only looks like ours can ask you for what is left, and use it. You "
        "stay logged in here; everywhere else you are logged out."
    )
    text = _("Remove it")
    route = "factors.manage"

    def __init__(self, factors: IFactorService, changes: IFactorChangeService) -> None:
        self._factors = factors
        self._changes = changes

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.find_service(IFactorService),
            request.find_service(IFactorChangeService),
        )

    def facts(self, identity: Identity, target: str) -> Mapping[str, Any] | None:
        credential = self._credential(identity, target)
        if credential is None:
            return None
        return {
            "factor": credential.factor,
            "credential_id": str(credential.id),
            "label": credential.label,
        }

    def perform(self, identity: Identity, target: str, confirmed: Confirmed) -> Performed:
        credential = self._credential(identity, target)
        if credential is None:
            raise AccountChanged
        event_id = self._changes.remove_confirmed(identity, credential, confirmed)
        return Performed(event_id, self.route, _("It is removed. All other sessions have ended."))

    def _credential(self, identity: Identity, target: str) -> FactorCredential | None:
        factor, _separator, id_ = target.partition("/")
        found: FactorCredential | None = self._factors.credential(
            identity.user_id, factor, UUID(id_)
        )
        return found
