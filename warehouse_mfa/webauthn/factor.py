"""Security keys as a second factor."""

from collections.abc import Callable
from typing import Any, Self

from pyramid.request import Request
from sqlalchemy import bindparam, func, select
from zope.interface import implementer

from warehouse_mfa.accounts.models import User
from warehouse_mfa.db import table_of
from warehouse_mfa.factors.interfaces import IFactor, Proof, Prover
from warehouse_mfa.i18n import _
from warehouse_mfa.webauthn.forms import AuthenticateForm
from warehouse_mfa.webauthn.interfaces import IWebAuthnService
from warehouse_mfa.webauthn.models import WebAuthnCredential

CREDENTIALS = table_of(WebAuthnCredential)
COUNT = (
    select(func.count())
    .select_from(CREDENTIALS)
    .where(CREDENTIALS.c.user_id == table_of(User).c.id)
    .correlate(table_of(User))
)


@implementer(IFactor)
class WebAuthnFactor:
    name = "webauthn"
    segment = "webauthn-authenticate"
    title = _("Security key")
    description = _(
        "A small device that you plug in or hold to your phone. A false site cannot trick it."
    )
    template = "webauthn/authenticate.html"
    form = AuthenticateForm
    budget = "webauthn"
    streak = None
    strength = 20
    is_phishing_resistant = True
    is_supplementary = False
    add_route = "webauthn.provision"
    add_text = _("Add a security key")
    enrolled = COUNT.scalar_subquery()
    usable = COUNT.where(CREDENTIALS.c.suspended_at.is_(None)).scalar_subquery()
    credentials = select(
        CREDENTIALS.c.id,
        CREDENTIALS.c.label,
        CREDENTIALS.c.created_at,
        CREDENTIALS.c.last_used_at,
        CREDENTIALS.c.suspended_at.is_not(None).label("is_suspended"),
        CREDENTIALS.c.is_backed_up,
    ).where(CREDENTIALS.c.user_id == bindparam("user_id"))
    table = CREDENTIALS

    def __init__(self, webauthn: Callable[[], IWebAuthnService]) -> None:
        """`webauthn` finds the service: most pages only name the factor."""
        self._webauthn = webauthn

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(lambda: request.find_service(IWebAuthnService))

    def begin(self, prover: Prover) -> dict[str, Any] | None:
        return self._webauthn().begin_authentication(prover)

    def complete(self, prover: Prover, answer: str) -> Proof:
        return self._webauthn().complete_authentication(prover, answer)
