"""Nothing secret shows: every secret that tests use is looked for wherever it must not be.

What a browser types, is handed out or is shown is collected as it passes; when a database is emptied
after a test, the secrets of that test are looked for in the log, in the addresses of answers, in mails
and in every table. Codes of six digits are left out: any six digits may be part of an id.
"""

import base64
import logging
import re
import traceback
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from webob import Request, Response

# Shorter ones, and a name that somebody tries as a password, are part of many other things.
SHORTEST = 16
FEWEST_BYTES = 10
SECRET_FIELDS = re.compile("password|csrf_token|recovery_code_value")
SECRET_COOKIES = frozenset(
    {"session", "login", "device", "csrf", "mailed", "enroll", "held", "waiting"}
)
# Somebody tries the own address as a password, and is refused.
ADDRESS_OF_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+")
FORM = "application/x-www-form-urlencoded"
# What a page leads to, but for what is meant to be taken along: the key as a link, the codes as a file.
ADDRESS = re.compile(r'(?:href|action|src|data-[a-z]+)="((?!otpauth:|data:)[^"]{16,})"')
MAILED_TOKEN = re.compile(r"[?&]token=([A-Za-z0-9_-]{16,})")

# This page shows mails as they are.
MAILBOX = "/dev/mail/"

LOG, ADDRESSES, MAILS = "log", "addresses of answers", "mails"

Tables = Mapping[str, Iterable[Iterable[Any]]]


def short_name(cookie: str) -> str:
    """Return the name of a cookie without what scheme and port add to it."""
    return cookie.removeprefix("__Host-").partition("-")[0]


class SecretShown(AssertionError):
    """Something secret stands where it must not."""


class Secrecy(logging.Handler):
    """Collects secrets and what was shown, and compares them. As a handler it hears the log."""

    def __init__(self) -> None:
        super().__init__()
        self._always: dict[str, str] = {}
        self._secrets: dict[str, str] = {}
        self._mailed: set[str] = set()
        self._typed: set[str] = set()
        self._shown: dict[str, list[str]] = {LOG: [], ADDRESSES: []}

    # What is secret

    def use_always(self, secret: str, what: str) -> None:
        """Note a secret of the whole run: a key, or the password of a server."""
        self._always[secret] = what

    def use(self, secret: str, what: str) -> None:
        """Note a secret of this test."""
        if len(secret) >= SHORTEST:
            self._secrets[secret] = what

    # What is shown

    def emit(self, record: logging.LogRecord) -> None:
        self._shown[LOG].append(record.getMessage())
        if record.exc_info and record.exc_info[1]:
            self._shown[LOG] += traceback.format_exception(record.exc_info[1])
        # Ours are dictionaries until they are printed.
        error = record.msg.get("exc_info") if isinstance(record.msg, dict) else None
        if isinstance(error, BaseException):
            self._shown[LOG] += traceback.format_exception(error)

    def saw(self, request: Request, response: Response) -> None:
        """Look at what a browser sent and got."""
        if request.method == "POST" and request.content_type == FORM:
            self._look_at_fields(request.body)
        self._mailed.update(MAILED_TOKEN.findall(f"?{request.query_string}"))
        for header in response.headers.getall("Set-Cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            if short_name(name) in SECRET_COOKIES:
                self.use(value, f"cookie {name}")
        shown = self._shown[ADDRESSES]
        shown.append(response.headers.get("Location", ""))
        if response.content_type == "text/html" and request.path != MAILBOX:
            shown += ADDRESS.findall(response.text)
        elif response.content_type == "application/json" and b"redirect_to" in response.body:
            shown.append(response.text)

    def _look_at_fields(self, body: bytes) -> None:
        for name, value in parse_qsl(body.decode("latin-1")):
            if SECRET_FIELDS.search(name) and not ADDRESS_OF_MAIL.fullmatch(value):
                self.use(value, name)
            else:
                self._typed.add(value)

    # The comparison

    def check(self, tables: Tables | None = None) -> None:
        """Compare, and begin anew. :raises SecretShown: when something secret was shown."""
        places = {place: _Text([texts]) for place, texts in self._shown.items()}
        for name, rows in (tables or {}).items():
            places[MAILS if name == MAILS else f"table {name}"] = _Text(rows)
        in_mails = MAILED_TOKEN.findall(places[MAILS].text) if MAILS in places else []
        secrets = {**self._always, **self._secrets}
        found = [
            f"{what} in {place}: {secret!r}"
            for secret, what in secrets.items()
            if secret not in self._typed
            for place, shown in places.items()
            if shown.has(secret)
        ]
        found += [
            f"mailed token in {place}: {token!r}"
            for token in {*self._mailed, *in_mails}
            for place, shown in places.items()
            if place != MAILS and shown.has(token)
        ]
        self._forget()
        if found:
            raise SecretShown("\n".join(found))

    def _forget(self) -> None:
        self._secrets.clear()
        self._mailed.clear()
        self._typed.clear()
        for texts in self._shown.values():
            texts.clear()


class _Text:
    """All that was shown in one place, to be searched."""

    def __init__(self, rows: Iterable[Iterable[Any]]) -> None:
        values = [value for row in rows for value in row]
        is_raw = (bytes, memoryview, bytearray)
        self.text = "\n".join(str(value) for value in values if not isinstance(value, is_raw))
        self._bytes = b"\n".join(bytes(value) for value in values if isinstance(value, is_raw))

    def has(self, secret: str) -> bool:
        """Tell whether a secret is here, as it is, or as the bytes that it is written for."""
        if secret in self.text or secret.encode("utf-8", "surrogatepass") in self._bytes:
            return True
        return any(raw in self._bytes or raw.hex() in self.text for raw in _bytes_of(secret))


def _bytes_of(secret: str) -> list[bytes]:
    """Return what a text may be base64url or Base32 of."""
    found = []
    for decode, quantum in ((base64.urlsafe_b64decode, 4), (base64.b32decode, 8)):
        try:
            found.append(decode(secret + "=" * (-len(secret) % quantum)))
        except ValueError:
            continue  # it is no such text
    return [raw for raw in found if len(raw) >= FEWEST_BYTES]


SECRECY = Secrecy()
"""That of this run: of this process, when several share it."""
