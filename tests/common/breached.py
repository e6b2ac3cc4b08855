"""A service that knows stolen passwords, over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from warehouse_mfa.breaches.digests import digest_of

BREACHED = "password"
DIGEST = digest_of(BREACHED)
KNOWN = f"0018A45C4D1DEF81644B54AB7F969B88D65:10\r\n{DIGEST[5:]}:52256179\r\n"


class Service(ThreadingHTTPServer):
    """A real server, which keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.body = KNOWN.encode()
        self.status = 200
        self.may_answer = Event()
        self.may_answer.set()
        self.asked: list[tuple[str, str | None]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of those who went before the answer was read."""

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/range/"


class Answer(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Add-Padding"]))
        self.server.may_answer.wait(30)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the test tells what was asked."""


@contextmanager
def serving() -> Iterator[Service]:
    with Service() as service:
        thread = Thread(target=service.serve_forever, args=(0.01,))
        thread.start()
        yield service
        service.may_answer.set()
        service.shutdown()
        thread.join()
