"""The secret of an app in the database: encrypted, bound to its row, on a key that it names."""

from base64 import b32decode

import pytest

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor

SEALED = "SELECT sealed_secret, key_id FROM totp_applications ORDER BY id"
EVERYTHING = """
    SELECT CAST(facts AS TEXT) FROM events
    UNION ALL SELECT value FROM event_private
    UNION ALL SELECT text FROM mails
    UNION ALL SELECT html FROM mails
"""


def is_logged_in(visitor: Visitor) -> bool:
    return bool(visitor.get("/manage/account/").status_int == 200)


@pytest.mark.attack("P-052")
def test_the_secret_is_encrypted_and_names_its_key(site: Site, user_with_totp: Person) -> None:
    ((sealed, key_id),) = site.rows(SEALED)

    (secret,) = user_with_totp.codes
    assert key_id == "test"
    assert b32decode(secret) not in bytes(sealed)
    assert secret.encode() not in bytes(sealed)


def test_the_secret_is_in_no_event_and_no_mail(site: Site, user_with_totp: Person) -> None:
    (secret,) = user_with_totp.codes

    texts = [str(text) for (text,) in site.rows(EVERYTHING)]

    assert any("Phone" in text for text in texts)
    assert not any(secret in text or b32decode(secret).hex() in text for text in texts)


def test_two_apps_with_one_secret_would_be_sealed_differently(
    site: Site, user_with_totp: Person, mallory: Person
) -> None:
    (first, _), (second, _) = site.rows(SEALED)

    assert len(bytes(first)) == len(bytes(second))
    assert bytes(first)[:20] != bytes(second)[:20]


# Moved to another row


def copy_secret(site: Site, source: str, target: str) -> None:
    """Put the sealed secret of one account's app into the row of another's."""
    (sealed,) = site.rows(
        "SELECT sealed_secret FROM totp_applications JOIN users ON users.id = user_id"
        " WHERE username = :name",
        name=source,
    )[0]
    site.change(
        "UPDATE totp_applications SET sealed_secret = :sealed"
        " WHERE user_id = (SELECT id FROM users WHERE username = :name)",
        sealed=sealed,
        name=target,
    )


def test_a_secret_moved_to_another_account_opens_nothing(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    copy_secret(site, source="mallory", target="alice")
    visitor.give_password(user_with_totp)

    visitor.give_code(mallory.code(), status=422)
    visitor.give_code(user_with_totp.code(), status=422)

    assert not is_logged_in(visitor)


def test_a_secret_moved_to_another_app_of_the_account_opens_nothing(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    setting_up = site.visitor()
    setting_up.log_in(user_with_totp)
    site.clock.advance(seconds=60)
    setting_up.enroll_totp(user_with_totp, "Tablet")
    site.clock.advance(seconds=60)
    (phone, _), _ = site.rows(SEALED)
    site.change(
        "UPDATE totp_applications SET sealed_secret = :sealed, last_step = 0"
        " WHERE label = 'Tablet'",
        sealed=phone,
    )
    code = user_with_totp.code(application=0)
    visitor.give_password(user_with_totp)

    visitor.give_code(user_with_totp.code(application=1), status=422)
    visitor.give_code(code)
    other = site.visitor()
    other.give_password(user_with_totp)
    other.give_code(code, status=422)

    assert is_logged_in(visitor)
    assert not is_logged_in(other)


@pytest.mark.parametrize(
    "sealed",
    [b"", b"\x00", b"\x04test", b"\x04test" + bytes(12), b"\x04test" + bytes(48), b"\xff" * 60],
    ids=["empty", "no key", "key only", "no text", "zeros", "junk"],
)
def test_a_secret_that_was_overwritten_opens_nothing(
    site: Site, visitor: Visitor, user_with_totp: Person, sealed: bytes
) -> None:
    site.change("UPDATE totp_applications SET sealed_secret = :sealed", sealed=sealed)
    visitor.give_password(user_with_totp)

    visitor.give_code(user_with_totp.code(), status=422)

    assert not is_logged_in(visitor)


def test_the_right_code_still_counts_as_a_failure_when_its_secret_does_not_open(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    site.change("UPDATE totp_applications SET sealed_secret = :sealed", sealed=b"")
    visitor.give_password(user_with_totp)

    for _ in range(5):
        visitor.give_code(user_with_totp.code(), status=422)

    visitor.give_code(user_with_totp.code(), status=429)


# Under another key ring


def test_a_secret_opens_after_the_key_was_rotated(user_with_totp: Person, rotated: Site) -> None:
    visitor = rotated.visitor()
    user_with_totp.clock = rotated.clock

    visitor.log_in(user_with_totp)

    assert is_logged_in(visitor)


def test_a_new_secret_names_the_newest_key(user_with_totp: Person, rotated: Site) -> None:
    visitor = rotated.visitor()
    user_with_totp.clock = rotated.clock
    visitor.log_in(user_with_totp)
    rotated.clock.advance(seconds=60)

    visitor.enroll_totp(user_with_totp, "Tablet")

    assert [key_id for _, key_id in rotated.rows(SEALED)] == ["test", "newer"]


def test_a_secret_whose_key_was_dropped_opens_nothing(
    user_with_totp: Person, stripped: Site
) -> None:
    visitor = stripped.visitor()
    user_with_totp.clock = stripped.clock
    visitor.give_password(user_with_totp)

    visitor.give_code(user_with_totp.code(), status=422)

    assert not is_logged_in(visitor)
