"""Authenticator applications as a second factor."""

from collections.abc import Callable
from typing import Any, Self

from pyramid.request import Request
from sqlalchemy import Uuid, bindparam, cast, false, func, literal, select
from zope.interface import implementer

from warehouse_mfa.accounts.models import User
from warehouse_mfa.db import table_of
from warehouse_mfa.factors.interfaces import FactorCredential, IFactor, Proof, Prover
from warehouse_mfa.i18n import _
from warehouse_mfa.keys.interfaces import NO_KEY
from warehouse_mfa.totp.forms import AuthenticateForm
from warehouse_mfa.totp.interfaces import ITOTPService
from warehouse_mfa.totp.models import TOTPApplication

APPLICATIONS = table_of(TOTPApplication)
COUNT = (
    select(func.count())
    .select_from(APPLICATIONS)
    .where(APPLICATIONS.c.user_id == table_of(User).c.id)
    .correlate(table_of(User))
)


@implementer(IFactor)
class TOTPFactor:
    name = "totp"
    segment = "two-factor"
    title = _("Authenticator app")
    description = _(
        "An app on your phone or computer that shows a new six-digit code every 30 seconds."
    )
    template = "totp/authenticate.html"
    form = AuthenticateForm
    budget = "code"
    streak = "totp.streak"
    strength = 10
    is_phishing_resistant = False
    is_supplementary = False
    add_route = "totp.provision"
    add_text = _("Add an authenticator app")
    also_add = ()
    enrolled = COUNT.scalar_subquery()
    usable = COUNT.where(APPLICATIONS.c.key_id != NO_KEY).scalar_subquery()
    credentials = select(
        APPLICATIONS.c.id,
        APPLICATIONS.c.label,
        APPLICATIONS.c.created_at,
        APPLICATIONS.c.last_used_at,
        (APPLICATIONS.c.key_id == NO_KEY).label("is_suspended"),
        false().label("is_backed_up"),
        literal("").label("kind"),
        cast(None, Uuid).label("model"),
    ).where(APPLICATIONS.c.user_id == bindparam("user_id"))
    table = APPLICATIONS

    def __init__(self, totp: Callable[[], ITOTPService]) -> None:
        """`totp` finds the service: most pages only name the factor."""
        self._totp = totp

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(lambda: request.find_service(ITOTPService))

    def notes(self, credential: FactorCredential) -> list[Any]:
        return []

    def begin(self, prover: Prover) -> dict[str, Any] | None:
        return None

    def complete(self, prover: Prover, answer: str) -> Proof:
        return self._totp().verify(prover.user_id, answer)
