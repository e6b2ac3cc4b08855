"""SMTP gone, slow, answering 4xx and 5xx: nobody waits for it, and each mail leaves once. P-109."""

import time
from collections import Counter

from sqlalchemy import text

from dev.faults.client import Client
from dev.faults.outcome import Outcome
from dev.faults.people import Someone
from dev.faults.place import Place, opened
from tests.common.smtp import MailSink

SHORT, FULL = 1, 25
SLOWER = 5.0
"""What a request may take at most, as a multiple of before: others use this machine, too."""
LEAST_SECONDS = 1.0
DELIVERED_SECONDS = 90.0
DUE = text(
    "UPDATE mails SET due_at = created_at "
    "WHERE lease IS NULL AND sent_at IS NULL AND failed_at IS NULL"
)


def run(kind: str, rounds: int) -> Outcome:
    """Let so many people register in each state of the mail server; then bring it back."""
    outcome = Outcome()
    with MailSink() as sink, opened(kind, smtp_url=sink.url) as place:
        running = place.serve()
        usual = max(LEAST_SECONDS, SLOWER * _register(place, outcome, "there", rounds))

        def register(state: str) -> None:
            slowest = _register(place, outcome, state, rounds)
            outcome.expect(slowest < usual, f"mail server {state}: {slowest:.2f} s for a request")

        sink.wait_for(rounds, DELIVERED_SECONDS)
        sink.answer_with(550, "nobody of that name", times=rounds)
        register("refusing")
        sink.wait_for_refused(rounds, DELIVERED_SECONDS)
        sink.stop()
        register("gone")
        sink.start()
        sink.answer_with(451, "come back later", times=rounds)
        register("busy")
        sink.wait_for_refused(2 * rounds, DELIVERED_SECONDS)
        sink.hang()
        register("slow")
        sink.wait_for_refused(2 * rounds + 1, DELIVERED_SECONDS)
        sink.stop()
        sink.start()
        _wait_for_all(place, sink, 4 * rounds)
        _expect_each_once(outcome, sink, rounds)
        _expect_dead_letters(place, outcome, rounds)
        outcome.expect(running.end() == 0, "the process did not end well")
    outcome.tell("people in each state", rounds)
    return outcome


def _register(place: Place, outcome: Outcome, state: str, people: int) -> float:
    """Let people register; return how long the slowest of their requests took."""
    slowest = 0.0
    for number in range(people):
        with Client(place.port, outcome) as client:
            Someone(f"{state}{number}", client, place.mailed_link).register()
        slowest = max(slowest, client.slowest)
    outcome.tell(f"slowest request in seconds, mail server {state}", slowest)
    return slowest


def _wait_for_all(place: Place, sink: MailSink, mails: int) -> None:
    """Return when so many mails were taken. Those that were put off need not wait a minute."""
    deadline = time.monotonic() + DELIVERED_SECONDS
    while len(sink.messages) < mails:
        with place.engine.begin() as connection:
            connection.execute(DUE)
        try:
            sink.wait_for(mails, timeout=1.0)
        except TimeoutError:
            if time.monotonic() > deadline:
                raise


def _expect_each_once(outcome: Outcome, sink: MailSink, people: int) -> None:
    mails = sink.messages
    wanted = {
        f"{state}{number}@example.org"
        for state in ("there", "gone", "busy", "slow")
        for number in range(people)
    }
    times = Counter(str(mail["Message-ID"]) for mail in mails)
    outcome.expect(set(times.values()) == {1}, f"mails that came more than once: {times}")
    outcome.expect(
        sorted(mail["To"] for mail in mails) == sorted(wanted),
        f"mails came to {sorted(mail['To'] for mail in mails)}",
    )
    outcome.count("mails delivered once", len(mails))


def _expect_dead_letters(place: Place, outcome: Outcome, people: int) -> None:
    told = place.operator.run("doctor").stdout
    outcome.expect(f"given up in the last days ({people})" in told, f"doctor: {told}")
    outcome.count("dead letters told of", people)
