"""A frozen account: nothing that was open stays open, and a stranger learns nothing."""

import json
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from pyramid.config import Configurator
from zope.interface import implementer

from tests.common.answers import Face, face, refusals
from tests.common.clock import FrozenClock
from tests.common.people import Person
from tests.common.registering import NEWTON, register
from tests.common.site import Site
from tests.common.visitor import KEY, PROVISION_TOTP, TWO_FACTOR, Visitor
from tests.common.watching import hashes, statements
from warehouse_mfa.accounts.interfaces import (
    FrozenAlready,
    IAccountStateService,
    IUserService,
    NotFrozen,
)
from warehouse_mfa.crypto import IPasswordHasher, PasswordHasher, PasswordMatch
from warehouse_mfa.crypto.passwords import HashParameters

LOGIN = "/account/login/"
LANDING = "/manage/account/"
WRONG = "The username or the password is not right."
FROZEN = (
    "This account is frozen, so that nobody can log in to it. Ask the people who run this site."
)

# Of every row, as if it had been made after the change.
PRESENT_EPOCH = "SET security_epoch = (SELECT security_epoch FROM users WHERE id = {}.user_id)"


def id_of(site: Site, username: str) -> UUID:
    with site.scope() as request:
        user_id: UUID = request.find_service(IUserService).account_by_username(username).user_id
        return user_id


def freeze(site: Site, username: str = "alice") -> None:
    with site.scope() as request:
        request.find_service(IAccountStateService).freeze(id_of(site, username))


def unfreeze(site: Site, username: str = "alice") -> None:
    with site.scope() as request:
        request.find_service(IAccountStateService).unfreeze(id_of(site, username))


def end_sessions(site: Site, username: str = "alice") -> None:
    with site.scope() as request:
        request.find_service(IAccountStateService).end_sessions(id_of(site, username))


def is_logged_in(visitor: Visitor) -> bool:
    return bool(visitor.get(LANDING).status_int == 200)


def fail(site: Site, name: str, address: str) -> Face:
    """Give a wrong password for a name, from a new browser; return what the answer shows."""
    person = Person(name, clock=site.clock)
    return face(
        site.visitor(address).give_password(person, password="wrong horse", status=422), name
    )


# Logging in


@pytest.mark.attack("P-010")
def test_a_wrong_password_looks_the_same_for_a_frozen_account(
    site: Site, user_with_totp: Person, user_with_key: Person
) -> None:
    freeze(site)

    faces = [
        fail(site, name, f"198.51.100.{number}")
        for number, name in enumerate(("alice", "alice@example.org", "bob", "nobody42"))
    ]

    assert len(set(faces)) == 1
    assert faces[0].status == 422
    assert site.tags()[-4:] == ["account:password:failed"] * 4


@pytest.mark.attack("P-010")
def test_a_wrong_password_takes_the_same_statements_and_one_hash_for_a_frozen_account(
    site: Site, user_with_totp: Person, user_with_key: Person
) -> None:
    freeze(site)
    fail(site, "warm-up", "198.51.100.1")
    work = []

    for name in ("alice", "bob", "nobody42"):
        form = site.visitor().form(LOGIN, "login-form")
        form["username"], form["password"] = name, "wrong horse"
        with statements(site) as sent, hashes() as computed:
            form.submit(status=422)
        work.append((sent, computed))

    assert work[0][1] == ["m=8,t=1,p=1"]
    assert all(done == work[0] for done in work)


@pytest.mark.attack("P-010")
@pytest.mark.parametrize("factor", ["none", "totp", "key"])
def test_the_right_password_is_told_why_it_opens_nothing(site: Site, factor: str) -> None:
    person = site.person("alice", totp=factor == "totp", key=factor == "key")
    freeze(site)
    before, visitor = site.tags(), site.visitor()
    sessions = site.value("SELECT count(*) FROM sessions")
    pending = site.value("SELECT count(*) FROM pending_logins")

    refused = visitor.give_password(person, status=422)

    assert refusals(refused) == [FROZEN]
    assert (visitor.cookie("session"), visitor.cookie("login")) == (None, None)
    assert site.value("SELECT count(*) FROM sessions") == sessions
    assert site.value("SELECT count(*) FROM pending_logins") == pending
    assert site.tags()[len(before) :] == ["account:login:refused"]


@pytest.mark.attack("P-010")
def test_right_passwords_of_a_frozen_account_count_as_attempts(
    site: Site, user_with_totp: Person
) -> None:
    freeze(site)

    statuses = [
        site.visitor(f"198.51.100.{n}").give_password(user_with_totp, status="*").status_int
        for n in range(11)
    ]

    assert statuses == [422] * 10 + [429]


def test_an_unfrozen_account_logs_in_as_before(site: Site, user_with_totp: Person) -> None:
    freeze(site)
    unfreeze(site)
    visitor = site.visitor()

    visitor.log_in(user_with_totp)

    assert is_logged_in(visitor)


# What was open


@pytest.mark.attack("P-104")
@pytest.mark.parametrize("change", [freeze, end_sessions])
def test_a_session_ends_with_its_next_request(
    site: Site,
    visitor: Visitor,
    user_with_totp: Person,
    mallory: Person,
    change: Callable[[Site], None],
) -> None:
    visitor.log_in(user_with_totp)
    other = site.visitor(address="198.51.100.7")
    other.log_in(mallory)

    change(site)

    assert visitor.get(LANDING).location.startswith(f"{site.origin}{LOGIN}")
    assert is_logged_in(other)


@pytest.mark.attack("P-104")
@pytest.mark.parametrize("change", [freeze, end_sessions])
def test_a_pending_login_ends_with_its_next_request(
    site: Site, visitor: Visitor, user_with_totp: Person, change: Callable[[Site], None]
) -> None:
    visitor.give_password(user_with_totp)
    form = visitor.form(TWO_FACTOR, "totp-auth-form")
    form["totp_value"] = user_with_totp.code()

    change(site)
    answer = form.submit(status=303)

    assert LOGIN in answer.location
    assert visitor.cookie("session") is None


@pytest.mark.attack("P-104")
def test_an_assertion_under_way_proves_nothing_once_the_account_is_frozen(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.give_password(user_with_key)
    options = visitor.get(f"{KEY}/options", status=200).json
    token = visitor.csrf_token("/account/webauthn-authenticate/")
    credential = user_with_key.key.get(options, site.origin)

    freeze(site, "bob")
    fields = {"credential": json.dumps(credential), "csrf_token": token}
    visitor.post(f"{KEY}/validate", fields, headers={"Accept": "application/json"}, status=401)

    assert visitor.cookie("session") is None


@pytest.mark.attack("P-104")
def test_an_enrollment_under_way_is_lost_with_the_session(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    form = visitor.form(PROVISION_TOTP, "totp-provision-form")

    freeze(site)
    form.submit(status="*")

    assert site.value("SELECT count(*) FROM totp_applications") == 1


def test_a_session_is_none_however_it_came_about(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    """Such as one that a release started which knows nothing of frozen accounts."""
    visitor.log_in(user_with_totp)
    freeze(site)
    site.change(f"UPDATE sessions {PRESENT_EPOCH.format('sessions')}")

    while_frozen = is_logged_in(visitor)
    unfreeze(site)

    assert not while_frozen
    assert not is_logged_in(visitor)


def test_a_pending_login_is_none_however_it_came_about(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)
    freeze(site)
    site.change(f"UPDATE pending_logins {PRESENT_EPOCH.format('pending_logins')}")

    answer = visitor.get(TWO_FACTOR)

    assert LOGIN in answer.location


@implementer(IPasswordHasher)
class InterruptedHasher:
    """A hasher during whose work somebody else acts, once."""

    def __init__(self) -> None:
        self.acts: list[Callable[[], None]] = []
        self._hasher = PasswordHasher(HashParameters(8, 1, 1), FrozenClock())

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def verify(self, password: str, stored: str | None) -> PasswordMatch:
        match = self._hasher.verify(password, stored)
        if self.acts:
            self.acts.pop()()
        return match


@pytest.fixture
def hasher() -> InterruptedHasher:
    return InterruptedHasher()


@pytest.fixture
def interrupted(site: Site, database_url: str, hasher: InterruptedHasher) -> Iterator[Site]:
    """The site with that hasher."""

    class InterruptedSite(Site):
        def _extend(self, config: Configurator) -> None:
            super()._extend(config)
            config.register_service(hasher, IPasswordHasher)

    interrupted = InterruptedSite(database_url, site.origin)
    yield interrupted
    interrupted.close()


@pytest.mark.parametrize("factor", [False, True], ids=["session", "pending login"])
@pytest.mark.parametrize("again", [False, True], ids=["frozen", "unfrozen"])
def test_a_login_whose_password_is_being_hashed_opens_nothing(
    interrupted: Site, hasher: InterruptedHasher, factor: bool, again: bool
) -> None:
    person = interrupted.person("alice", totp=factor)
    hasher.acts.append(lambda: freeze(interrupted))
    visitor = interrupted.visitor()

    visitor.give_password(person)
    if again:
        unfreeze(interrupted)

    for path in (LANDING, PROVISION_TOTP, TWO_FACTOR):
        assert visitor.get(path).status_int == 303
    assert hasher.acts == []


@pytest.mark.parametrize("again", [False, True], ids=["frozen", "unfrozen"])
def test_a_mailed_link_of_before_verifies_nothing(
    site: Site, visitor: Visitor, again: bool
) -> None:
    register(site.visitor(address="198.51.100.2"))
    (mail,) = site.mails(to=NEWTON["email"])

    freeze(site, "newton")
    if again:
        unfreeze(site, "newton")
    visitor.get(mail.link, status=303)
    visitor.get("/account/verify-email/", status=410)

    assert site.value("SELECT verified_at FROM emails") is None


def test_the_name_and_the_address_of_a_frozen_account_stay_taken(
    site: Site, user_with_totp: Person
) -> None:
    freeze(site)

    refused = register(site.visitor(), status=422, username="Alice")
    register(site.visitor(), username="other", email=user_with_totp.address)

    assert refusals(refused) == ["This username is taken. Choose another one."]
    assert site.value("SELECT count(*) FROM emails WHERE verified_at IS NOT NULL") == 1


# The trail and the mails


@pytest.mark.attack("P-105")
def test_each_change_is_recorded_once_and_told_at_every_verified_address(
    site: Site, user_with_totp: Person
) -> None:
    before = len(site.tags()), len(site.mails())

    freeze(site)
    unfreeze(site)
    end_sessions(site)

    assert site.tags()[before[0] :] == [
        "account:frozen",
        "account:unfrozen",
        "account:sessions:ended",
    ]
    assert [(mail.to, mail.subject) for mail in site.mails()[before[1] :]] == [
        ("alice@example.org", "Your account was frozen"),
        ("alice@example.org", "Your account can be used again"),
        ("alice@example.org", "You were logged out everywhere"),
    ]
    for mail in site.mails()[before[1] :]:
        for text in (mail.text, mail.html):
            assert "alice" in text
            assert "/.well-known/security.txt" in text
            assert "unknown" not in text
        assert "\n\n\n" not in mail.text


def test_what_is_so_already_is_refused_and_leaves_no_trace(
    site: Site, user_with_totp: Person
) -> None:
    freeze(site)
    before = site.tags()

    with pytest.raises(FrozenAlready):
        freeze(site)
    unfreeze(site)
    with pytest.raises(NotFrozen):
        unfreeze(site)

    assert site.tags() == [*before, "account:unfrozen"]
