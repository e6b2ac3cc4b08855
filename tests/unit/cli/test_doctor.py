"""`doctor`: a healthy installation, and each thing that can be unsafe or broken."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
import redis
import sqlalchemy
from pyramid.config import Configurator
from sqlalchemy import Engine, text

from dev.services import PostgreSQL, Valkey
from tests.common.breached import serving
from tests.common.clock import START, FrozenClock
from tests.common.commands import variables
from tests.common.shell import Shell
from tests.common.site import CHEAP_HASH, HTTP, KEYS, NEWER_KEYS, Site
from tests.common.smtp import MailSink
from warehouse_mfa.breaches.digests import digest_of
from warehouse_mfa.cli.doctor.checks import CHECKS, Finding, examine
from warehouse_mfa.cli.doctor.patient import FOLDERS, Patient
from warehouse_mfa.clock import IClock, SystemClock
from warehouse_mfa.db import migrations
from warehouse_mfa.strings import in_english

SETTINGS = {"environment": "development", "origin": HTTP, "secret_keys": KEYS}
MAIL = (
    "INSERT INTO mails (id, recipient, subject, text, html, created_at, due_at, attempts, failed_at)"
    " VALUES (:id, 'a@b', '', '', '', :then, :then, 1, :failed)"
)


@dataclass
class Ward:
    """An installation that tests make ill."""

    folder: Path
    settings: dict[str, str]
    folders: dict[str, Path] = field(default_factory=lambda: dict(FOLDERS))
    least_free_bytes: int = 0
    extend: Callable[[Configurator], None] | None = None

    def findings(self) -> list[Finding]:
        """Examine it; without what the test's PostgreSQL, which may lose everything, is told."""
        patient = Patient(
            variables(**self.settings),
            extend=self.extend,
            folders=self.folders,
            least_free_bytes=self.least_free_bytes,
        )
        with chdir(self.folder):
            found = examine(patient)
        patient.close()
        return [
            replace(one, sentence=in_english(one.sentence))
            for one in found
            if one.check != "careless-postgresql"
        ]

    def change(self, statement: str, **values: object) -> None:
        engine = sqlalchemy.create_engine(self.settings["database_url"])
        with engine.begin() as connection:
            connection.execute(text(statement), values)
        engine.dispose()


@pytest.fixture
def ward(tmp_path: Path, database_url: str, engine: Engine) -> Ward:
    return Ward(tmp_path, {**SETTINGS, "database_url": database_url})


@pytest.fixture
def sqlite(tmp_path: Path) -> Ward:
    """An installation on a file of its own, which is not there yet."""
    tmp_path.chmod(0o700)
    return Ward(tmp_path, {**SETTINGS, "database_url": f"sqlite:///{tmp_path / 'index.sqlite3'}"})


def alice(ward: Ward, ago: timedelta = timedelta()) -> None:
    """Let Alice have an app, since now or so long."""
    site = Site(ward.settings["database_url"], HTTP)
    site.clock.advance(seconds=(SystemClock().now() - ago - START).total_seconds())
    site.person("alice", totp=True)
    site.close()


def test_a_healthy_installation_has_nothing(ward: Ward) -> None:
    alice(ward)

    assert ward.findings() == []


# Settings, files, contents: a row each


def be_public(ward: Ward) -> None:
    ward.settings["origin"] = "https://pypi.example"


def hash_cheaply(ward: Ward) -> None:
    ward.settings["password_hash"] = CHEAP_HASH


def trust_everybody(ward: Ward) -> None:
    ward.settings["trusted_proxies"] = "10.0.0.0/8, 0.0.0.0/0"


def trust_everybody_with_ipv6(ward: Ward) -> None:
    ward.settings["trusted_proxies"] = "fd00::/8, 2000::/3"


def list_breaches_by_count(ward: Ward) -> None:
    file = ward.folder / "breached"
    file.write_text("".join(f"{digest_of(str(n))}:{n}\n" for n in range(200)))
    ward.settings["breach_file"] = str(file)


def list_breaches_in_the_clear(ward: Ward) -> None:
    file = ward.folder / "breached"
    file.write_text("123456\npassword\nqwerty\n")
    ward.settings["breach_file"] = str(file)


def mail_in_the_clear(ward: Ward) -> None:
    ward.settings["smtp_url"] = "smtp://mail.invalid:25"


def put_the_database_elsewhere(ward: Ward) -> None:
    ward.settings["database_url"] = "postgresql+psycopg://a:b@127.1:1/index?sslmode=prefer"


def take_everybodys_name(ward: Ward) -> None:
    ward.settings |= {"origin": "https://pypi.example", "rp_id": "example"}


def never_end_a_session(ward: Ward) -> None:
    ward.settings["session_lifetime"] = "25 h"


def never_ask_again(ward: Ward) -> None:
    ward.settings["step_up_window"] = "3 h"


def remember_for_a_year(ward: Ward) -> None:
    ward.settings["remember_device"] = "365 d"


def let_people_guess(ward: Ward) -> None:
    ward.settings["limit_code_user"] = "5 per minute"


def let_people_try_at_once(ward: Ward) -> None:
    ward.settings["login_delays"] = "1 s, 30 s"


def be_behind(ward: Ward) -> None:
    alice(ward, -timedelta(minutes=20))


def run_no_tasks(ward: Ward) -> None:
    alice(ward, timedelta(minutes=20))


def lose_the_breach_service(ward: Ward) -> None:
    ward.settings["breach_service"] = "http://127.0.0.1:1/range/"


def misspell(ward: Ward) -> None:
    ward.settings["orign"] = HTTP


def come_by_http(ward: Ward) -> None:
    ward.settings["origin"] = "http://pypi.example"


def be_somebody_else(ward: Ward) -> None:
    ward.settings |= {"origin": "https://pypi.example", "rp_id": "elsewhere.example"}


def forget_the_contact(ward: Ward) -> None:
    ward.settings |= {"environment": "production", "origin": "https://pypi.example"}


def show_the_keys(ward: Ward) -> None:
    file = ward.folder / "keys"
    file.write_text(ward.settings.pop("secret_keys"))
    file.chmod(0o644)
    ward.settings["secret_keys_file"] = str(file)


def show_the_settings(ward: Ward) -> None:
    file = ward.folder / ".env"
    file.write_text("")
    file.chmod(0o640 | 0o004)


def lose_templates(ward: Ward) -> None:
    ward.folders["templates"] = ward.folder / "nowhere"


def lose_scripts(ward: Ward) -> None:
    (ward.folder / "static").mkdir()
    ward.folders["static"] = ward.folder / "static"


def lose_a_language(ward: Ward) -> None:
    (ward.folder / "locale" / "xx").mkdir(parents=True)
    ward.folders["locale"] = ward.folder / "locale"


def lose_a_column(ward: Ward) -> None:
    ward.settings["database_url"] = f"sqlite:///{ward.folder / 'index.sqlite3'}"
    with opened(ward) as engine:
        migrations.upgrade(engine)
    ward.change("ALTER TABLE mails DROP COLUMN last_error")
    ward.folder.chmod(0o700)


def lose_the_key(ward: Ward) -> None:
    alice(ward)
    ward.settings["secret_keys"] = NEWER_KEYS


def change_the_origin(ward: Ward) -> None:
    alice(ward)
    ward.settings["origin"] = "http://localhost:9000"


def give_a_mail_up(ward: Ward) -> None:
    then = "2099-01-01 00:00:00.000000"
    ward.change(MAIL, id="0" * 32, then=then, failed=then)


def hold_a_mail_up(ward: Ward) -> None:
    ward.change(MAIL, id="0" * 32, then="2020-01-01 00:00:00.000000", failed=None)


def stop_a_task(ward: Ward) -> None:
    ward.change("INSERT INTO task_runs VALUES ('mail.purge', '2020-01-01 00:00:00.000000')")


def lose_redis(ward: Ward) -> None:
    ward.settings["redis_url"] = "redis://127.0.0.1:1/0"


def lose_the_mail_server(ward: Ward) -> None:
    ward.settings["smtp_url"] = "smtp://127.0.0.1:1"


Row = tuple[Callable[[Ward], None], str, str]
# Found without a database.
ON_ITS_OWN: list[Row] = [
    (misspell, "refused-settings", "WAREHOUSE_MFA_ORIGN is not a setting."),
    (come_by_http, "refused-settings", "WAREHOUSE_MFA_ORIGIN must be https"),
    (be_somebody_else, "refused-settings", "WAREHOUSE_MFA_RP_ID must be the host"),
    (forget_the_contact, "refused-settings", "WAREHOUSE_MFA_SECURITY_CONTACT must be"),
    (be_public, "development-for-others", "people come to pypi.example"),
    (hash_cheaply, "cheap-password-hash", "argon2id:m=8,t=1,p=1"),
    (trust_everybody, "wide-trusted-proxies", "has 0.0.0.0/0"),
    (trust_everybody_with_ipv6, "wide-trusted-proxies", "has 2000::/3"),
    (list_breaches_by_count, "unsorted-breach-file", "is not a sorted list"),
    (list_breaches_in_the_clear, "unsorted-breach-file", "is not a sorted list"),
    (mail_in_the_clear, "mail-in-the-clear", "mail.invalid in the clear"),
    (put_the_database_elsewhere, "database-in-the-clear", "at 127.1 is not reached in the clear"),
    (take_everybodys_name, "relying-party-of-everybody", "is example, which"),
    (never_end_a_session, "long-times", "SESSION_LIFETIME is 25 h"),
    (never_ask_again, "long-times", "STEP_UP_WINDOW is 3 h"),
    (remember_for_a_year, "long-times", "Set 90 d at most"),
    (let_people_guess, "loose-limits", "LIMIT_CODE_USER lets 7200 a day through, and 50 where"),
    (let_people_try_at_once, "short-login-delays", "ends with 30 s: 2880 more passwords"),
    (show_the_keys, "secrets-that-others-can-read", "keys (mode 644)"),
    (show_the_settings, "secrets-that-others-can-read", ".env (mode 644)"),
    (lose_templates, "missing-folders", "The folder templates"),
    (lose_scripts, "missing-folders", "The folder static"),
    (lose_a_language, "missing-folders", "the language en"),
    (lose_redis, "unreachable-redis", "Redis cannot be used"),
]
WITH_A_DATABASE: list[Row] = [
    (be_behind, "clock-behind-the-events", "s after the time of this machine"),
    (run_no_tasks, "overdue-tasks", "No background task has ever run"),
    (lose_the_breach_service, "silent-breach-service", "`password` is stolen"),
    (lose_a_column, "schema-that-differs", "differ"),
    (lose_the_key, "missing-keys", "The key test is not in"),
    (change_the_origin, "unreadable-secrets", "secrets in totp_applications some do not open (1)"),
    (give_a_mail_up, "dead-letters", "(1)"),
    (hold_a_mail_up, "overdue-mails", "(1)"),
    (stop_a_task, "overdue-tasks", "mail.purge"),
    (lose_the_mail_server, "unreachable-mail-server", "ConnectionRefusedError"),
]
ILLNESSES = ON_ITS_OWN + WITH_A_DATABASE


def named(rows: list[Row]) -> list[str]:
    return [fall_ill.__name__ for fall_ill, _, _ in rows]


def assert_found(ward: Ward, fall_ill: Callable[[Ward], None], check: str, words: str) -> None:
    fall_ill(ward)

    found = [finding for finding in ward.findings() if finding.check == check]

    assert len(found) >= 1
    assert any(words in finding.sentence for finding in found)
    assert all("\n" not in finding.sentence for finding in found)
    assert all(finding.sentence.endswith((".", "?")) for finding in found)


@pytest.mark.parametrize(("fall_ill", "check", "words"), ON_ITS_OWN, ids=named(ON_ITS_OWN))
def test_each_illness_of_settings_and_files_is_found_and_said_in_one_sentence(
    sqlite: Ward, fall_ill: Callable[[Ward], None], check: str, words: str
) -> None:
    assert_found(sqlite, fall_ill, check, words)


@pytest.mark.parametrize(
    ("fall_ill", "check", "words"), WITH_A_DATABASE, ids=named(WITH_A_DATABASE)
)
def test_each_illness_of_what_is_kept_is_found_and_said_in_one_sentence(
    ward: Ward, fall_ill: Callable[[Ward], None], check: str, words: str
) -> None:
    assert_found(ward, fall_ill, check, words)


def test_every_check_is_seen_to_find_something() -> None:
    """A new check fails here until a test shows what it finds."""
    elsewhere = {
        "database-that-others-can-read",
        "little-disk-space",
        "unreachable-database",
        "schema-of-another-release",
        "careless-sqlite",
        "careless-postgresql",
        "clocks-apart",
        "open-redis",
        "forgetful-redis",
    }

    assert {check.name for check in CHECKS} == elsewhere | {check for _, check, _ in ILLNESSES}


@pytest.mark.parametrize(
    "changed",
    [
        {"session_lifetime": "24 h", "step_up_window": "2 h", "remember_device": "0"},
        {"limit_code_user": "500 per day", "limit_mail_guesses": "10 per day"},
        {"limit_totp_streak": "1", "login_delays": "1 min"},
        {"rp_id": "localhost"},
    ],
    ids=lambda changed: ", ".join(changed),
)
def test_settings_that_are_safe_enough_are_not_found(sqlite: Ward, changed: dict[str, str]) -> None:
    sqlite.settings |= changed

    assert [finding.check for finding in sqlite.findings()] == ["unreachable-database"]


def test_what_cannot_be_examined_is_not_found_wanting(ward: Ward) -> None:
    ward.settings["orign"] = HTTP

    assert {finding.check for finding in ward.findings()} == {"refused-settings"}


# The database


def test_a_database_that_is_not_there_is_found_and_not_made(sqlite: Ward) -> None:
    (finding,) = sqlite.findings()

    assert finding.check == "unreachable-database"
    assert finding.sentence.endswith("Run `warehouse-mfa db upgrade`.")
    assert list(sqlite.folder.iterdir()) == []


def test_a_database_that_is_gone_is_found(ward: Ward) -> None:
    ward.settings["database_url"] = "postgresql+psycopg://nobody:confidential@127.0.0.1:1/index"

    (finding,) = ward.findings()

    assert finding.check == "unreachable-database"
    assert "confidential" not in finding.sentence


@pytest.fixture
def migrated(sqlite: Ward) -> Ward:
    """An installation on a file of its own."""
    with opened(sqlite) as engine:
        migrations.upgrade(engine)
    return sqlite


@contextmanager
def opened(ward: Ward) -> Iterator[Engine]:
    """Yield a plain engine on the database."""
    engine = sqlalchemy.create_engine(ward.settings["database_url"])
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("revision", "words"),
    [(None, "behind this release"), ("ffffffffffff", "which a newer release made")],
)
def test_a_schema_of_another_release_is_found(
    migrated: Ward, revision: str | None, words: str
) -> None:
    with opened(migrated) as engine:
        migrations.downgrade(engine, "-1")
    if revision:
        migrated.change("UPDATE alembic_version SET version_num = :at", at=revision)

    (finding,) = migrated.findings()

    assert finding.check == "schema-of-another-release"
    assert words in finding.sentence


def test_a_file_that_everybody_can_read_is_found(migrated: Ward) -> None:
    file = migrated.folder / "index.sqlite3"
    file.chmod(0o644)
    assert migrated.findings() == []

    migrated.folder.chmod(0o755)
    readable = migrated.findings()
    migrated.folder.chmod(0o777)
    replaceable = migrated.findings()
    file.chmod(0o600)
    migrated.folder.chmod(0o755)

    assert ["can read" in finding.sentence for finding in readable] == [True]
    assert ["can replace" in finding.sentence for finding in replaceable] == [False, True]
    assert migrated.findings() == []


def test_a_sorted_list_of_breached_passwords_has_nothing(migrated: Ward) -> None:
    file = migrated.folder / "breached"
    file.write_text("".join(f"{digest}:7\n" for digest in sorted(map(digest_of, "0123456789"))))
    migrated.settings["breach_file"] = str(file)

    assert migrated.findings() == []


def test_a_disk_that_is_nearly_full_is_found(migrated: Ward) -> None:
    migrated.least_free_bytes = 2**62

    (finding,) = migrated.findings()

    assert finding.check == "little-disk-space"


def test_sqlite_that_does_not_keep_what_it_was_given_is_found(migrated: Ward) -> None:
    migrated.change("PRAGMA journal_mode=DELETE")

    with opened(migrated) as plain:
        migrated.extend = lambda config: config.registry.update(engine=plain)
        found = [one.sentence for one in migrated.findings() if one.check == "careless-sqlite"]

    assert [sentence.split()[3] for sentence in found] == [
        "journal_mode=delete",
        "foreign_keys=0",
    ]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with PostgreSQL(settings={"synchronous_commit": "on"}) as server:
        yield server


@pytest.fixture
def on_a_server(tmp_path: Path, server: PostgreSQL) -> Ward:
    """An installation on a PostgreSQL that does not wait for its disk."""
    return Ward(tmp_path, {**SETTINGS, "database_url": server.url})


def examined(ward: Ward) -> list[Finding]:
    patient = Patient(variables(**ward.settings), extend=ward.extend, least_free_bytes=0)
    found = examine(patient)
    patient.close()
    return [replace(one, sentence=in_english(one.sentence)) for one in found]


def test_postgresql_that_does_not_keep_what_it_was_given_is_found(on_a_server: Ward) -> None:
    found = [
        finding.sentence
        for finding in examined(on_a_server)
        if finding.check == "careless-postgresql"
    ]

    settings = [sentence.split()[3] for sentence in found]
    assert settings == ["fsync=off:", "full_page_writes=off:"]


@pytest.mark.parametrize("apart", [timedelta(hours=1), timedelta(hours=-1)], ids=str)
def test_clocks_that_are_apart_are_found(on_a_server: Ward, apart: timedelta) -> None:
    clock = FrozenClock(SystemClock().now() + apart)
    on_a_server.extend = lambda config: config.register_service(clock, IClock)

    (finding,) = [one for one in examined(on_a_server) if one.check == "clocks-apart"]

    seconds = re.search(r"(\d+) s apart", finding.sentence)
    assert seconds is not None
    assert abs(int(seconds[1]) - 3600) < 60


def test_clocks_that_agree_are_not_found(on_a_server: Ward) -> None:
    assert "clocks-apart" not in {finding.check for finding in examined(on_a_server)}


@pytest.mark.parametrize(
    ("check", "changed"),
    [
        (
            "database-in-the-clear",
            {"database_url": "postgresql+psycopg://a:b@127.1:1/index?sslmode=require"},
        ),
        ("database-in-the-clear", {"database_url": "postgresql+psycopg://a:b@localhost:1/index"}),
    ],
    ids=["TLS", "near"],
)
def test_a_database_that_nobody_overhears_is_not_found(
    sqlite: Ward, check: str, changed: dict[str, str]
) -> None:
    sqlite.settings |= changed

    assert check not in {finding.check for finding in sqlite.findings()}


# Redis


def test_a_redis_that_forgets_is_found(ward: Ward) -> None:
    with Valkey() as valkey:
        ward.settings["redis_url"] = valkey.url
        client = redis.Redis.from_url(valkey.url)
        client.config_set("maxmemory", "100mb")
        client.config_set("maxmemory-policy", "noeviction")
        keeping = ward.findings()
        client.config_set("maxmemory-policy", "allkeys-lru")
        forgetting = ward.findings()
        client.close()

    assert keeping == []
    assert [finding.check for finding in forgetting] == ["forgetful-redis"]


def test_a_redis_that_asks_others_for_no_password_is_found(ward: Ward) -> None:
    with Valkey() as valkey:
        client = redis.Redis.from_url(valkey.url)
        ward.settings["redis_url"] = far(valkey.url)
        asking = ward.findings()
        client.config_set("requirepass", "")
        found = []
        for url in (valkey.url, far(valkey.url)):
            ward.settings["redis_url"] = re.sub(":[^:]*@", "", url)
            found.append([finding.check for finding in ward.findings()])
        client.close()

    assert asking == []
    assert found == [[], ["open-redis"]]


def far(url: str) -> str:
    """Return another name of this machine, as if it were another one."""
    return url.replace("127.0.0.1", "127.1")


def test_a_service_that_knows_stolen_passwords_is_not_found(migrated: Ward) -> None:
    with serving() as service:
        migrated.settings["breach_service"] = service.base
        found = migrated.findings()

    assert found == []


# The mail server


def test_a_mail_server_that_can_be_used_gets_no_mail(ward: Ward) -> None:
    with MailSink() as sink:
        ward.settings["smtp_url"] = sink.url
        found = ward.findings()

    assert found == []
    assert sink.messages == []


def test_a_mail_server_without_the_encryption_that_is_required_is_found(ward: Ward) -> None:
    with MailSink() as sink:
        ward.settings["smtp_url"] = f"{sink.url}?starttls=required"
        (finding,) = ward.findings()

    assert finding.check == "unreachable-mail-server"
    assert "STARTTLS extension not supported" in finding.sentence


# The command


def test_the_command_prints_what_it_found_and_its_status_tells(bare: Shell) -> None:
    bare.settings = {"nonsense": "1"}

    result = bare.run("doctor", status=1)
    listed = json.loads(bare.run("doctor", "--json", status=1).stdout)

    lines = result.stdout.splitlines()
    assert lines[0].startswith("refused-settings: WAREHOUSE_MFA_NONSENSE is not a setting.")
    assert [f"{one['check']}: {one['sentence']}" for one in listed] == lines
    assert result.stderr == f"Error: {len(lines)} problems.\n"
    assert list(bare.folder.iterdir()) == []


def test_a_new_installation_in_development_has_nothing_once_it_is_migrated(bare: Shell) -> None:
    bare.settings = {"environment": "development"}
    before = bare.run("doctor", status=1).stdout
    untouched = list(bare.folder.iterdir())

    bare.run("db", "upgrade")

    assert before.startswith("unreachable-database: There is no database at ")
    assert untouched == []
    assert bare.run("doctor").stdout == "Nothing unsafe, nothing broken.\n"
    assert json.loads(bare.run("doctor", "--json").stdout) == []


def test_keys_of_development_that_others_can_read_are_found(bare: Shell) -> None:
    bare.settings = {"environment": "development"}
    bare.run("db", "upgrade")
    (bare.folder / "var" / "keys").chmod(0o644)

    assert bare.run("doctor", status=1).stdout == (
        "secrets-that-others-can-read: Others can use the secret in var/keys (mode 644). "
        "Run chmod 600 var/keys.\n"
    )
