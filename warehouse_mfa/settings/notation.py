"""How the values of settings are written: durations, limits, networks, addresses."""

import ipaddress
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from limits import RateLimitItem, parse_many
from pydantic import AfterValidator, BeforeValidator, SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from warehouse_mfa.crypto.passwords import HashParameters
from warehouse_mfa.strings import Unreadable, _

T = TypeVar("T")
UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
MOST_ALLOWED = 1_000_000
LONGEST_WINDOW = timedelta(days=366)
LONGEST_DELAY = timedelta(hours=1)
LONGEST_DURATION = timedelta(days=3660)
"""So long ago and so far ahead, there is a date."""
DATABASE_NOTATION = _("write sqlite:///path or postgresql+psycopg://user@host/name")
DATABASES = ("sqlite+pysqlite", "postgresql+psycopg")
MAIL_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9.-]+", re.ASCII | re.IGNORECASE)


def _duration(value: Any) -> Any:
    """Read "30 min", "1 h", "12h", "30 d"."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*([0-9]{1,6})\s*(s|min|h|d)\s*", value)
        if match is None or not int(match[1]):
            raise Unreadable(_("write a number and a unit, such as 30 s, 5 min, 12 h or 30 d"))
        duration = timedelta(**{UNITS[match[2]]: int(match[1])})
        if duration > LONGEST_DURATION:
            raise Unreadable(_("no duration may be longer than ten years"))
        return duration
    return value


def written(duration: timedelta) -> str:
    """Return a duration as it is written: "30 min", "1 h"."""
    if not duration:
        return "0"
    lengths = {unit: timedelta(**{name: 1}) for unit, name in UNITS.items()}
    longest = [unit for unit, length in lengths.items() if not duration % length][-1]
    return f"{duration // lengths[longest]} {longest}"


def _duration_or_none(value: Any) -> Any:
    """Read a duration, or "0" for what is not done at all."""
    return timedelta(0) if value == "0" else _duration(value)


def _limits(value: Any) -> Any:
    """Read "5 per 5 minutes; 20 per hour", and return the shortest window first."""
    if not isinstance(value, str):
        return value
    try:
        items = sorted(parse_many(value), key=lambda item: item.get_expiry())
    except ValueError as error:
        raise Unreadable(_("write it like 5 per 5 minutes; 20 per hour")) from error
    spans = [item.get_expiry() for item in items]
    if len(set(spans)) < len(spans):
        raise Unreadable(_("give each length of time once"))
    if max(spans) > LONGEST_WINDOW.total_seconds():
        raise Unreadable(_("no window may be longer than a year"))
    if not all(1 <= item.amount <= MOST_ALLOWED for item in items):
        raise Unreadable(_("allow from 1 to ${most} attempts", mapping={"most": MOST_ALLOWED}))
    return tuple(items)


def _delays(value: Any) -> Any:
    """Read "1 min, 2 min, 4 min"."""
    if not isinstance(value, str):
        return value
    delays = tuple(_duration(part) for part in value.split(","))
    if list(delays) != sorted(delays):
        raise Unreadable(_("no delay may be shorter than the one before"))
    if delays[-1] > LONGEST_DELAY:
        raise Unreadable(_("no delay may be longer than an hour"))
    return delays


def _hash_parameters(value: Any) -> Any:
    return HashParameters.parse(value) if isinstance(value, str) else value


def _networks(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part)
        except ValueError as error:
            raise Unreadable(_("write networks such as 10.0.0.0/8, 2001:db8::/32")) from error
    return value


def _name(value: str) -> str:
    if not value.strip() or len(value) > 64 or not value.isprintable() or ":" in value:
        raise Unreadable(_("write a name of at most 64 characters, without a colon"))
    return value


def _database_url(value: SecretStr) -> SecretStr:
    try:
        url = make_url(value.get_secret_value())
        driver = f"{url.get_backend_name()}+{url.get_driver_name()}"
    except (ArgumentError, ValueError) as error:
        raise Unreadable(DATABASE_NOTATION) from error
    if driver not in DATABASES or url.database in (None, "", ":memory:"):
        raise Unreadable(DATABASE_NOTATION)
    return value


def _redis_url(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not _is_address(value, ("redis", "rediss")):
        raise Unreadable(_("write redis://:password@host:6379/0, or rediss:// for TLS"))
    return value


def _smtp_url(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not _is_mail_server(value):
        raise Unreadable(_("write smtp://user:password@host:587?starttls=required, or smtps://"))
    return value


def _is_mail_server(value: SecretStr) -> bool:
    """What is misspelled must not send mails in the clear, or none because TLS is there already."""
    if not _is_address(value, ("smtp", "smtps")):
        return False
    parts = urlsplit(value.get_secret_value())
    queries = ("", "starttls=required") if parts.scheme == "smtp" else ("",)
    return parts.query in queries and parts.path in ("", "/") and not parts.fragment


def _range_url(value: str) -> str:
    if value and not (
        _is_address(SecretStr(value), ("https", "http"))
        and value.endswith("/")
        and "?" not in value
    ):
        raise Unreadable(
            _("write an address that ends with a slash, such as https://ranges.example/")
        )
    return value


def _page_url(value: str) -> str:
    mailbox = value.removeprefix("mailto:")
    is_mailbox = mailbox != value and MAIL_ADDRESS.fullmatch(mailbox)
    if value and not (is_mailbox or _is_address(SecretStr(value), ("https", "http"))):
        raise Unreadable(_("write an address that starts with https: or mailto:"))
    return value


def _parts(value: Any) -> Any:
    """Read "webauthn, totp"."""
    return (
        tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value
    )


def _is_address(value: SecretStr, schemes: tuple[str, ...]) -> bool:
    text = value.get_secret_value()
    if not text.isprintable() or " " in text:
        return False  # `urlsplit` leaves out what it does not like
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _mail_from(value: str) -> str:
    if value and not MAIL_ADDRESS.fullmatch(value):
        raise Unreadable(_("write one address, such as noreply@pypi.example"))
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
DurationOrNone = Annotated[timedelta, BeforeValidator(_duration_or_none)]
Limits = Annotated[tuple[RateLimitItem, ...], BeforeValidator(_limits)]
Delays = Annotated[tuple[timedelta, ...], BeforeValidator(_delays)]
Networks = Annotated[
    tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...], BeforeValidator(_networks)
]
Parts = Annotated[tuple[T, ...], BeforeValidator(_parts)]
Parameters = Annotated[HashParameters, BeforeValidator(_hash_parameters)]
SiteName = Annotated[str, AfterValidator(_name)]
DatabaseURL = Annotated[SecretStr, AfterValidator(_database_url)]
RedisURL = Annotated[SecretStr, AfterValidator(_redis_url)]
SMTPURL = Annotated[SecretStr, AfterValidator(_smtp_url)]
RangeURL = Annotated[str, AfterValidator(_range_url)]
PageURL = Annotated[str, AfterValidator(_page_url)]
MailAddress = Annotated[str, AfterValidator(_mail_from)]
OptionalPath = Annotated[Path | None, BeforeValidator(lambda value: value or None)]
