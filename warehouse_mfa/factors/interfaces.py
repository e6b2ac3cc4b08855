"""What a second factor is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from zope.interface import Attribute, Interface

from warehouse_mfa.authz import Identity
from warehouse_mfa.forms import Form
from warehouse_mfa.i18n import _


class FactorRejected(Exception):
    """The answer proves nothing. `message` may be shown; `reason` goes on record."""

    is_recorded = False
    """Whether the factor has recorded an event that says more."""

    def __init__(self, message: Any, reason: str) -> None:
        super().__init__(reason)
        self.message = message
        self.reason = reason


class FactorNotSetUp(FactorRejected):
    """The account does not have this factor."""

    def __init__(self) -> None:
        super().__init__(
            _("This account is not set up for this. Choose another way."), "not-set-up"
        )


@dataclass(frozen=True, slots=True)
class Prover:
    """Whose factor is to be proved, and on what occasion: answers to one do not serve another."""

    user_id: UUID
    security_epoch: int
    occasion: bytes
    """What a challenge is bound to: the pending login or the family of the session."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A factor was proved."""

    credential_id: UUID
    label: str
    is_user_verified: bool = False


@dataclass(frozen=True, slots=True)
class FactorCredential:
    """One application, key or set of codes, as pages list it."""

    factor: str
    id: UUID
    label: str
    created_at: datetime
    last_used_at: datetime | None
    is_suspended: bool
    is_backed_up: bool
    """It is kept somewhere else, too, as synchronized passkeys are."""


@dataclass(frozen=True, slots=True)
class FactorStatus:
    """A factor and what an account has of it."""

    factor: Any
    credentials: tuple[FactorCredential, ...]
    is_offered: bool = True
    """Whether this site takes more of them: not a phishable one where only the others count."""

    @property
    def is_enrolled(self) -> bool:
        return any(not credential.is_suspended for credential in self.credentials)


@dataclass(frozen=True, slots=True)
class HeldFactors:
    """The factors of an account, strongest first."""

    enrolled: tuple[Any, ...]
    """While there is one, a password alone opens nothing."""
    usable: tuple[Any, ...]
    """Those that may log in: a suspended key is enrolled and not usable."""


class FactorForm(Form):
    """Base of the forms that factors bring."""

    @property
    def answer(self) -> str:
        """What was typed, or what the browser's ceremony gave."""
        raise AttributeError("a factor's form says what its answer is")


class IFactor(Interface):
    """A second factor. One instance serves one request; attributes are the same for all.

    A package of its own can bring one: implement this, then `config.add_factor`.
    """

    name = Attribute("Short name, in sessions and events: totp.")
    segment = Attribute("Path segment of its step in a login: two-factor.")
    title = Attribute("Marked string: Authenticator app.")
    description = Attribute("Marked string: one sentence on what it is.")
    template = Attribute("Template with its part of the login page.")
    form = Attribute("Form class, a `FactorForm`.")
    budget = Attribute("Rate limiters of its failures: `<budget>.user` and `<budget>.device`.")
    strength = Attribute("Greater is stronger; 20 and above resists phishing.")
    is_phishing_resistant = Attribute("Whether its answer is bound to our origin.")
    add_route = Attribute("Route of the page that adds one.")
    add_text = Attribute("Marked string on the button that leads there.")
    enrolled = Attribute("SQL: how many there are, a scalar subquery correlated with users.id.")
    usable = Attribute("SQL: how many of them may log in, likewise; a suspended one may not.")
    credentials = Attribute(
        "SQL: a SELECT of id, label, created_at, last_used_at, is_suspended, is_backed_up; "
        "bind `user_id`."
    )

    def begin(prover: Prover) -> dict[str, Any] | None:
        """Return the options of a ceremony as JSON, or `None` for a factor that has none.

        :raises FactorNotSetUp: when the account does not have this factor.
        """

    def complete(prover: Prover, answer: str) -> Proof:
        """Check an answer and use it up, so that it proves once.

        It may commit what was done before. :raises FactorRejected: when it proves nothing.
        """


class IFactorService(Interface):
    """Which factors there are, and which an account has."""

    def all() -> list[Any]:
        """Return every factor, strongest first."""

    def by_segment(segment: str) -> Any | None:
        """Return the factor of a path segment."""

    def held_by(user_id: UUID) -> HeldFactors:
        """Return the factors of an account."""

    def columns() -> list[Any]:
        """Return SQL that tells what the account of users.id has, for a SELECT of somebody's own."""

    def held(counts: Sequence[int]) -> HeldFactors:
        """Return what the values of `columns` say."""

    def statuses(user_id: UUID) -> list[FactorStatus]:
        """Return every factor with the account's credentials."""

    def added(identity: Identity, factor: str) -> None:
        """The account has just gained a credential, which proves the factor for this session.

        Ends all other sessions and whatever rests on the old state, and renews this session.

        :raises AccountChanged: when something else changed the account meanwhile.
        """
