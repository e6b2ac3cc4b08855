"""Valkey gone, flushed and slow: no guess is free, public pages go on, it heals alone. P-108."""

from urllib.parse import urlsplit, urlunsplit

import redis

from dev.faults.agreement import compare, try_again
from dev.faults.client import Client
from dev.faults.load import Load
from dev.faults.outcome import Outcome
from dev.faults.people import CODE, LOG_IN, Someone
from dev.faults.place import Place, opened
from dev.faults.proxy import Proxy
from dev.services import Valkey

SHORT, FULL = 1, 20
BEFORE, AFTER = 10, 20
AGAIN = 6
MOST_SECONDS = 10.0
"""For a request while Valkey hangs: timeouts of half a second, for all who wait before."""
SLOW_SECONDS = 5.0
PUBLIC = ("/", "/_health/live", LOG_IN, "/account/register/")
GUESSES = 5


def run(kind: str, rounds: int) -> Outcome:
    """Take Valkey away in three ways while people use the site."""
    outcome = Outcome()
    with (
        Valkey() as valkey,
        Proxy(urlsplit(valkey.url).port or 0) as proxy,
        opened(kind, redis_url=_through(valkey.url, proxy)) as place,
    ):
        place.settings["limit_code_user"] = f"{GUESSES} per hour"
        place.settings["limit_code_device"] = f"{GUESSES} per hour"
        running = place.serve()
        victim = _victim(place, outcome)
        with Load(place, outcome) as load:
            for _ in range(rounds):
                load.wait_for(BEFORE)
                valkey.interrupt()
                _without(place, outcome, "gone")
                valkey.resume()
                load.wait_for(AFTER)
                proxy.delay(SLOW_SECONDS)
                _without(place, outcome, "slow")
                proxy.delay(0)
                load.wait_for(AFTER)
                _flush(valkey)
                load.wait_for(AFTER)
        _spend_all_guesses(place, outcome, victim, valkey)
        compare(place.engine, load.people, place.keys, outcome)
        for person in load.people[-AGAIN:]:
            try_again(place.port, person, outcome)
        outcome.expect(running.end() == 0, "the process did not end well")
        outcome.count("people", len(load.people))
        outcome.count("rounds", rounds)
    return outcome


def _through(url: str, proxy: Proxy) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f":{parts.password}@{parts.hostname}:{proxy.port}"))


def _flush(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()


def _victim(place: Place, outcome: Outcome) -> Someone:
    with Client(place.port, outcome) as client:
        victim = Someone("victim", client, place.mailed_link)
        victim.set_up()
    return victim


def _without(place: Place, outcome: Outcome, how: str) -> None:
    """Expect that public pages are served, and that nobody may guess a password."""
    with Client(place.port, outcome) as client:
        for path in PUBLIC:
            client.get(path)
        client.submit(LOG_IN, {"username": "nobody", "password": "wrong", "next": ""}, 503)
    outcome.count("guesses refused with 503")
    outcome.longest(f"slowest answer in seconds, Valkey {how}", client.slowest)
    outcome.expect(client.slowest < MOST_SECONDS, f"{client.slowest:.2f} s while Valkey was {how}")


def _spend_all_guesses(place: Place, outcome: Outcome, victim: Someone, valkey: Valkey) -> None:
    """Guess codes, and lose Valkey's memory after every guess: those of an account are counted still."""
    with Client(place.port, outcome) as client:
        victim.client = client
        victim.give_password()
        for _ in range(GUESSES):
            client.submit(CODE, {"totp_value": _wrong(victim)}, 422)
            _flush(valkey)
        client.submit(CODE, {"totp_value": _wrong(victim)}, 429)
    outcome.count("guesses after which 429 came, Valkey flushed after each", GUESSES)


def _wrong(victim: Someone) -> str:
    right = victim.apps[0].last_code
    return next(code for code in ("000000", "111111") if code != right)
