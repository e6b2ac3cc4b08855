"""A browser over a real connection that knows how a site may fail, and how it must not."""

import hashlib
import html
import http.client
import re
import time
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode, urlsplit

from dev.faults.outcome import Outcome

TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
FORM = "application/x-www-form-urlencoded"
PATIENCE_SECONDS = 60.0


class Unanswered(Exception):
    """The connection broke before there was a whole answer."""


class Unavailable(Exception):
    """A 503 with `Retry-After`: what a site may say while something is wrong with it."""


class Unexpected(Exception):
    """An answer that nothing explains. It is in the outcome already."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def path(self) -> str:
        """Where a redirect leads."""
        return urlsplit(self.headers["Location"] or "").path

    @property
    def token(self) -> str:
        found = TOKEN.search(self.text)
        assert found is not None, "no CSRF token in the page"
        return html.unescape(found[1])


class Client:
    """One cookie jar and one connection."""

    def __init__(self, port: int, outcome: Outcome, cookies: dict[str, str] | None = None) -> None:
        self.cookies = dict(cookies or {})
        self.slowest = 0.0
        self._outcome = outcome
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str, *expected: int) -> Answer:
        return self._ask("GET", path, None, expected or (200,))

    def post(self, path: str, fields: dict[str, str], *expected: int) -> Answer:
        return self._ask("POST", path, urlencode(fields), expected or (303,))

    def submit(self, page: str, fields: dict[str, str], *expected: int, to: str = "") -> Answer:
        """Get a page and send its form, to the same address if no other is given."""
        token = self.get(page).token
        return self.post(to or page, {"csrf_token": token, **fields}, *expected)

    def cookie(self, name: str) -> str:
        """Return what a cookie holds, whose name says the port."""
        return self.cookies[f"{name}-{self._port}"]

    def _ask(self, method: str, path: str, body: str | None, expected: tuple[int, ...]) -> Answer:
        headers = {"Host": f"localhost:{self._port}"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = FORM
        began = time.monotonic()
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            answer = Answer(response.status, response.headers, response.read().decode())
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unanswered(f"{method} {path}: {error!r}") from error
        self.slowest = max(self.slowest, time.monotonic() - began)
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self._keep(cookie)
        return self._judged(answer, f"{method} {path.partition('?')[0]}", expected)

    def _judged(self, answer: Answer, what: str, expected: tuple[int, ...]) -> Answer:
        if answer.status in expected:
            return answer
        if answer.status == 503 and int(answer.headers.get("Retry-After", 0)) > 0:
            self._outcome.count("answers 503")
            raise Unavailable(what)
        wanted = " or ".join(map(str, expected))
        sentence = f"{what} answered {answer.status} instead of {wanted}"
        self._outcome.breaks(sentence)
        raise Unexpected(sentence)

    def _keep(self, cookie: str) -> None:
        name, _, value = cookie.partition(";")[0].partition("=")
        if value and "max-age=0" not in cookie.lower():
            self.cookies[name] = value
        else:
            self.cookies.pop(name, None)


def digest(cookie: str) -> bytes:
    """Return what the database keeps of the secret in a cookie."""
    return hashlib.sha256(urlsafe_b64decode(cookie + "=")).digest()
