"""The comparison itself: whatever is lost, revived or done by halves is found."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from dev.faults.agreement import compare, try_again
from dev.faults.client import Client
from dev.faults.outcome import Outcome
from dev.faults.people import Someone
from dev.faults.place import Place, opened


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A site that serves Alice, who has done all that people do."""
    with opened("sqlite") as place:
        place.serve()
        yield place


@pytest.fixture
def alice(place: Place) -> Someone:
    with place.engine.begin() as connection:
        connection.execute(text("PRAGMA foreign_keys=ON"))
        for table in ("notices", "event_private", "events", "mails", "users"):
            connection.execute(text(f"DELETE FROM {table}"))
    with Client(place.port, Outcome()) as client:
        alice = Someone("alice", client, place.mailed_link)
        alice.live()
    return alice


def found(place: Place, person: Someone, change: str) -> str:
    """Change the database behind the site's back; return what is found then."""
    with place.engine.begin() as connection:
        connection.execute(text(change))
    outcome = Outcome()
    compare(place.engine, [person], place.keys, outcome)
    try_again(place.port, person, outcome)
    return "\n".join(outcome.broken)


def test_nothing_is_found_when_nothing_is_wrong(place: Place, alice: Someone) -> None:
    assert found(place, alice, "SELECT 1") == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("DELETE FROM users", "“register” happened by halves"),
        ("UPDATE emails SET verified_at = NULL", "“verify” happened by halves"),
        ("DELETE FROM totp_applications", "“add Tablet” was acknowledged, and is not there"),
        ("UPDATE recovery_codes SET redeemed_at = NULL", "“log in” happened by halves"),
        ("DELETE FROM recovery_codes", "“make recovery codes” was acknowledged"),
        ("UPDATE pending_logins SET completed_at = NULL", "“log in” happened by halves"),
        (
            "UPDATE events SET tag = 'account:other' WHERE tag = 'account:logout'",
            "0 events account:logout",
        ),
        ("UPDATE totp_applications SET last_step = 0", "/account/two-factor/ answered 303"),
    ],
)
def test_what_is_lost_or_revived_is_found(
    place: Place, alice: Someone, change: str, sentence: str
) -> None:
    assert sentence in found(place, alice, change)
