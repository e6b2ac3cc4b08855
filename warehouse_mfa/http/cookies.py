"""Cookies: `__Host-` on https, and values that are sealed when the browser must not read them."""

import base64
import binascii
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from warehouse_mfa.clock import IClock
from warehouse_mfa.crypto import CannotOpen, IKeyRing

PLAIN = re.compile(r"[\w=-]*", re.ASCII)  # base64url, and the tag of a language
SECRET_LENGTH = 43  # base64url of 32 bytes, no padding


def sent_cookies(request: Request) -> dict[str, str]:
    """Return what the browser sent, by full name. `request.cookies`, read once.

    `front` lets plain pairs through and nothing else; WebOb would look for more at every question.
    """
    pairs = [part.partition("=") for part in request.environ.get("HTTP_COOKIE", "").split("; ")]
    return {name: value.strip('"') for name, is_pair, value in pairs if is_pair}


def unless_it_fails(request: Request, write: Callable[[Request, Response], None]) -> None:
    """Write something on the answer of a request, but on none that says that nothing was changed.

    What fails at its end was promised by a view before.
    """
    request.add_response_callback(
        lambda request, response: None if response.status_int >= 500 else write(request, response)
    )


class Cookie:
    """One cookie. Secure and `__Host-` on https; plain for an http://localhost origin.

    Its name says the port where that is not the usual one: see decision 11.
    """

    def __init__(
        self, name: str, *, max_age: timedelta | None = None, same_site: str = "Lax"
    ) -> None:
        self.name = name
        self._max_age = max_age
        self._same_site = same_site

    def full_name(self, request: Request) -> str:
        """Return the name as the browser knows it. RFC 6265bis §4.1.3."""
        name: str = request.registry["settings"].cookie_names % self.name
        return name

    def read(self, request: Request) -> str | None:
        """Return what the browser sent, `None` if nothing."""
        value: str | None = request.cookies.get(self.full_name(request))
        return value or None

    def write(self, request: Request, response: Response, value: str) -> None:
        """Set the cookie with an answer."""
        self._write(request, response, value, self._max_age)

    def write_later(self, request: Request, value: str) -> None:
        """Set the cookie with the answer of this request, unless it fails."""
        unless_it_fails(request, lambda req, response: self.write(req, response, value))

    def clear(self, request: Request, response: Response) -> None:
        """Take the cookie away."""
        self._write(request, response, "", timedelta(0))

    def clear_later(self, request: Request) -> None:
        """Take the cookie away with the answer of this request, unless it fails."""
        unless_it_fails(request, self.clear)

    def _write(
        self, request: Request, response: Response, value: str, max_age: timedelta | None
    ) -> None:
        # WebOb would take forty calls to quote what needs no quotes.
        if not PLAIN.fullmatch(value):
            raise ValueError(f"the cookie {self.name!r} cannot hold this value")
        life = ""
        if max_age is not None:
            end = format_datetime(request.find_service(IClock).now() + max_age, usegmt=True)
            life = f"; Max-Age={max_age.total_seconds():.0f}; Expires={end}"
        secure = "; Secure" if request.registry["settings"].is_https else ""
        written = f"{self.full_name(request)}={value}; Path=/{life}{secure}"
        header = f"{written}; HttpOnly; SameSite={self._same_site}"
        response.headerlist.append(("Set-Cookie", header))


def _encode(value: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class SecretCookie(Cookie):
    """A cookie that holds 32 random bytes; the database knows their digest."""

    def secret(self, request: Request) -> bytes | None:
        """Return the bytes, `None` when the browser sent nothing that could be them."""
        text = self.read(request)
        if text is None or len(text) != SECRET_LENGTH:
            return None
        try:
            secret = base64.b64decode(text.encode("ascii") + b"=", altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            return None
        # The last character has two bits more than the secret: one spelling of it is ours.
        return secret if _encode(secret) == text else None

    def hand_out(self, request: Request, secret: bytes) -> None:
        """Let the browser carry `secret` from the next answer on."""
        self.write_later(request, _encode(secret))


class SealedCookie(Cookie):
    """A cookie that holds a JSON value which only we can read or make, for a limited time."""

    def __init__(self, name: str, *, max_age: timedelta, same_site: str = "Lax") -> None:
        super().__init__(name, max_age=max_age, same_site=same_site)
        self._life = max_age

    def seal(self, request: Request, value: Any) -> str:
        """Return the cookie's text for a JSON value."""
        expires = int((request.find_service(IClock).now() + self._life).timestamp())
        plain = json.dumps([expires, value], separators=(",", ":")).encode()
        sealed = request.find_service(IKeyRing).seal(
            f"cookie:{self.name}", plain, bound_to=self.name.encode()
        )
        return _encode(sealed)

    def open(self, request: Request) -> Any:
        """Return the value; `None` when there is none, it was changed, or its time is over."""
        text = self.read(request)
        if text is None:
            return None
        try:
            sealed = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
            plain = request.find_service(IKeyRing).open(
                f"cookie:{self.name}", sealed, bound_to=self.name.encode()
            )
        except (CannotOpen, binascii.Error, UnicodeEncodeError):
            return None
        expires, value = json.loads(plain)
        now: datetime = request.find_service(IClock).now()
        return value if now.timestamp() < expires else None
