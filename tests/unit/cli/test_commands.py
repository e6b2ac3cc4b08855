"""Every command: its help, what it prints, its exit status, and one line when it cannot."""

import json
import re
import signal
import socket
from collections.abc import Iterator

import click
import pytest
from sqlalchemy import Engine, text

from tests.common.clock import FrozenClock
from tests.common.people import PASSWORD
from tests.common.shell import Shell, commands
from tests.common.site import KEYS
from warehouse_mfa import __version__
from warehouse_mfa.cli import main
from warehouse_mfa.crypto import PasswordHasher
from warehouse_mfa.crypto.keys import parse_keys
from warehouse_mfa.crypto.passwords import HashParameters
from warehouse_mfa.db import create_engine, migrations, schema

HEAD = schema.head_revision()


@pytest.fixture
def database(shell: Shell) -> Iterator[Engine]:
    """The database of the shell, with the schema of this release."""
    engine = create_engine(shell.settings["database_url"])
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


def value(engine: Engine, statement: str) -> object:
    with engine.connect() as connection:
        return connection.scalar(text(statement))


# All of them


@pytest.mark.parametrize(("words", "command"), [((), main), *commands()])
def test_every_command_has_help_for_all_that_it_takes(
    words: tuple[str, ...], command: click.Command, bare: Shell
) -> None:
    for option in ("--help", "-h"):
        result = bare.run(*words, option)
        assert result.stdout.startswith("Usage: ")
        assert result.stderr == ""

    assert command.help
    assert command.help.rstrip().endswith((".", "nothing."))


def test_the_version_is_that_of_the_package(bare: Shell) -> None:
    assert bare.run("--version").stdout == f"warehouse-mfa, version {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("db", "nonsense"),
        ("serve", "--port", "http"),
        ("serve", "--port", "65536"),
        ("serve", "--port", "-1"),
        ("serve", "extra"),
        ("worker", "--concurrency", "0"),
        ("user", "create", "--username", "alice"),
        ("user", "show"),
        ("db", "downgrade"),
        ("keys", "generate", "--nonsense"),
    ],
)
def test_what_is_typed_wrong_is_answered_with_status_2(words: tuple[str, ...], bare: Shell) -> None:
    result = bare.run(*words, status=2)

    assert result.stdout == ""
    assert "Error: " in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("serve",),
        ("worker",),
        ("db", "upgrade"),
        ("db", "current"),
        ("db", "check"),
        ("db", "downgrade", "base"),
        ("db", "restored"),
        ("keys", "list"),
        ("keys", "rotate"),
        ("keys", "drop", "test"),
        ("user", "freeze", "alice"),
        ("user", "list"),
        ("user", "show", "alice"),
        ("user", "create", "--username", "alice", "--email", "alice@example.org"),
    ],
)
def test_without_settings_a_command_says_everything_that_is_missing(
    words: tuple[str, ...], bare: Shell
) -> None:
    result = bare.run(*words, status=1)

    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 5
    for name in ("ORIGIN", "SECRET_KEYS", "SMTP_URL", "MAIL_FROM", "SECURITY_CONTACT"):
        assert f"WAREHOUSE_MFA_{name} " in result.stderr
    assert list(bare.folder.iterdir()) == []


def test_a_site_that_does_not_start_leaves_its_caller_the_signals(bare: Shell) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())

    bare.run("serve", "--port", "0", status=1)

    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


@pytest.mark.parametrize(
    "words",
    [
        ("db", "upgrade"),
        ("db", "current"),
        ("db", "check"),
        ("db", "downgrade", "base"),
        ("db", "restored"),
        ("keys", "list"),
        ("keys", "rotate"),
        ("keys", "drop", "test"),
        ("user", "freeze", "alice"),
        ("user", "list"),
        ("user", "show", "alice"),
    ],
)
@pytest.mark.parametrize("fault", ["gone", "no database", "no folder"])
def test_a_database_that_cannot_be_used_is_told_in_one_line(
    words: tuple[str, ...], fault: str, bare: Shell
) -> None:
    file = bare.folder / "file"
    file.write_text("This is no database. " * 100)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    urls = {
        "gone": f"postgresql+psycopg://nobody:confidential@127.0.0.1:{port}/index",
        "no database": f"sqlite:///{file}",
        "no folder": f"sqlite:///{file}/index.sqlite3",
    }
    bare.settings = {
        "environment": "development",
        "secret_keys": KEYS,
        "database_url": urls[fault],
    }

    sentence = bare.fail(*words)

    assert "database" in sentence
    assert "confidential" not in sentence


# db


def test_the_schema_goes_up_and_is_where_it_says(shell: Shell) -> None:
    assert shell.run("db", "current").stdout == "nothing\n"

    assert shell.run("db", "upgrade").stdout == f"The database stands at {HEAD}.\n"

    assert shell.run("db", "current").stdout == f"{HEAD}\n"
    assert shell.run("db", "check").stdout == "The database is that of this release.\n"
    assert shell.run("db", "upgrade").stdout == f"The database stands at {HEAD}.\n"


def test_the_schema_goes_down_by_a_step_and_to_nothing(shell: Shell, database: Engine) -> None:
    before = migrations.history()[1].revision

    one = shell.run("db", "downgrade", "-1").stdout
    all_ = shell.run("db", "downgrade", "base").stdout

    assert one == f"The database stands at {before}.\n"
    assert all_ == "The database stands at nothing.\n"


def test_the_schema_goes_up_to_a_revision(shell: Shell) -> None:
    first = migrations.history()[-1].revision

    assert shell.run("db", "upgrade", first).stdout == f"The database stands at {first}.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("db", "upgrade", "nonsense"),
        ("db", "upgrade", "+99"),
        ("db", "downgrade", "nonsense"),
        ("db", "downgrade", "-99"),
    ],
)
def test_a_revision_that_does_not_exist_is_told(
    words: tuple[str, ...], shell: Shell, database: Engine
) -> None:
    assert shell.fail(*words).startswith("Nothing was changed: ")
    assert schema.current_revision(database) == HEAD


@pytest.mark.parametrize("words", [("db", "upgrade"), ("db", "downgrade", "base"), ("db", "check")])
def test_a_database_of_a_newer_release_is_left_alone(
    words: tuple[str, ...], shell: Shell, database: Engine
) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'ffffffffffff'"))

    sentence = shell.fail(*words)

    assert sentence == (
        "The database stands at ffffffffffff, which this release does not know: "
        "it was migrated by a newer one. Install that release."
    )
    assert shell.run("db", "current").stdout == "ffffffffffff\n"


def test_a_check_says_that_the_schema_is_behind(shell: Shell, database: Engine) -> None:
    migrations.downgrade(database, "-1")

    assert shell.fail("db", "check") == (
        "The database is behind this release. Run `warehouse-mfa db upgrade`."
    )


def test_a_check_says_how_the_schema_differs(shell: Shell, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE mails DROP COLUMN last_error"))
        connection.execute(text("CREATE TABLE forgotten (id INTEGER)"))

    result = shell.run("db", "check", status=1)

    first, *rest = result.stderr.splitlines()
    assert first == "Error: The database differs from this release:"
    assert len(rest) == 2
    assert any("last_error" in line for line in rest)
    assert any("forgotten" in line for line in rest)


def test_a_restored_backup_is_made_safe_and_recorded(clerk: Shell, engine: Engine) -> None:
    clerk.run(*create("alice"))
    clerk.run(*create("bob"))

    said = clerk.run("db", "restored").stdout

    assert {"Accounts made safe: 2", "Sessions ended: 0"} <= set(said.splitlines())
    tags = "SELECT count(*) FROM events WHERE tag = 'site:database:restored'"
    assert value(engine, tags) == 1


def test_a_backup_of_an_older_release_is_to_be_migrated_first(
    shell: Shell, database: Engine
) -> None:
    migrations.downgrade(database, "-1")

    assert shell.fail("db", "restored") == (
        "The database is behind this release. Run `warehouse-mfa db upgrade`."
    )


def test_the_history_lists_the_migrations_newest_first(bare: Shell) -> None:
    lines = bare.run("db", "history").stdout.splitlines()

    assert lines[0].startswith(HEAD)
    assert lines[-1].endswith("Add accounts: users and their addresses.")


def test_the_history_can_be_read_by_programs(bare: Shell) -> None:
    found = json.loads(bare.run("db", "history", "--json").stdout)

    assert found[0]["revision"] == HEAD
    assert found[-1]["summary"] == "Add accounts: users and their addresses."


# user


def create(name: str, *more: str, email: str | None = None) -> tuple[str, ...]:
    address = email or f"{name}@example.org"
    return ("user", "create", "--username", name, "--email", address, *more)


def test_an_account_is_made_and_shown(clerk: Shell, engine: Engine) -> None:
    made = clerk.run(*create("Alice", "--name", "Alice Example"))
    shown = clerk.run("user", "show", "alice").stdout

    assert made.stdout == "Made the account Alice.\n"
    facts = dict(line.split(": ", 1) for line in shown.splitlines())
    assert facts["Username"] == "Alice"
    assert facts["Name"] == "Alice Example"
    assert facts["Email address"] == "Alice@example.org"
    assert (facts["Verified"], facts["Operator of this site"]) == ("no", "no")


def test_an_account_may_be_verified_and_an_operators(clerk: Shell, engine: Engine) -> None:
    clerk.run(*create("root", "--verified", "--superuser"))

    facts = json.loads(clerk.run("user", "show", "root", "--json").stdout)

    assert (facts["is_verified"], facts["is_superuser"]) == (True, True)
    assert set(facts) == {
        "user_id",
        "username",
        "name",
        "address",
        "is_verified",
        "is_superuser",
        "joined_at",
        "frozen_at",
    }


def test_making_an_account_leaves_a_trace(clerk: Shell, engine: Engine) -> None:
    clerk.run(*create("alice", "--verified"))

    with engine.connect() as connection:
        tags = list(connection.scalars(text("SELECT tag FROM events ORDER BY id")))
    assert tags == ["account:registered", "account:email:verified"]


def test_a_password_is_read_from_standard_input_and_hashed(clerk: Shell, engine: Engine) -> None:
    clerk.run(*create("alice", "--password-stdin"), given=f"{PASSWORD}\nnot this line\n")

    stored = str(value(engine, "SELECT password_hash FROM users"))
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_end_of_the_line_is_no_part_of_the_password(
    clerk: Shell, engine: Engine, end: str
) -> None:
    clerk.run(*create("alice", "--password-stdin"), given=f" {PASSWORD} {end}")

    hasher = PasswordHasher(HashParameters(8, 1, 1), FrozenClock())
    stored = str(value(engine, "SELECT password_hash FROM users"))
    assert hasher.verify(f" {PASSWORD} ", stored).matches


def test_without_a_password_nobody_can_log_in_with_one(clerk: Shell, engine: Engine) -> None:
    clerk.run(*create("alice"))

    assert value(engine, "SELECT password_hash FROM users") is None


@pytest.mark.parametrize(
    ("words", "given", "sentence"),
    [
        (create("al ice"), "", "A username has up to 50 letters"),
        (create("a" * 51), "", "A username has up to 50 letters"),
        (create("älice"), "", "A username has up to 50 letters"),
        (create("alice", email="nowhere"), "", "This does not look like an email address."),
        (create("alice", email="a@b\nc@d"), "", "This does not look like an email address."),
        (create("alice", "--password-stdin"), "short\n", "Use at least 8 characters."),
        (create("alice", "--password-stdin"), "password1\n", "This is one of the passwords"),
        (create("alice", "--password-stdin"), "x" * 4097, "Use at most 4096 characters."),
        (create("alice", "--password-stdin"), "", "There is no password on standard input."),
        (create("alice", "--password-stdin"), "\n", "There is no password on standard input."),
        (create("alice", "--password-stdin"), b"\xff\xfe\n", "The password on standard input is"),
    ],
)
def test_an_account_that_breaks_a_rule_is_not_made(
    clerk: Shell, engine: Engine, words: tuple[str, ...], given: str | bytes, sentence: str
) -> None:
    assert clerk.fail(*words, given=given).startswith(sentence)

    assert value(engine, "SELECT count(*) FROM users") == 0
    assert value(engine, "SELECT count(*) FROM events") == 0


def test_a_name_or_a_verified_address_that_is_taken_is_refused(
    clerk: Shell, engine: Engine
) -> None:
    clerk.run(*create("alice", "--verified"))

    name = clerk.fail(*create("ALICE", email="other@example.org"))
    address = clerk.fail(*create("bob", "--verified", email="ALICE@example.org"))

    assert name == "This username is taken. Choose another one."
    assert address.startswith("This address belongs to another account")
    assert value(engine, "SELECT count(*) FROM users") == 1


@pytest.mark.parametrize("name", ["nobody", "", "%", "' OR 1=1--"])
def test_an_account_that_does_not_exist_is_told(clerk: Shell, engine: Engine, name: str) -> None:
    clerk.run(*create("alice"))

    assert clerk.fail("user", "show", name).startswith("There is no account ")


def test_accounts_are_listed_oldest_first(clerk: Shell, engine: Engine) -> None:
    assert clerk.run("user", "list").stdout == ""
    assert json.loads(clerk.run("user", "list", "--json").stdout) == []
    clerk.run(*create("zoe", "--verified"))
    clerk.run(*create("alice"))

    lines = clerk.run("user", "list").stdout.splitlines()
    listed = json.loads(clerk.run("user", "list", "--json").stdout)

    assert lines == [
        "zoe\tzoe@example.org\tverified",
        "alice\talice@example.org\tnot verified",
    ]
    assert [one["username"] for one in listed] == ["zoe", "alice"]
    assert listed[0] == json.loads(clerk.run("user", "show", "zoe", "--json").stdout)


def test_what_is_shown_of_an_account_is_no_secret(clerk: Shell, engine: Engine) -> None:
    clerk.run(*create("alice", "--password-stdin"), given=PASSWORD)

    shown = clerk.run("user", "list", "--json").stdout + clerk.run("user", "show", "alice").stdout

    for secret in (PASSWORD, "argon2", "user_handle", "epoch"):
        assert secret not in shown


def test_without_a_schema_an_account_command_names_the_check(shell: Shell) -> None:
    for words in (("user", "list"), ("user", "show", "alice"), create("alice")):
        assert shell.fail(*words).endswith("`warehouse-mfa db check` tells more.")


# keys


def test_a_generated_key_can_be_put_into_the_setting(bare: Shell) -> None:
    made = [bare.run("keys", "generate").stdout for _ in range(3)]

    assert len(set(made)) == 3
    for line in made:
        assert re.fullmatch(r"k[0-9]{14}:[A-Za-z0-9+/=]{44}\n", line)
        ((_, key),) = parse_keys(line.strip())
        assert len(key) == 32


# settings


def rows(shell: Shell) -> dict[str, dict[str, str | None]]:
    listed = json.loads(shell.run("settings", "--json").stdout)["settings"]
    return {row["name"].removeprefix("WAREHOUSE_MFA_"): row for row in listed}


def test_every_setting_is_listed_with_its_meaning(bare: Shell) -> None:
    found = rows(bare)

    assert len(found) > 20
    for row in found.values():
        assert set(row) == {"name", "value", "default", "meaning"}
        assert row["meaning"]
        assert row["value"] is None


def test_a_setting_shows_what_it_is_set_to_and_what_it_would_be(bare: Shell) -> None:
    bare.settings = {"site_name": "Índex", "session_idle": "30 min"}

    found = rows(bare)
    lines = bare.run("settings").stdout

    assert found["SITE_NAME"]["value"] == "Índex"
    assert found["SITE_NAME"]["default"] == "Package Index"
    assert (found["SESSION_IDLE"]["value"], found["SESSION_IDLE"]["default"]) == ("30 min", "1 h")
    assert "    Índex\n" in lines
    assert "    argon2id:m=47104,t=1,p=1 (default)\n" in lines


def test_the_default_of_a_setting_can_be_set(bare: Shell) -> None:
    """What is printed is in the notation that is read."""
    defaults = {name.lower(): row["default"] for name, row in rows(bare).items() if row["default"]}
    bare.settings = {**defaults, "environment": "development"}

    result = bare.run("settings")

    assert result.stderr == ""


def test_secrets_are_hidden_however_they_are_given(bare: Shell) -> None:
    file = bare.folder / "secret"
    file.write_text("smtp://robot:confidential@mail.example")
    bare.settings = {
        "secret_keys": KEYS,
        "database_url": "postgresql+psycopg://robot:confidential@database.example/index",
        "redis_url": "redis://:confidential@cache.example/0",
        "smtp_url_file": str(file),
    }

    for words in (("settings",), ("settings", "--json")):
        result = bare.run(*words)
        assert "confidential" not in result.output
        assert KEYS not in result.output
        assert result.stdout.count("(hidden)") == 4


def test_the_place_of_a_sqlite_database_is_no_secret(bare: Shell) -> None:
    bare.settings = {"database_url": "sqlite:////srv/index.sqlite3"}

    assert rows(bare)["DATABASE_URL"]["value"] == "sqlite:////srv/index.sqlite3"


def test_problems_are_told_beside_the_list(bare: Shell) -> None:
    bare.settings = {"nonsense": "1"}

    result = bare.run("settings")
    problems = json.loads(bare.run("settings", "--json").stdout)["problems"]

    assert result.stderr.splitlines() == [f"! {problem}" for problem in problems]
    assert problems[0].startswith("WAREHOUSE_MFA_NONSENSE is not a setting.")


def test_looking_at_settings_in_development_finds_no_problem_and_writes_nothing(
    bare: Shell,
) -> None:
    bare.settings = {"environment": "development"}

    result = bare.run("settings")

    assert result.stderr == ""
    assert list(bare.folder.iterdir()) == []


# `.env`


def test_in_development_settings_may_stand_in_a_file(bare: Shell) -> None:
    (bare.folder / ".env").write_text(
        "WAREHOUSE_MFA_ENVIRONMENT=development\nWAREHOUSE_MFA_DATABASE_URL=sqlite:///here.sqlite3\n"
    )

    bare.run("db", "upgrade")

    assert (bare.folder / "here.sqlite3").exists()
    assert (bare.folder / "var" / "keys").exists()
