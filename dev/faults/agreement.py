"""Comparing what people remember with the database, and with what the site still lets them do."""

from collections.abc import Iterable

from sqlalchemy import Engine, text

from dev.faults import rows as table_rows
from dev.faults.client import Client, Unanswered, Unavailable, Unexpected
from dev.faults.outcome import Outcome
from dev.faults.people import ACCOUNT, CODE, LOG_IN, RECOVERY_CODE, Fact, Someone
from dev.faults.rows import Rows
from warehouse_mfa.crypto.keys import KeyRing


def compare(engine: Engine, people: Iterable[Someone], keys: KeyRing, outcome: Outcome) -> int:
    """Compare with the database, and settle what was in doubt; return how much of it happened."""
    known = {person.username: person for person in people}
    found = table_rows.read(engine, known, keys)
    happened = 0
    for username, person in known.items():
        _compare_one(person, found[username], outcome)
        happened += _settle(person, found[username], outcome)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            answer = connection.scalar(text("PRAGMA integrity_check"))
            outcome.expect(answer == "ok", f"the file of SQLite: {answer}")
    return happened


def _compare_one(person: Someone, rows: Rows, outcome: Outcome) -> None:
    for change in person.changes:
        traces = {trace(rows) for trace in change.traces}
        what = f"{person.username}: “{change.name}”"
        outcome.expect(len(traces) == 1, f"{what} happened by halves")
        if change.fact is Fact.ACKNOWLEDGED:
            outcome.expect(False not in traces, f"{what} was acknowledged, and is not there")
    outcome.breaks(*(f"{person.username}: {one}" for one in rows.contradictions()))
    for tag in {change.tag for change in person.changes}:
        of_tag = [change for change in person.changes if change.tag == tag]
        least = sum(change.fact is Fact.ACKNOWLEDGED for change in of_tag)
        outcome.expect(
            least <= rows.events[tag] <= len(of_tag),
            f"{person.username}: {rows.events[tag]} events {tag}, {least} were acknowledged",
        )


def _settle(person: Someone, rows: Rows, outcome: Outcome) -> int:
    """Let the person know what became of changes in doubt; return how many had happened."""
    doubtful = [change for change in person.changes if change.fact is Fact.DOUBTFUL]
    outcome.count("changes acknowledged", len(person.changes) - len(doubtful) - person.settled)
    outcome.count("changes in doubt", len(doubtful))
    happened = [change for change in doubtful if change.traces[0](rows)]
    for change in happened:
        change.fact = Fact.ACKNOWLEDGED
    for change in doubtful:
        if change not in happened:
            person.changes.remove(change)
    if person.former_password and not rows.has_password(person.password):
        person.password, person.former_password = person.former_password, ""
    unspent = [code for code in person.tried_codes if not rows.is_redeemed(code)]
    person.codes += unspent
    person.tried_codes = [code for code in person.tried_codes if code not in unspent]
    person.settled = len(person.changes)
    outcome.count("changes in doubt that happened", len(happened))
    return len(happened)


def try_again(port: int, person: Someone, outcome: Outcome) -> None:
    """Try what must not work any more, and then what must work still. All doubts are settled."""
    try:
        _replay(port, person, outcome)
        if person.has_changed("register"):
            _go_on(port, person, outcome)
    except (Unanswered, Unavailable) as error:
        outcome.breaks(f"{person.username}, afterwards: {error!r}")
    except Unexpected:
        outcome.breaks(f"{person.username} met that afterwards")


def _replay(port: int, person: Someone, outcome: Outcome) -> None:
    jars = [(jar, ACCOUNT) for jar in person.ended] + [(jar, CODE) for jar in person.used]
    for jar, path in jars:
        with Client(port, outcome, jar) as client:
            answer = client.get(path, 303)
        outcome.expect(answer.path == LOG_IN, f"{person.username}: {path} led to {answer.path}")
        outcome.count("used cookies refused")


def _go_on(port: int, person: Someone, outcome: Outcome) -> None:
    with Client(port, outcome) as client:
        person.client = client
        if person.former_password:
            fields = {"username": person.username, "password": person.former_password, "next": ""}
            client.submit(LOG_IN, fields, 422)
            outcome.count("old passwords refused")
        person.give_password()
        if person.has_changed("log in"):
            for app in person.apps:
                client.submit(CODE, {"totp_value": app.last_code}, 422)
                outcome.count("spent codes refused")
            for code in person.tried_codes:
                client.submit(RECOVERY_CODE, {"recovery_code_value": code}, 422)
                outcome.count("spent recovery codes refused")
        if person.codes:
            person.log_in_with_recovery_code()
            client.get(ACCOUNT)
            outcome.count("people who went on")
