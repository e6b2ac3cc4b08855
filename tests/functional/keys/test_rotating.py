"""A newer key: what hangs on the older one moves over, or is made worthless and its people told."""

from base64 import b32decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor
from warehouse_mfa.accounts.interfaces import IUserService
from warehouse_mfa.crypto import IKeyRing
from warehouse_mfa.db import Base, IUnitOfWork
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.keys.interfaces import (
    IKeyedTable,
    IKeyService,
    ISealedTable,
    KeyInUse,
    KeyIsCurrent,
    KeyUsage,
    NoSuchKey,
    Rotation,
)
from warehouse_mfa.totp.sealed_secrets import TOTPSecrets

LANDING = "/manage/account/"
SEALED = "SELECT sealed_secret, key_id FROM totp_applications ORDER BY id"
TABLE = "totp_applications"
NEW = {"new": b"written meanwhile"}


def usage(site: Site) -> list[KeyUsage]:
    with site.scope() as request:
        found: list[KeyUsage] = request.find_service(IKeyService).usage()
        return found


def rotate(site: Site) -> list[Rotation]:
    """Rotate, and return what became of the secrets of applications."""
    with site.scope() as request:
        done: list[Rotation] = request.find_service(IKeyService).rotate()
        return [rotation for rotation in done if rotation.table == TABLE]


def revoke(site: Site, key_id: str) -> dict[str, int]:
    with site.scope() as request:
        revoked: dict[str, int] = request.find_service(IKeyService).revoke(key_id)
        return revoked


def release(site: Site, key_id: str) -> None:
    with site.scope() as request:
        request.find_service(IKeyService).release(key_id)


def logs_in(site: Site, person: Person) -> bool:
    """Tell whether somebody gets in with password and code."""
    visitor = site.visitor()
    person.clock = site.clock
    visitor.give_password(person)
    visitor.give_code(person.code(), status="*")
    return bool(visitor.get(LANDING).status_int == 200)


# Looking


def test_each_key_is_listed_with_what_hangs_on_it(
    user_with_totp: Person, mallory: Person, rotated: Site
) -> None:
    assert usage(rotated) == [
        KeyUsage("newer", is_current=True, is_in_ring=True, rows={}),
        KeyUsage("test", is_current=False, is_in_ring=True, rows={TABLE: 2}),
    ]


def test_a_key_that_only_rows_know_is_listed_last(user_with_totp: Person, stripped: Site) -> None:
    assert usage(stripped) == [
        KeyUsage("newer", is_current=True, is_in_ring=True, rows={}),
        KeyUsage("test", is_current=False, is_in_ring=False, rows={TABLE: 1}),
    ]


# Moving


def test_after_a_rotation_people_log_in_without_the_old_key(
    user_with_totp: Person, rotated: Site, stripped: Site
) -> None:
    before = rotated.rows(SEALED)

    done = rotate(rotated)

    ((sealed, key_id),) = rotated.rows(SEALED)
    assert done == [Rotation(TABLE, resealed=1, unreadable=0, left=0)]
    assert key_id == "newer"
    assert bytes(sealed) != bytes(before[0][0])
    assert b32decode(user_with_totp.codes[0]) not in bytes(sealed)
    release(rotated, "test")
    assert logs_in(stripped, user_with_totp)


def test_a_rotation_spends_and_revives_nothing_and_leaves_no_trace(
    site: Site, visitor: Visitor, user_with_totp: Person, rotated: Site
) -> None:
    visitor.log_in(user_with_totp)
    state = "SELECT last_step, last_used_at, user_id, label FROM totp_applications"
    before, tags = rotated.rows(state), rotated.tags()

    rotate(rotated)

    assert rotated.rows(state) == before
    assert rotated.tags() == tags
    assert visitor.get(LANDING).status_int == 200


def test_a_rotation_that_was_stopped_goes_on_where_it_was(
    site: Site, user_with_totp: Person, mallory: Person, rotated: Site
) -> None:
    with rotated.scope() as request:
        table = request.find_service(IKeyedTable, name=TABLE)
        batch = table.reseal(None, 1)
        request.find_service(IUnitOfWork).commit()
    assert batch.resealed == 1
    first = rotated.rows(SEALED)

    done = rotate(rotated)

    assert done == [Rotation(TABLE, resealed=1, unreadable=0, left=0)]
    assert rotated.rows(SEALED)[0] == first[0]
    assert rotate(rotated) == [Rotation(TABLE, resealed=0, unreadable=0, left=0)]


def test_a_rotation_goes_through_more_than_one_batch(
    site: Site, user_with_totp: Person, rotated: Site
) -> None:
    """Rows of one secret under other ids do not open; each is seen once and left as it is."""
    for number in range(250):
        site.change(
            "INSERT INTO totp_applications (id, user_id, label, label_key, sealed_secret, key_id,"
            " last_step, created_at) SELECT :id, user_id, :label, :label, sealed_secret, key_id,"
            " last_step, created_at FROM totp_applications WHERE label = 'Phone'",
            id=f"{number:032x}",
            label=f"copy {number}",
        )

    done = rotate(rotated)

    assert done == [Rotation(TABLE, resealed=1, unreadable=250, left=250)]
    assert site.value("SELECT count(*) FROM totp_applications WHERE key_id = 'test'") == 250


def test_two_rotations_at_once_leave_every_secret_readable(
    user_with_totp: Person, mallory: Person, rotated: Site, stripped: Site
) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: rotate(rotated), range(2)))

    assert sum(rotation.resealed for rotations in done for rotation in rotations) >= 2
    assert logs_in(stripped, user_with_totp)


def test_a_secret_that_is_replaced_meanwhile_is_left_alone(
    user_with_totp: Person, rotated: Site
) -> None:
    """The statement that writes compares: what was read before it may be old."""
    with rotated.scope() as request:

        def replace() -> None:
            request.db.execute(text("UPDATE totp_applications SET sealed_secret = :new"), NEW)

        keys = InterruptedRing(request.find_service(IKeyRing), replace)
        users, events = request.find_service(IUserService), request.find_service(IEventService)
        batch = TOTPSecrets(request.db, keys, users, events).reseal(None, 10)

    assert (batch.resealed, batch.unreadable) == (0, 0)
    assert [tuple(row) for row in rotated.rows(SEALED)] == [(NEW["new"], "test")]


class InterruptedRing:
    """A key ring at whose work somebody else acts, after a value was read and opened."""

    def __init__(self, keys: IKeyRing, act: Callable[[], None]) -> None:
        self._keys = keys
        self._act = act
        self.current_id = keys.current_id
        self.open = keys.open

    def seal(self, purpose: str, plaintext: bytes, *, bound_to: bytes) -> bytes:
        self._act()
        sealed: bytes = self._keys.seal(purpose, plaintext, bound_to=bound_to)
        return sealed


def test_secrets_that_do_not_open_are_counted(
    user_with_totp: Person, mallory: Person, rotated: Site
) -> None:
    rotated.change(
        "UPDATE totp_applications SET sealed_secret = :new"
        " WHERE user_id = (SELECT id FROM users WHERE username = 'mallory')",
        **NEW,
    )

    with rotated.scope() as request:
        table = request.find_service(IKeyedTable, name=TABLE)
        counted = [table.unreadable(most) for most in (0, 100)]

    assert counted == [0, 1]


# Letting go


def test_a_key_with_rows_is_not_let_go(user_with_totp: Person, rotated: Site) -> None:
    with pytest.raises(KeyInUse, match=r"Rows hang on the key test \(totp_applications: 1\)\."):
        release(rotated, "test")


def test_the_current_key_is_not_let_go_and_not_revoked(site: Site, user_with_totp: Person) -> None:
    before = site.rows(SEALED)

    for act in (release, revoke):
        with pytest.raises(KeyIsCurrent):
            act(site, "test")

    assert site.rows(SEALED) == before


def test_a_key_that_nobody_knows_is_not_let_go(site: Site, user_with_totp: Person) -> None:
    for act in (release, revoke):
        for key_id in ("nobody", "", "%"):
            with pytest.raises(NoSuchKey):
                act(site, key_id)


@pytest.mark.parametrize("which", ["rotated", "stripped"])
def test_revoking_a_key_makes_its_secrets_worthless_and_tells_their_people(
    site: Site,
    visitor: Visitor,
    user_with_totp: Person,
    which: str,
    request: pytest.FixtureRequest,
) -> None:
    later: Site = request.getfixturevalue(which)
    visitor.log_in(user_with_totp)
    tags, mails = len(later.tags()), len(later.mails())

    revoked = revoke(later, "test")

    assert revoked == {TABLE: 1}
    assert [tuple(row) for row in later.rows(SEALED)] == [(b"", "")]
    assert later.tags()[tags:] == ["account:totp:revoked"]
    (mail,) = later.mails()[mails:]
    assert (mail.to, mail.subject) == (
        "alice@example.org",
        "An authenticator app of yours was revoked",
    )
    assert "Phone" in mail.text
    assert visitor.get(LANDING).status_int == 303
    assert all(not key.rows for key in usage(later))


@pytest.mark.attack("P-015")
def test_the_password_alone_opens_nothing_once_the_app_was_revoked(
    site: Site, user_with_totp: Person, rotated: Site
) -> None:
    revoke(rotated, "test")
    visitor = rotated.visitor()

    visitor.give_password(user_with_totp)
    page = visitor.get("/account/two-factor/", status=200)

    assert visitor.cookie("session") is None
    assert "None of your second factors can be used any more." in page.text
    assert "totp-auth-form" not in page.forms


def test_another_factor_still_logs_in_and_the_revoked_app_is_shown_as_such(
    site: Site, mallory: Person, rotated: Site
) -> None:
    revoke(rotated, "test")
    visitor = rotated.visitor()
    mallory.clock = rotated.clock

    visitor.give_password(mallory)
    visitor.give_key(mallory)
    page = visitor.get("/manage/account/two-factor/", status=200)

    assert page.html.select_one(".factor-totp .credential-suspended") is not None
    assert page.html.select_one(".factor-webauthn .credential-suspended") is None


def test_revoking_leaves_what_hangs_on_another_key(
    site: Site, user_with_totp: Person, rotated: Site
) -> None:
    rotate(rotated)
    site.person("bob", totp=True)

    revoked = revoke(rotated, "test")

    assert revoked == {TABLE: 1}
    assert logs_in(rotated, user_with_totp)
    assert [key_id for _, key_id in rotated.rows(SEALED)] == ["newer", ""]


def test_the_tables_that_hang_on_keys_say_which_kind_they_are(site: Site) -> None:
    with site.scope() as request:
        tables = {
            name: ISealedTable.providedBy(request.find_service(IKeyedTable, name=name))
            for name in site.registry["keyed_tables"]
        }

    assert tables == {TABLE: True, "recovery_codes": False}


def test_every_table_with_a_key_id_has_joined(site: Site) -> None:
    """A new table with the column fails here until it says what becomes of its rows."""
    named = {table.name for table in Base.metadata.sorted_tables if "key_id" in table.columns}
    assert named == set(site.registry["keyed_tables"])
