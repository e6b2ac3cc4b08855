"""Five times the logins that the site can do, from people who do not wait for ever. P-112."""

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

from dev.faults.client import FORM, Client
from dev.faults.outcome import Outcome
from dev.faults.people import LOG_IN, Someone
from dev.faults.place import Place, opened
from dev.faults.resources import memory_mb, processor_seconds

SHORT, FULL = 4, 60
HASH = "argon2id:m=47104,t=1,p=1"
USUAL_PEOPLE = 8
TIMES = 5
PATIENCE_SECONDS = 10.0
"""How long somebody looks at a page that does not come."""
LEAST_GOODPUT = 0.6
"""With each login that is served four are refused, and a refusal takes processor time, too: the more
beside a login, the less its hash takes."""
RECOVERY_SECONDS = 30.0
MEMORY_MB = 100.0


def run(kind: str, rounds: int) -> Outcome:
    """Measure what the site can do for so many seconds, and then what it does when more come."""
    outcome = Outcome()
    with opened(kind, password_hash=HASH) as place:
        running = place.serve()
        pid = running.process.pid
        login = _login(place, outcome)
        _run(_usual(place.port, login, seconds=1))
        cost = processor_seconds(pid)
        usual = _run(_usual(place.port, login, seconds=rounds))
        usual_share = usual["303"] / (processor_seconds(pid) - cost)
        capacity = usual["303"] / rounds
        memory, cost = memory_mb(pid), processor_seconds(pid)
        answers = _run(_overload(place.port, login, rounds, TIMES * capacity))
        share = answers["303"] / (processor_seconds(pid) - cost) / usual_share
        memory = memory_mb(pid) - memory
        with Client(place.port, outcome) as client:
            client.get(LOG_IN)
        outcome.tell("capacity, logins per second", capacity)
        outcome.tell("answers to five times as many", dict(answers))
        outcome.tell("goodput by the clock, share of capacity", answers["303"] / rounds / capacity)
        outcome.tell("goodput by processor time, share of capacity", share)
        outcome.tell("more memory, MB", memory)
        outcome.tell("seconds until the next page came", client.slowest)
        outcome.expect(set(answers) == {"303", "503"}, f"answers: {dict(answers)}")
        # By processor time: what else this machine does meanwhile must not decide.
        outcome.expect(share > LEAST_GOODPUT, f"goodput is {share:.2f} of the capacity")
        outcome.expect(memory < MEMORY_MB, f"{memory:.0f} MB more memory")
        outcome.expect(client.slowest < RECOVERY_SECONDS, f"recovered after {client.slowest:.0f} s")
        outcome.expect(running.end() == 0, "the process did not end well")
    return outcome


def _login(place: Place, outcome: Outcome) -> bytes:
    """Return a login that can be sent as often as one likes: of somebody without a factor."""
    with Client(place.port, outcome) as client:
        person = Someone("person", client, place.mailed_link)
        person.register()
    with Client(place.port, outcome) as client:
        token = client.get(LOG_IN).token
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    fields = {
        "csrf_token": token,
        "username": person.username,
        "password": person.password,
        "next": "",
    }
    body = urlencode(fields)
    head = (
        f"POST {LOG_IN} HTTP/1.1\r\nHost: localhost:{place.port}\r\nConnection: close\r\n"
        f"Cookie: {cookies}\r\nContent-Type: {FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return f"{head}{body}".encode()


async def _send(port: int, request: bytes) -> str:
    """Return the status of the answer, or how it failed."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(request)
                answer = await reader.read()
            finally:
                writer.close()
    except TimeoutError:
        return "no answer in time"
    except OSError:
        return "connection broke"
    status = answer[9:12].decode()
    return f"{status} without Retry-After" if _lacks_retry(status, answer) else status


def _lacks_retry(status: str, answer: bytes) -> bool:
    return status in ("503", "429") and b"\r\nretry-after: " not in answer.lower()


def _run(people: Coroutine[Any, Any, Counter[str]]) -> Counter[str]:
    """Run people in a thread of their own: a test's browser may have a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, people).result()


async def _usual(port: int, request: bytes, seconds: float) -> Counter[str]:
    """Log in with some people at once, each of whom waits for the answer."""
    answers: Counter[str] = Counter()
    deadline = time.monotonic() + seconds

    async def one() -> None:
        while time.monotonic() < deadline:
            answers[await _send(port, request)] += 1

    await asyncio.gather(*(one() for _ in range(USUAL_PEOPLE)))
    return answers


async def _overload(port: int, request: bytes, seconds: float, rate: float) -> Counter[str]:
    """Let people come at a rate, whether the others were answered or not."""
    began = time.monotonic()
    under_way = []
    for number in range(int(seconds * rate)):
        await asyncio.sleep(began + number / rate - time.monotonic())
        under_way.append(asyncio.create_task(_send(port, request)))
    return Counter(await asyncio.gather(*under_way))
