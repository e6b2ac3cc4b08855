"""Recovery codes as a way in when the other factors are lost."""

from collections.abc import Callable
from typing import Any, Self

from pyramid.request import Request
from sqlalchemy import Uuid, bindparam, cast, false, func, literal, select
from zope.interface import implementer

from warehouse_mfa.accounts.models import User
from warehouse_mfa.db import table_of
from warehouse_mfa.factors.interfaces import FactorCredential, IFactor, Proof, Prover
from warehouse_mfa.i18n import _
from warehouse_mfa.recovery.forms import RedeemForm
from warehouse_mfa.recovery.interfaces import IRecoveryCodeService
from warehouse_mfa.recovery.models import RecoveryCode

CODES = table_of(RecoveryCode)


@implementer(IFactor)
class RecoveryFactor:
    name = "recovery"
    segment = "recovery-code"
    title = _("Recovery code")
    description = _(
        "Eight codes to keep on paper or in a password manager. Each lets you in once when your "
        "phone or key is lost."
    )
    template = "recovery/redeem.html"
    form = RedeemForm
    budget = "code"
    streak = None
    strength = 5
    is_phishing_resistant = False
    is_supplementary = True
    add_route = "recovery.manage"
    add_text = _("Recovery codes")
    also_add = ()
    # Alone they are no factor: an account with codes only owes no second one.
    enrolled = literal(0)
    usable = (
        select(func.count())
        .select_from(CODES)
        .where(CODES.c.user_id == table_of(User).c.id, CODES.c.redeemed_at.is_(None))
        .correlate(table_of(User))
        .scalar_subquery()
    )
    # One for each code that is left.
    credentials = select(
        CODES.c.id,
        literal("").label("label"),
        CODES.c.created_at,
        CODES.c.redeemed_at.label("last_used_at"),
        false().label("is_suspended"),
        CODES.c.proved_at.is_not(None).label("is_backed_up"),
        literal("").label("kind"),
        cast(None, Uuid).label("model"),
    ).where(CODES.c.user_id == bindparam("user_id"), CODES.c.redeemed_at.is_(None))
    table = None

    def __init__(self, codes: Callable[[], IRecoveryCodeService]) -> None:
        """`codes` finds the service: most pages only name the factor."""
        self._codes = codes

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(lambda: request.find_service(IRecoveryCodeService))

    def notes(self, credential: FactorCredential) -> list[Any]:
        return []

    def begin(self, prover: Prover) -> dict[str, Any] | None:
        return None

    def complete(self, prover: Prover, answer: str) -> Proof:
        return self._codes().redeem(prover.user_id, answer)
