"""Every check, in the order of being made."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from warehouse_mfa.cli.doctor import backends, contents, database, files, settings
from warehouse_mfa.cli.doctor.patient import Patient

Examination = Callable[[Patient], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Check:
    """An examination, and those without whose success it cannot be made."""

    run: Examination
    after: tuple[Examination, ...] = ()

    @property
    def name(self) -> str:
        return self.run.__name__.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unsafe or broken."""

    check: str
    sentence: str
    """Marked, to be said in the language of whoever asks."""


SETTINGS = (settings.refused_settings,)
DATABASE = (*SETTINGS, files.missing_folders, database.unreachable_database)
SCHEMA = (*DATABASE, database.schema_of_another_release)
CHECKS = (
    Check(settings.refused_settings),
    Check(settings.development_for_others, SETTINGS),
    Check(settings.cheap_password_hash, SETTINGS),
    Check(settings.wide_trusted_proxies, SETTINGS),
    Check(settings.mail_in_the_clear, SETTINGS),
    Check(settings.database_in_the_clear, SETTINGS),
    Check(settings.relying_party_of_everybody, SETTINGS),
    Check(settings.long_times, SETTINGS),
    Check(settings.loose_limits, SETTINGS),
    Check(settings.short_login_delays, SETTINGS),
    Check(files.secrets_that_others_can_read),
    Check(files.missing_folders),
    Check(files.unsorted_breach_file, SETTINGS),
    Check(files.database_that_others_can_read, SETTINGS),
    Check(files.little_disk_space, SETTINGS),
    Check(database.unreachable_database, SETTINGS),
    Check(database.schema_of_another_release, DATABASE),
    Check(database.schema_that_differs, SCHEMA),
    Check(database.careless_sqlite, DATABASE),
    Check(database.careless_postgresql, DATABASE),
    Check(database.clocks_apart, DATABASE),
    Check(database.clock_behind_the_events, (*SCHEMA, database.clocks_apart)),
    Check(backends.unreachable_redis, SETTINGS),
    Check(backends.open_redis, (*SETTINGS, backends.unreachable_redis)),
    Check(backends.forgetful_redis, (*SETTINGS, backends.unreachable_redis)),
    Check(backends.unreachable_mail_server, DATABASE),
    Check(backends.silent_breach_service, DATABASE),
    Check(contents.missing_keys, SCHEMA),
    Check(contents.unreadable_secrets, (*SCHEMA, contents.missing_keys)),
    Check(contents.dead_letters, SCHEMA),
    Check(contents.overdue_mails, SCHEMA),
    Check(contents.overdue_tasks, SCHEMA),
)


def examine(patient: Patient, checks: Sequence[Check] = CHECKS) -> list[Finding]:
    """Make every check that can be made; return what was found."""
    findings: list[Finding] = []
    failed: set[Examination] = set()
    for check in checks:
        if failed.isdisjoint(check.after):
            sentences = list(check.run(patient))
        else:
            sentences = []
            failed.add(check.run)
        if sentences:
            failed.add(check.run)
        findings += [Finding(check.name, sentence) for sentence in sentences]
    return findings
