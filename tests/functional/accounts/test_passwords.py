"""A password is taken exactly as it was typed, whatever it is made of, and never too much of it."""

import io
import time
import unicodedata
from typing import Any

import pytest

from tests.common.answers import face, refusals
from tests.common.people import Person
from tests.common.registering import NEWTON, REGISTER, register
from tests.common.site import Site
from tests.common.visitor import Visitor
from tests.common.watching import hashes

LONG = "Tundra kelp 7 marmots, quartz & " * 4 + "end."
UNICODE = "pä ß \U0001d54f wörd… Å"
MEBIBYTE = 1024 * 1024
GROWING = "\ufdfa" * 300  # 18 characters each in NFKC


def newcomer(site: Site, password: str) -> Person:
    """Register Newton with a password, from another browser."""
    register(site.visitor(address="192.0.2.99"), new_password=password)
    return Person("newton", clock=site.clock, password=password)


@pytest.mark.attack("P-008")
def test_the_exact_password_works(site: Site, visitor: Visitor) -> None:
    person = newcomer(site, LONG)

    answer = visitor.give_password(person)

    assert answer.location.endswith("/manage/account/")


@pytest.mark.attack("P-008")
@pytest.mark.parametrize(
    "typed",
    [
        LONG[:72],
        LONG[:64],
        LONG[:-1],
        LONG.upper(),
        LONG.lower(),
        " " + LONG,
        LONG + " ",
        LONG + "\n",
    ],
    ids=["cut-72", "cut-64", "cut-1", "upper", "lower", "blank-before", "blank-after", "newline"],
)
def test_what_is_almost_the_password_does_not_work(
    site: Site, visitor: Visitor, typed: str
) -> None:
    person = newcomer(site, LONG)

    visitor.give_password(person, password=typed, status=422)

    assert site.tags()[-1] == "account:password:failed"


@pytest.mark.attack("P-008")
def test_blanks_around_a_password_are_part_of_it(site: Site, visitor: Visitor) -> None:
    person = newcomer(site, f"  {LONG[:40]}  ")

    visitor.give_password(person, password=person.password.strip(), status=422)
    visitor.give_password(person, status=303)

    assert site.tags()[1:] == ["account:password:failed", "account:password:accepted"]


@pytest.mark.attack("P-008")
def test_a_password_with_nul_in_it_is_refused_with_a_message(site: Site, visitor: Visitor) -> None:
    newcomer(site, LONG)
    fields = {"username": "newton", "password": LONG[:20] + "\0" + LONG[20:]}

    with hashes() as computed:
        refused = visitor.post_form("/account/login/", fields, status=400)

    assert "A field holds a character that cannot be part of a text." in refused
    assert computed == []


@pytest.mark.attack("P-008")
def test_the_strength_of_the_longest_password_is_judged_in_no_time(
    site: Site, visitor: Visitor
) -> None:
    started = time.process_time()

    register(visitor, new_password="a1" * 2048, status=422)

    assert time.process_time() - started < 1


@pytest.mark.attack("P-009")
@pytest.mark.parametrize(("registered", "typed"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_password_works_however_the_system_composes_its_characters(
    site: Site, visitor: Visitor, registered: str, typed: str
) -> None:
    password = unicodedata.normalize(registered, UNICODE)
    other = unicodedata.normalize(typed, UNICODE)
    person = newcomer(site, password)
    assert password != other

    visitor.give_password(person, password=other)

    assert site.tags()[-1] == "account:password:accepted"


@pytest.mark.attack("P-009")
def test_the_length_of_a_password_counts_code_points(site: Site, visitor: Visitor) -> None:
    # Seven code points are 14 UTF-16 units and 28 bytes.
    refused = register(visitor, new_password="🜁🜂🜃🜄🝆🝊🜹", status=422)

    assert refusals(refused) == ["Use at least 8 characters."]


@pytest.mark.attack("P-007")
@pytest.mark.parametrize(("length", "status"), [(4097, 422), (MEBIBYTE, 413), (20 * MEBIBYTE, 413)])
def test_an_oversized_password_at_login_is_refused_without_hashing(
    site: Site, visitor: Visitor, user_with_totp: Person, length: int, status: int
) -> None:
    fields = {"username": "alice", "password": "x" * length}
    before = site.tags()

    with hashes() as computed:
        visitor.post_form("/account/login/", fields, status=status)

    assert computed == []
    assert site.tags() == before


@pytest.mark.attack("P-007")
def test_a_password_that_grows_too_long_by_normalization_is_refused_without_hashing(
    visitor: Visitor, user_with_totp: Person
) -> None:
    with hashes() as computed:
        refused = visitor.give_password(user_with_totp, password=GROWING, status=422)

    assert refusals(refused) == ["Use at most 4096 characters."]
    assert computed == []


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_a_password_that_grows_too_long_counts_and_is_recorded_once(
    site: Site, visitor: Visitor, user_with_totp: Person, name: str
) -> None:
    before = site.tags()

    for _ in range(10):
        visitor.give_password(user_with_totp, username=name, password=GROWING, status=422)
    visitor.give_password(user_with_totp, username=name, status=429)

    limited = ["account:password:limited"]
    assert site.tags()[len(before) :] == ["account:password:failed"] * 10 + limited


@pytest.mark.attack("P-001")
def test_a_password_that_grows_too_long_tells_nothing_about_the_name(
    site: Site, user_with_totp: Person
) -> None:
    faces = {
        face(
            site.visitor().give_password(
                user_with_totp, username=name, password=GROWING, status=422
            ),
            name,
        )
        for name in ("alice", "nobody", "alice@example.org", "nobody@example.org")
    }

    assert len(faces) == 1


@pytest.mark.attack("P-007")
@pytest.mark.parametrize(("length", "status"), [(4097, 422), (MEBIBYTE, 413), (20 * MEBIBYTE, 413)])
def test_an_oversized_password_at_registration_is_refused_without_hashing(
    site: Site, visitor: Visitor, length: int, status: int
) -> None:
    password = "x" * length
    fields = {**NEWTON, "new_password": password, "password_confirm": password}

    with hashes() as computed:
        visitor.post_form(REGISTER, fields, status=status)

    assert computed == []
    assert site.value("SELECT count(*) FROM users") == 0


@pytest.mark.attack("P-007")
def test_a_body_without_a_length_is_not_read_to_its_end(visitor: Visitor) -> None:
    body = Endless()

    visitor.request(
        "/account/login/",
        method="POST",
        environ={
            "wsgi.input": body,
            "wsgi.input_terminated": True,
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": "",
        },
        status=413,
    )

    assert body.given <= 128 * 1024


class Endless(io.RawIOBase):
    """A body that never ends, sent in chunks without a length."""

    given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.given += len(buffer)
        buffer[:] = b"x" * len(buffer)
        return len(buffer)

    def readall(self) -> bytes:
        raise AssertionError("somebody wants all of it")
