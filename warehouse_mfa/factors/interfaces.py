"""What a second factor is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from zope.interface import Attribute, Interface

from warehouse_mfa.authz import Confirmed, Identity
from warehouse_mfa.events.interfaces import Event
from warehouse_mfa.evidence.interfaces import Signed
from warehouse_mfa.forms import LONGEST_LABEL, Form, HiddenField
from warehouse_mfa.i18n import _

FEW = 2
"""So many codes left, or fewer, are few."""


def label_key(label: str) -> str:
    """Return what two labels of one account must not share."""
    return label.casefold()[:LONGEST_LABEL]


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


class LastFactor(Exception):
    """The account must keep a second factor that may log in."""

    message = _("This is your last second factor. Add another one first, then remove this one.")


class ConfirmationOwed(Exception):
    """Without it nothing of the account resists phishing: `CredentialRemoval` must be confirmed."""


class LabelInUse(Exception):
    """Another credential of the account has that name."""

    message = _("You have another one with this name. Choose a different one.")


@dataclass(frozen=True, slots=True)
class Prover:
    """Whose factor is to be proved, and on what occasion: answers to one do not serve another."""

    user_id: UUID
    security_epoch: int
    occasion: bytes
    """What a challenge is bound to: the pending login, the family of the session, or the link."""
    facts: bytes | None = None
    """SHA-256 of the facts of an act that is confirmed; `None` where only presence is proved."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A factor was proved."""

    credential_id: UUID
    label: str
    is_user_verified: bool = False
    signed: Signed | None = None
    """The answer that confirmed facts, of a factor that signs."""


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
    """It is kept somewhere else, too: a synchronized passkey, a code whose set was typed in again."""
    kind: str
    """Which of several kinds of its factor it is; empty where there is one kind."""
    model: UUID | None
    """AAGUID of the authenticator that keeps it: a hint for a name, never for a decision."""


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

    @property
    def is_changeable(self) -> bool:
        """Whether there are pages to rename and to remove one."""
        return self.factor.table is not None

    @property
    def is_proved(self) -> bool:
        """Whether all of them are kept somewhere else, too."""
        return all(credential.is_backed_up for credential in self.credentials)

    @property
    def is_low(self) -> bool:
        """Whether few are left of what is used up when it helps."""
        return self.factor.is_supplementary and 0 < len(self.credentials) <= FEW


@dataclass(frozen=True, slots=True)
class HeldFactors:
    """The factors of an account, strongest first."""

    enrolled: tuple[Any, ...]
    """While there is one, a password alone opens nothing."""
    usable: tuple[Any, ...]
    """Those that may log in: a suspended key is enrolled and not usable. Nor is what does not count
    here, once the account has something that counts; but what helps when all else is lost is."""

    def is_reduced_by(self, factor: Any) -> bool:
        """Tell whether a session that proved `factor` proved less than this account could."""
        return any(one.strength > factor.strength for one in self.usable)


@dataclass(frozen=True, slots=True)
class FactorRemoved(Event):
    tag: ClassVar[str] = "account:factor:removed"
    removed: str
    """Name of the factor."""
    label: str
    is_reduced: bool
    """The session had proved a factor below the account's strongest."""


@dataclass(frozen=True, slots=True)
class FactorRenamed(Event):
    tag: ClassVar[str] = "account:factor:renamed"
    renamed: str
    """Name of the factor."""
    label: str
    former_label: str


class FactorForm(Form):
    """Base of the forms that factors bring."""

    answer_field = ""
    """Name of the field that holds the answer."""

    @property
    def answer(self) -> str:
        """What was typed, or what the browser's ceremony gave."""
        return str(self[self.answer_field].data)

    def refuse_answer(self, message: str) -> None:
        """Put the message of a refusal on the answer, or on the form when people do not see it."""
        is_hidden = isinstance(self[self.answer_field], HiddenField)
        self.refuse(None if is_hidden else self.answer_field, message)


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
    streak = Attribute(
        "Streak limiter that stops it after too many failures in a row; None where guessing is vain."
    )
    strength = Attribute("Greater is stronger; 20 and above resists phishing.")
    is_phishing_resistant = Attribute("Whether its answer is bound to our origin.")
    is_supplementary = Attribute(
        "Whether it only helps when the others are lost, as recovery codes do: alone it is no factor."
    )
    add_route = Attribute("Route of the page that adds one.")
    add_text = Attribute("Marked string on the button that leads there.")
    also_add = Attribute(
        "Other kinds that the same page adds: pairs of its query, a dict, and a marked string."
    )
    enrolled = Attribute("SQL: how many there are, a scalar subquery correlated with users.id.")
    usable = Attribute("SQL: how many of them may log in, likewise; a suspended one may not.")
    credentials = Attribute(
        "SQL: a SELECT of id, label, created_at, last_used_at, is_suspended, is_backed_up, kind, "
        "model, named as in `FactorCredential`; bind `user_id`."
    )
    table = Attribute(
        "SQL: the table of its credentials, with id, user_id, label and label_key, by which pages "
        "rename and remove one; None for a factor whose own page does."
    )

    def notes(credential: FactorCredential) -> list[Any]:
        """Return what pages say of a credential beside its label: marked strings, and names."""

    def begin(prover: Prover) -> dict[str, Any] | None:
        """Return the options of a ceremony as JSON, or `None` for a factor that has none.

        Where the prover has facts, what will be signed holds them.

        :raises FactorNotSetUp: when the account does not have this factor.
        """

    def complete(prover: Prover, answer: str) -> Proof:
        """Check an answer and use it up, so that it proves once.

        Where the prover has facts, a factor that signs refuses an answer to others, and the proof
        brings what was signed.

        It may commit what was done before. :raises FactorRejected: when it proves nothing.
        """


class IFactorService(Interface):
    """Which factors there are, and which an account has."""

    def all() -> list[Any]:
        """Return every factor, strongest first."""

    def named(name: str) -> Any:
        """Return the factor of that name. :raises LookupError: when there is none."""

    def by_segment(segment: str) -> Any | None:
        """Return the factor of a path segment."""

    def held_by(user_id: UUID) -> HeldFactors:
        """Return the factors of an account. :raises AccountChanged: when there is none any more."""

    def is_outdone(user_id: UUID, name: str) -> bool:
        """Tell whether a factor does not count here, while the account has one that does."""

    def columns() -> list[Any]:
        """Return SQL that tells what the account of users.id has, for a SELECT of somebody's own."""

    def held(counts: Sequence[int]) -> HeldFactors:
        """Return what the values of `columns` say."""

    def statuses(user_id: UUID) -> list[FactorStatus]:
        """Return every factor with the account's credentials."""

    def credential(user_id: UUID, factor: str, credential_id: UUID) -> FactorCredential | None:
        """Return one credential of the account, `None` when it has no such one."""


class IFactorChangeService(Interface):
    """Changes which factors an account has, and what follows for its sessions."""

    def added(identity: Identity, factor: str) -> None:
        """The account has just gained a credential, which proves the factor for this session.

        :raises AccountChanged: as `changed`.
        """

    def changed(identity: Identity) -> None:
        """Something that the account's security rests on has just changed.

        Ends all other sessions and whatever rests on the old state, and renews this session.

        :raises AccountChanged: when something else changed the account meanwhile.
        """

    def remove(identity: Identity, credential: FactorCredential) -> None:
        """Remove a credential. One that may log in must be left where a second factor is required.

        :raises LastFactor: when none would be; :raises ConfirmationOwed: when none that resists
        phishing would be. Nothing was removed then.
        :raises AccountChanged: as `changed`.
        """

    def remove_confirmed(
        identity: Identity, credential: FactorCredential, confirmed: Confirmed
    ) -> UUID:
        """Remove a credential, though nothing may be left that resists phishing.

        Return the id of the event. :raises LastFactor: :raises AccountChanged: as `remove`.
        """

    def rename(identity: Identity, credential: FactorCredential, label: str) -> None:
        """Call a credential something else. :raises LabelInUse: when another one is called that.

        :raises AccountChanged: when it was removed meanwhile.
        """

    def route_after_adding(user_id: UUID) -> str:
        """Return the route of the page that helps most after a factor was added."""
