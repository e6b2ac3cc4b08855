"""The clock an hour ahead, and back again: nothing that was spent comes back, nobody is locked out.

In this process, with the clock of the tests: a process that serves reads the clock of the machine, and
has no door for another one.
"""

import tempfile
from pathlib import Path

from webtest import AppError

from dev.faults.outcome import Outcome
from dev.faults.place import limits
from tests.common.databases import migrated_database
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor

SHORT, FULL = 2, 100
ACCOUNT = "/manage/account/"


def run(kind: str, rounds: int) -> Outcome:
    """Let so many people go through it, one after another."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as folder, migrated_database(kind, Path(folder)) as url:
        site = Site(url, **limits())
        for number in range(rounds):
            try:
                _live(site, site.person(f"person{number}", totp=True))
            except AppError as error:
                outcome.breaks(f"person{number}: {str(error).splitlines()[0]}")
            outcome.count("people")
        site.close()
    return outcome


def _live(site: Site, person: Person) -> None:
    before, ahead, back, later = (site.visitor() for _ in range(4))
    before.log_in(person)
    before.make_recovery_codes(person)
    spent_before = person.code()
    site.clock.advance(hours=1, seconds=1)
    # What has an end has ended, and whoever comes is let in.
    before.get(ACCOUNT, status=303)
    _refuse(ahead, person, spent_before)
    ahead.give_code(person.code())
    spent_ahead = person.code()
    site.clock.advance(hours=-1)
    # The session that began in the future lives; no step before the last one opens anything.
    ahead.get(ACCOUNT, status=200)
    for code in (spent_before, person.code(), person.code(steps=1), spent_ahead):
        _refuse(back, person, code)
    back.give_recovery_code(person.recovery_codes[0])
    back.get(ACCOUNT, status=200)
    site.clock.advance(hours=1, minutes=1)
    later.give_password(person)
    later.give_code(person.code())


def _refuse(visitor: Visitor, person: Person, code: str) -> None:
    visitor.give_password(person)
    visitor.give_code(code, status=422)
