"""Security keys and passkeys as a second factor."""

from collections.abc import Callable
from typing import Any, Self

from pyramid.request import Request
from sqlalchemy import bindparam, case, func, select
from zope.interface import implementer

from warehouse_mfa.accounts.models import User
from warehouse_mfa.db import table_of
from warehouse_mfa.factors.interfaces import FactorCredential, IFactor, Proof, Prover
from warehouse_mfa.i18n import _
from warehouse_mfa.webauthn.authenticators import name_of
from warehouse_mfa.webauthn.forms import AuthenticateForm
from warehouse_mfa.webauthn.interfaces import IWebAuthnService, Kind
from warehouse_mfa.webauthn.models import WebAuthnCredential

CREDENTIALS = table_of(WebAuthnCredential)
COUNT = (
    select(func.count())
    .select_from(CREDENTIALS)
    .where(CREDENTIALS.c.user_id == table_of(User).c.id)
    .correlate(table_of(User))
)

KINDS = {Kind.KEY.value: _("Security key"), Kind.PASSKEY.value: _("Passkey")}
ON_ONE_DEVICE = _("Not backed up: it is lost with its device.")


@implementer(IFactor)
class WebAuthnFactor:
    name = "webauthn"
    segment = "webauthn-authenticate"
    title = _("Security key or passkey")
    description = _(
        "A security key is a small device that you plug in or hold to your phone. A passkey is kept "
        "by your phone, your computer or a password manager, and logs you in without a password. A "
        "false site cannot trick either."
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
    also_add = (({"kind": Kind.PASSKEY.value}, _("Add a passkey")),)
    enrolled = COUNT.scalar_subquery()
    usable = COUNT.where(CREDENTIALS.c.suspended_at.is_(None)).scalar_subquery()
    credentials = select(
        CREDENTIALS.c.id,
        CREDENTIALS.c.label,
        CREDENTIALS.c.created_at,
        CREDENTIALS.c.last_used_at,
        CREDENTIALS.c.suspended_at.is_not(None).label("is_suspended"),
        CREDENTIALS.c.is_backed_up,
        case((CREDENTIALS.c.is_passkey, Kind.PASSKEY.value), else_=Kind.KEY.value).label("kind"),
        CREDENTIALS.c.aaguid.label("model"),
    ).where(CREDENTIALS.c.user_id == bindparam("user_id"))
    table = CREDENTIALS

    def __init__(self, webauthn: Callable[[], IWebAuthnService]) -> None:
        """`webauthn` finds the service: most pages only name the factor."""
        self._webauthn = webauthn

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(lambda: request.find_service(IWebAuthnService))

    def notes(self, credential: FactorCredential) -> list[Any]:
        maker = name_of(credential.model) if credential.model else None
        notes = [KINDS[credential.kind], *([maker] if maker else [])]
        if credential.kind == Kind.PASSKEY and not credential.is_backed_up:
            notes.append(ON_ONE_DEVICE)
        return notes

    def begin(self, prover: Prover) -> dict[str, Any] | None:
        return self._webauthn().begin_authentication(prover)

    def complete(self, prover: Prover, answer: str) -> Proof:
        return self._webauthn().complete_authentication(prover, answer)
