"""A browser that measures: it keeps cookies, fills in forms, and adds up what its answers cost."""

import html
import http.client
import io
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlencode, urlsplit

from warehouse_mfa.http.front import Application, Environ

TOKEN = re.compile(rb'name="csrf_token" value="([^"]*)"')
OPTIONS = re.compile(rb'data-first-options="([^"]*)"')
HEADERS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br",
    "Sec-Fetch-Site": "same-origin",
}
FORM = "application/x-www-form-urlencoded"


class UnexpectedAnswer(Exception):
    """The walk does not go on: what is measured would not be what it is called."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def path(self) -> str:
        """Where a redirect leads."""
        parts = urlsplit(self.headers["Location"])
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def token(self) -> str:
        """The CSRF token of the page."""
        found = TOKEN.search(self.body)
        if found is None:
            raise UnexpectedAnswer("no CSRF token in the page")
        return found[1].decode()

    @property
    def first_options(self) -> dict[str, Any]:
        """The options of the ceremony that the page asks for."""
        found = OPTIONS.search(self.body)
        if found is None:
            raise UnexpectedAnswer("no options in the page")
        options: dict[str, Any] = json.loads(html.unescape(found[1].decode()))
        return options


Send = Callable[[str, str, dict[str, str], bytes], Answer]
"""Method, path, headers and body to an answer."""


class Browser:
    """One cookie jar."""

    def __init__(self, send: Send, origin: str, cookies: dict[str, str] | None = None) -> None:
        self._send = send
        self.origin = origin
        self.cookies = dict(cookies or {})

    def get(self, path: str, status: int = 200) -> Answer:
        return self._request("GET", path, {}, b"", status)

    def post(self, path: str, fields: dict[str, str], status: int) -> Answer:
        headers = {"Content-Type": FORM, "Origin": self.origin}
        return self._request("POST", path, headers, urlencode(fields).encode(), status)

    def _request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, status: int
    ) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**HEADERS, **headers, **({"Cookie": cookies} if cookies else {})}
        answer = self._send(method, path, sent, body)
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self._keep(cookie)
        if answer.status != status:
            raise UnexpectedAnswer(f"{method} {path}: {answer.status} instead of {status}")
        return answer

    def _keep(self, cookie: str) -> None:
        name, _, value = cookie.partition(";")[0].partition("=")
        if value and "max-age=0" not in cookie.lower():
            self.cookies[name] = value
        else:
            self.cookies.pop(name, None)


Call = Callable[[Application, Environ, Callable[..., Any]], bytes]


def call(application: Application, environ: Environ, start_response: Callable[..., Any]) -> bytes:
    """Return the whole body of an answer. This is all that is measured."""
    chunks = application(environ, start_response)
    try:
        return b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()


class Meter:
    """Sends requests to a WSGI application in this process, and adds up its processor time."""

    def __init__(self, application: Application, through: Call = call) -> None:
        """`through` makes the call; a profiler may stand in between."""
        self._application = application
        self._through = through
        self.seconds = 0.0

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        environ = _environ(method, path, headers, body)
        told: list[Any] = []
        started = time.process_time()
        content = self._through(self._application, environ, lambda *head: told.append(head))
        self.seconds += time.process_time() - started
        status, pairs, *_ = told[-1]
        received = Message()
        for name, value in pairs:
            received[name] = value
        return Answer(int(status[:3]), received, content)


def _environ(method: str, path: str, headers: dict[str, str], body: bytes) -> Environ:
    route, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": route,
        "QUERY_STRING": query,
        "SERVER_NAME": "bench",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ


class Wire:
    """Sends requests to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        self._connection.request(method, path, body or None, headers)
        response = self._connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def close(self) -> None:
        self._connection.close()
