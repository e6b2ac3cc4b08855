"""`keys list`, `rotate`, `drop`: what they print, what they refuse, and what stays as it was."""

import json

import pytest
from sqlalchemy import Engine, text

from tests.common.shell import Shell
from tests.common.site import KEYS, NEWER_KEYS, Site


@pytest.fixture
def rotating(clerk: Shell, engine: Engine, database_url: str) -> Shell:
    """A shell with a newer key before the old one; Alice has an app that hangs on the old one."""
    site = Site(database_url)
    site.person("alice", totp=True)
    site.close()
    clerk.settings["secret_keys"] = f"{NEWER_KEYS},{KEYS}"
    return clerk


def key_ids(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT key_id FROM totp_applications")))


def test_keys_are_listed_with_what_hangs_on_them(rotating: Shell) -> None:
    listed = rotating.run("keys", "list").stdout
    rows = json.loads(rotating.run("keys", "list", "--json").stdout)

    assert listed == "newer\tcurrent\tno rows\ntest\tolder\ttotp_applications: 1\n"
    assert rows == [
        {"key_id": "newer", "is_current": True, "is_in_ring": True, "rows": {}},
        {
            "key_id": "test",
            "is_current": False,
            "is_in_ring": True,
            "rows": {"totp_applications": 1},
        },
    ]


def test_a_key_that_is_missing_is_listed_as_such(rotating: Shell) -> None:
    rotating.settings["secret_keys"] = NEWER_KEYS

    assert rotating.run("keys", "list").stdout.splitlines()[1] == (
        "test\tnot in the ring\ttotp_applications: 1"
    )


def test_a_rotation_says_what_it_did_and_then_the_old_key_can_go(
    rotating: Shell, engine: Engine
) -> None:
    said = rotating.run("keys", "rotate").stdout
    dropped = rotating.run("keys", "drop", "test").stdout

    assert said == "totp_applications: 1 encrypted under the current key.\n"
    assert dropped == (
        "No row hangs on test. Take the entry test:… out of WAREHOUSE_MFA_SECRET_KEYS, "
        "and restart every `serve` and `worker`.\n"
    )
    assert key_ids(engine) == ["newer"]


def test_a_rotation_tells_of_rows_that_do_not_open(rotating: Shell, engine: Engine) -> None:
    rotating.settings["secret_keys"] = NEWER_KEYS

    result = rotating.run("keys", "rotate", status=1)

    assert result.stdout == "totp_applications: 0 encrypted under the current key.\n"
    assert result.stderr == (
        "Error: Rows that do not open with the key that they name, and are as they were: 1. "
        "`warehouse-mfa keys list` shows whether it is in the ring.\n"
    )
    assert key_ids(engine) == ["test"]


def test_a_key_with_rows_is_not_dropped(rotating: Shell, engine: Engine) -> None:
    assert rotating.fail("keys", "drop", "test") == (
        "Rows hang on the key test (totp_applications: 1). `warehouse-mfa keys rotate` moves what "
        "can be moved; --revoke makes the rest worthless."
    )
    assert key_ids(engine) == ["test"]


def test_rows_of_a_key_are_revoked_when_asked_for(rotating: Shell, engine: Engine) -> None:
    said = rotating.run("keys", "drop", "test", "--revoke").stdout

    assert said.splitlines()[0] == "totp_applications: 1 revoked, told by mail."
    assert "Take the entry test:… out of WAREHOUSE_MFA_SECRET_KEYS" in said
    assert key_ids(engine) == [""]


@pytest.mark.parametrize("more", [(), ("--revoke",)], ids=["drop", "revoke"])
@pytest.mark.parametrize(
    ("key_id", "sentence"),
    [
        ("newer", "newer is the current key. Put another one before it, restart, and try again."),
        ("nobody", "There is no key nobody."),
    ],
)
def test_a_key_that_cannot_go_is_not_dropped(
    rotating: Shell, engine: Engine, key_id: str, sentence: str, more: tuple[str, ...]
) -> None:
    rotating.run("keys", "rotate")

    assert rotating.fail("keys", "drop", key_id, *more) == sentence
    assert key_ids(engine) == ["newer"]


def test_no_command_shows_a_key(rotating: Shell) -> None:
    said = "".join(
        rotating.run("keys", *words).output
        for words in (("list",), ("list", "--json"), ("rotate",), ("drop", "test"))
    )

    for entry in (NEWER_KEYS, KEYS):
        assert entry.partition(":")[2] not in said
