"""A thousand clients that send slowly or never read, while people use the site. P-112."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from dev.faults.agreement import compare
from dev.faults.load import Load
from dev.faults.outcome import Outcome
from dev.faults.place import opened
from dev.faults.resources import memory_mb

SHORT, FULL = 30, 600
SLOW = 1000
FILES = 4000
MEMORY_MB = 200.0
HEAD = b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
PAGE = b"GET /static/css/layout.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
REQUESTS = (
    HEAD,  # headers that do not end
    HEAD + b"\r\nusername=",  # a body that does not come
    PAGE * 20,  # answers that nobody reads
)


def run(kind: str, rounds: int) -> Outcome:
    """Let people make so many changes, first alone, then beside the slow ones."""
    outcome = Outcome()
    with opened(kind) as place:
        running = place.serve()
        with Load(place, outcome) as load:
            load.wait_for(rounds)
            memory = memory_mb(running.process.pid)
            alone = load.slowest
            outcome.expect(_is_there(place.port), "what the slow ones ask for is not there")
            with _slow_clients(place.port):
                load.forget_slowest()
                load.wait_for(rounds)
                memory = memory_mb(running.process.pid) - memory
                outcome.tell("slowest request in seconds, alone", alone)
                outcome.tell("slowest request in seconds, beside them", load.slowest)
        outcome.tell("more memory, MB", memory)
        outcome.expect(memory < MEMORY_MB, f"{memory:.0f} MB more memory")
        outcome.expect(not outcome.counts["answers 503"], "people were sent away")
        compare(place.engine, load.people, place.keys, outcome)
        outcome.expect(running.end() == 0, "the process did not end well")
        outcome.count("slow clients", SLOW)
    return outcome


def _is_there(port: int) -> bool:
    """Tell whether the file that nobody reads is one: an error page costs more than a file."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(PAGE)
        return client.recv(1000).startswith(b"HTTP/1.1 200 ")


@contextmanager
def _slow_clients(port: int) -> Iterator[None]:
    """Keep them connected until the end of the block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(FILES, hard)), hard))
    with ExitStack() as slow:
        for number in range(SLOW):
            client = slow.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(REQUESTS[number % len(REQUESTS)])
        yield
