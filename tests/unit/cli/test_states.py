"""`user freeze`, `unfreeze`, `end-sessions`: what they print, and what they refuse."""

import json

import pytest
from sqlalchemy import Engine, text

from tests.common.shell import Shell

ALICE = ("--username", "Alice", "--email", "alice@example.org", "--verified")


def tags(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT tag FROM events ORDER BY id")))[2:]


def epoch(engine: Engine) -> int:
    with engine.connect() as connection:
        found: int = connection.scalar(text("SELECT security_epoch FROM users")) or 0
        return found


@pytest.fixture
def frozen(clerk: Shell, engine: Engine) -> Shell:
    """A shell; Alice is frozen."""
    clerk.run("user", "create", *ALICE)
    clerk.run("user", "freeze", "alice")
    return clerk


def test_a_frozen_account_is_shown_as_frozen(frozen: Shell) -> None:
    shown = json.loads(frozen.run("user", "show", "alice", "--json").stdout)
    listed = frozen.run("user", "list").stdout

    assert shown["frozen_at"] is not None
    assert listed == "Alice\talice@example.org\tverified, frozen\n"


def test_each_command_says_what_it_did_and_leaves_its_trace(clerk: Shell, engine: Engine) -> None:
    clerk.run("user", "create", *ALICE)

    said = [clerk.run("user", word, "ALICE").stdout for word in ("freeze", "unfreeze")]
    said.append(clerk.run("user", "end-sessions", "alice").stdout)

    assert said == [
        "Froze Alice: its sessions, pending logins and mailed links ended.\n",
        "Unfroze Alice: its people can log in again.\n",
        "Ended every session, pending login and mailed link of Alice.\n",
    ]
    assert tags(engine) == ["account:frozen", "account:unfrozen", "account:sessions:ended"]
    assert epoch(engine) == 3


def test_sessions_of_a_frozen_account_can_be_ended_once_more(frozen: Shell, engine: Engine) -> None:
    frozen.run("user", "end-sessions", "alice")

    assert epoch(engine) == 2
    assert json.loads(frozen.run("user", "show", "alice", "--json").stdout)["frozen_at"]


def test_what_is_so_already_is_told_and_changes_nothing(frozen: Shell, engine: Engine) -> None:
    twice = frozen.fail("user", "freeze", "alice")
    frozen.run("user", "unfreeze", "alice")
    again = frozen.fail("user", "unfreeze", "alice")

    assert twice == "This account is frozen already."
    assert again == "This account is not frozen."
    assert tags(engine) == ["account:frozen", "account:unfrozen"]


@pytest.mark.parametrize("word", ["freeze", "unfreeze", "end-sessions"])
def test_nobody_is_not_frozen(clerk: Shell, engine: Engine, word: str) -> None:
    assert clerk.fail("user", word, "nobody") == "There is no account nobody."
