"""Keys rotated with overlap, and the old one dropped, while people log in with their apps."""

from itertools import count

from dev.faults.agreement import compare
from dev.faults.client import Client
from dev.faults.load import Load
from dev.faults.outcome import Outcome
from dev.faults.people import Someone
from dev.faults.place import Place, opened
from warehouse_mfa.crypto.keys import generate_key
from warehouse_mfa.entropy import SystemEntropy

SHORT, FULL = 1, 20
BEFORE, BETWEEN = 20, 12


def run(kind: str, rounds: int) -> Outcome:
    """Put a new key first and restart; rotate and drop under load; restart without the old one."""
    outcome = Outcome()
    numbers = count(1)
    with opened(kind) as place:
        for _ in range(rounds):
            running = place.serve()
            with Load(place, outcome, live=_set_up) as load:
                load.wait_for(BEFORE)
            outcome.expect(running.end() == 0, "the process did not end well")
            before = load.people
            old = place.settings["secret_keys"]
            new = generate_key(SystemEntropy(), f"key{next(numbers)}")
            place.settings["secret_keys"] = f"{new},{old}"
            running = place.serve()
            with Load(place, outcome, live=_log_in) as load:
                load.wait_for(BETWEEN)
                _run(place, outcome, "rotate")
                load.wait_for(BETWEEN)
                _run(place, outcome, "drop", old.partition(":")[0])
                load.wait_for(BETWEEN)
            outcome.expect(running.end() == 0, "the process did not end well")
            place.settings["secret_keys"] = new
            running = place.serve()
            for person in before:
                with Client(place.port, outcome) as client:
                    person.client = client
                    person.log_in_with_app(person.apps[0])
                outcome.count("people of before who logged in with the new key alone")
            compare(place.engine, [*before, *load.people], place.keys, outcome)
            outcome.expect(running.end() == 0, "the process did not end well")
            outcome.count("rotations")
    return outcome


def _set_up(person: Someone) -> None:
    person.set_up()
    person.log_out()


def _log_in(person: Someone) -> None:
    _set_up(person)
    person.log_in_with_app(person.apps[0])


def _run(place: Place, outcome: Outcome, *words: str) -> None:
    done = place.operator.run("keys", *words)
    outcome.expect(done.returncode == 0, f"keys {' '.join(words)}: {done.stdout} {done.stderr}")
