"""`audit`: evidence is written to a file, and checked with the database and without."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from tests.common.shell import Shell
from tests.common.site import Site

WHOLE = "whole: a key signed these facts."


@pytest.fixture
def bob_is_gone(clerk: Shell, engine: Engine, database_url: str) -> UUID:
    """The event of Bob's having deleted his account, confirmed with his key."""
    site = Site(database_url)
    bob, visitor = site.person("bob", key=True), site.visitor()
    visitor.log_in(bob)
    visitor.confirm(visitor.ask_to_delete(bob), bob, status=200)
    event_id = UUID(str(site.value("SELECT event_id FROM evidence")))
    site.close()
    return event_id


def change(engine: Engine, statement: str, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def test_the_evidence_of_the_database_is_whole(clerk: Shell, bob_is_gone: UUID) -> None:
    said = clerk.run("audit", "verify-evidence").stdout
    (row,) = json.loads(clerk.run("audit", "verify-evidence", "--json").stdout)

    assert said == f"{bob_is_gone}: {WHOLE}\nNothing is wrong. Checked: 1.\n"
    facts = json.loads(row.pop("facts"))
    assert (facts["action"], facts["target"]["account"]) == ("account:delete", "bob")
    assert row == {
        "event_id": str(bob_is_gone),
        "factor": "webauthn",
        "is_signed": True,
        "failures": [],
    }


def test_a_file_is_checked_without_database_and_settings(
    clerk: Shell, bare: Shell, bob_is_gone: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "bob.json"
    file.write_text(clerk.run("audit", "evidence", str(bob_is_gone)).stdout, encoding="utf-8")

    said = bare.run("audit", "verify-evidence", str(file)).stdout

    assert said.startswith(f"{bob_is_gone}: {WHOLE}\n")


def test_a_file_that_somebody_changed_is_told(
    clerk: Shell, bare: Shell, bob_is_gone: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "bob.json"
    written = clerk.run("audit", "evidence", str(bob_is_gone)).stdout
    file.write_text(written.replace("bob", "eve"), encoding="utf-8")

    told = bare.run("audit", "verify-evidence", str(file), status=1)

    assert told.stdout == (
        f"{bob_is_gone}: What was signed does not hold the SHA-256 of the facts.\n"
    )
    assert told.stderr == "Error: 1 piece of evidence is wrong.\n"


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "UPDATE evidence SET signature = public_key",
            "The signature is not that of the key.",
        ),
        (
            "UPDATE events SET actor_id = NULL WHERE tag = 'account:deleted'",
            "The event says that somebody else did it.",
        ),
        (
            'UPDATE events SET facts = \'{"credential_id": "", "public_key": ""}\''
            " WHERE tag = 'account:webauthn:registered'",
            "No key that whoever did it registered has this public key.",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(
    clerk: Shell, engine: Engine, bob_is_gone: UUID, statement: str, sentence: str
) -> None:
    change(engine, statement)

    told = clerk.run("audit", "verify-evidence", status=1)

    assert told.stdout == f"{bob_is_gone}: {sentence}\n"


def test_a_code_proves_nothing_by_itself(clerk: Shell, engine: Engine, bob_is_gone: UUID) -> None:
    change(
        engine,
        "UPDATE evidence SET factor = 'totp', credential_id = NULL, public_key = NULL,"
        " client_data = NULL, authenticator_data = NULL, signature = NULL",
    )

    said = clerk.run("audit", "verify-evidence").stdout

    assert "proves nothing by itself" in said


def test_an_event_without_evidence_is_told(clerk: Shell) -> None:
    told = clerk.fail("audit", "evidence", str(UUID(int=1)))

    assert told == "There is no evidence of such an event."


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "warehouse_mfa evidence 1"}'])
def test_a_file_that_holds_none_is_told(bare: Shell, tmp_path: Path, content: str) -> None:
    file = tmp_path / "none.json"
    file.write_text(content, encoding="utf-8")

    assert bare.fail("audit", "verify-evidence", str(file)) == f"{file} holds no evidence."


def test_a_file_that_is_not_there_is_told(bare: Shell, tmp_path: Path) -> None:
    file = tmp_path / "nowhere.json"

    assert bare.fail("audit", "verify-evidence", str(file)).startswith(f"{file} cannot be read: ")
