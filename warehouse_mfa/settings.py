"""Every setting: typed, validated, explained. They come from the environment and from nowhere else."""

import ipaddress
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from limits import RateLimitItem, parse_many
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from warehouse_mfa.crypto.keys import KeyRing, parse_keys
from warehouse_mfa.crypto.passwords import RECOMMENDED, HashParameters

PREFIX = "WAREHOUSE_MFA_"
FILE_SUFFIX = "_FILE"
UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
MOST_ALLOWED = 1_000_000
LONGEST_WINDOW = timedelta(days=366)
LONGEST_DELAY = timedelta(hours=1)
LONGEST_STREAK = 100  # NIST SP 800-63B-4 §3.2.2
DATABASES = ("sqlite+pysqlite", "postgresql+psycopg")
LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
# RFC 1123 §2.1. A name that ends in a number is an address, which WebAuthn does not know.
HOST = re.compile(rf"({LABEL}\.)*(?![0-9]+$){LABEL}")
MAIL_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9.-]+", re.ASCII | re.IGNORECASE)


class BadSettings(Exception):
    """The settings cannot be used; `problems` has one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Environment(StrEnum):
    PRODUCTION = "production"
    DEVELOPMENT = "development"


class SecondFactorPolicy(StrEnum):
    REQUIRED = "required"
    OPTIONAL = "optional"
    WEBAUTHN = "webauthn"


def _duration(value: Any) -> Any:
    """Read "30 min", "1 h", "12h", "30 d"."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*([0-9]{1,6})\s*(s|min|h|d)\s*", value)
        if match is None or not int(match[1]):
            raise ValueError("write a number and a unit, such as 30 s, 5 min, 12 h or 30 d")
        return timedelta(**{UNITS[match[2]]: int(match[1])})
    return value


def _limits(value: Any) -> Any:
    """Read "5 per 5 minutes; 20 per hour", and return the shortest window first."""
    if not isinstance(value, str):
        return value
    try:
        items = sorted(parse_many(value), key=lambda item: item.get_expiry())
    except ValueError as error:
        raise ValueError("write it like 5 per 5 minutes; 20 per hour") from error
    spans = [item.get_expiry() for item in items]
    if len(set(spans)) < len(spans):
        raise ValueError("give each length of time once")
    if max(spans) > LONGEST_WINDOW.total_seconds():
        raise ValueError("no window may be longer than a year")
    if not all(1 <= item.amount <= MOST_ALLOWED for item in items):
        raise ValueError(f"allow from 1 to {MOST_ALLOWED} attempts")
    return tuple(items)


def _delays(value: Any) -> Any:
    """Read "1 min, 2 min, 4 min"."""
    if not isinstance(value, str):
        return value
    delays = tuple(_duration(part) for part in value.split(","))
    if list(delays) != sorted(delays):
        raise ValueError("no delay may be shorter than the one before")
    if delays[-1] > LONGEST_DELAY:
        raise ValueError("no delay may be longer than an hour")
    return delays


def _hash_parameters(value: Any) -> Any:
    return HashParameters.parse(value) if isinstance(value, str) else value


def _networks(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part)
        except ValueError as error:
            raise ValueError("write networks such as 10.0.0.0/8, 2001:db8::/32") from error
    return value


def _name(value: str) -> str:
    if not 1 <= len(value) <= 64 or not value.isprintable() or ":" in value:
        raise ValueError("write a name of at most 64 characters, without a colon")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    try:
        url = make_url(value.get_secret_value())
        driver = f"{url.get_backend_name()}+{url.get_driver_name()}"
    except (ArgumentError, ValueError) as error:
        raise ValueError("write sqlite:///path or postgresql+psycopg://user@host/name") from error
    if driver not in DATABASES or url.database in (None, "", ":memory:"):
        raise ValueError("write sqlite:///path or postgresql+psycopg://user@host/name")
    return value


def _redis_url(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not _is_address(value, ("redis", "rediss")):
        raise ValueError("write redis://:password@host:6379/0, or rediss:// for TLS")
    return value


def _smtp_url(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    # What is misspelled must not send mails in the clear.
    if text and (
        not _is_address(value, ("smtp", "smtps"))
        or urlsplit(text).query not in ("", "starttls=required")
    ):
        raise ValueError("write smtp://user:password@host:587?starttls=required, or smtps://")
    return value


def _is_address(value: SecretStr, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value.get_secret_value())
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _mail_from(value: str) -> str:
    if value and not MAIL_ADDRESS.fullmatch(value):
        raise ValueError("write one address, such as noreply@pypi.example")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Limits = Annotated[tuple[RateLimitItem, ...], NoDecode, BeforeValidator(_limits)]
Delays = Annotated[tuple[timedelta, ...], NoDecode, BeforeValidator(_delays)]
Networks = Annotated[
    tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...], NoDecode, BeforeValidator(_networks)
]
Parameters = Annotated[HashParameters, NoDecode, BeforeValidator(_hash_parameters)]


def _limit(default: str, description: str) -> Any:
    return Field(default=default, validate_default=True, description=description)


class Settings(BaseSettings):
    """The settings, read once at start; see `warehouse-mfa settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, arbitrary_types_allowed=True
    )

    environment: Environment = Field(
        Environment.PRODUCTION,
        description="development allows http on localhost, the mailbox page and generated keys",
    )
    origin: str = Field(
        "", description="Scheme, host and port people see, without a slash after it"
    )
    rp_id: str = Field("", description="WebAuthn relying party ID; the host of the origin if empty")
    site_name: Annotated[str, AfterValidator(_name)] = Field(
        "Package Index",
        description="Name on pages, in mails, in authenticator applications",
    )
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = Field(
        SecretStr("sqlite:///var/warehouse_mfa.sqlite3"),
        description="sqlite:///path or postgresql+psycopg://user@host/name",
    )
    redis_url: Annotated[SecretStr, AfterValidator(_redis_url)] = Field(
        SecretStr(""), description="Redis or Valkey for limits and tasks; empty: in process"
    )
    secret_keys: SecretStr = Field(
        SecretStr(""), description="Key ring, newest first: id:base64,…; see keys generate"
    )
    smtp_url: Annotated[SecretStr, AfterValidator(_smtp_url)] = Field(
        SecretStr(""), description="smtp://user:password@host:587?starttls=required"
    )
    mail_from: Annotated[str, AfterValidator(_mail_from)] = Field(
        "", description="Address that mails come from"
    )
    security_contact: str = Field(
        "", description="mailto: or https: address in /.well-known/security.txt"
    )
    trusted_proxies: Networks = Field(
        (), description="Networks whose forwarding headers are believed"
    )
    password_hash: Parameters = Field(RECOMMENDED, description="Cost of Argon2id")
    session_idle: Duration = Field(
        timedelta(hours=1), description="A session unused for so long ends"
    )
    session_lifetime: Duration = Field(timedelta(hours=12), description="Every session ends after")
    step_up_window: Duration = Field(
        timedelta(minutes=30), description="A factor proved so long ago is asked for again"
    )
    second_factor: SecondFactorPolicy = Field(
        SecondFactorPolicy.REQUIRED,
        description="required; optional; or webauthn: phishing-resistant factors only",
    )
    limit_login_user: Limits = _limit(
        "10 per 5 minutes; 50 per day", "Failed passwords for one name, before the delays"
    )
    limit_login_address: Limits = _limit(
        "10 per 5 minutes", "Failed passwords from one address, before the delays"
    )
    limit_login_device: Limits = _limit(
        "10 per 5 minutes; 50 per day", "Failed passwords on a known device, before the delays"
    )
    login_delays: Delays = Field(
        default="1 min, 2 min, 4 min, 8 min, 15 min",
        validate_default=True,
        description="Delays after so many failed passwords, each before one more attempt; the last"
        " one repeats",
    )
    limit_code_user: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", "Failed codes of one account"
    )
    limit_code_device: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", "Failed codes on a known device"
    )
    limit_totp_streak: int = Field(
        LONGEST_STREAK,
        ge=1,
        le=LONGEST_STREAK,
        description="Failed codes of an app in a row, however far apart, until another factor is"
        " needed",
    )
    limit_webauthn_user: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", "Failed security keys of one account"
    )
    limit_webauthn_device: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", "Failed security keys on a known device"
    )
    limit_factor_address: Limits = _limit(
        "10 per 5 minutes; 50 per hour", "Failed second factors from one address"
    )
    limit_mail_verification: Limits = _limit("5 per hour", "Verification mails of one account")
    limit_mail_reset: Limits = _limit("1 per 10 minutes", "Reset mails of one account")
    limit_recovery_proof: Limits = _limit(
        "5 per 5 minutes; 20 per hour", "Wrong codes typed to show that they are kept"
    )
    limit_reset_user: Limits = _limit("20 per day", "Wrong second factors in resets of one account")
    limit_reset_link: Limits = _limit("5 per day", "Wrong second factors given to one reset link")
    limit_mail_guesses: Limits = _limit("1 per day", "Mails to one account about refused passwords")
    limit_mail_address: Limits = _limit("20 per hour", "Mails asked for from one network address")
    limit_register_address: Limits = _limit("20 per hour", "Registrations from one address")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `load` gives, which has read the environment and its files."""
        return (init_settings,)

    @property
    def is_development(self) -> bool:
        return self.environment is Environment.DEVELOPMENT

    @property
    def is_https(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def host(self) -> str:
        """Host and, unless it is the scheme's own, port: what a Host header would say."""
        return urlsplit(self.origin).netloc

    @property
    def relying_party_id(self) -> str:
        return self.rp_id or urlsplit(self.origin).hostname or ""

    @property
    def key_ring(self) -> KeyRing:
        return KeyRing(parse_keys(self.secret_keys.get_secret_value()), deployment=self.origin)

    @model_validator(mode="after")
    def _check(self) -> "Settings":
        problems = [*self._unsafe_origin(), *self._unsafe_keys(), *self._unsafe_production()]
        if problems:
            raise BadSettings(problems)
        return self

    def _unsafe_origin(self) -> list[str]:
        if not self.origin:
            return ["ORIGIN is not set: give the address people see, such as https://pypi.example."]
        try:
            parts = urlsplit(self.origin)
            rebuilt = f"{parts.scheme}://{parts.hostname}" + (
                f":{parts.port}" if parts.port else ""
            )
        except ValueError:
            return ["ORIGIN is not an address such as https://pypi.example."]
        if self.origin != rebuilt or parts.scheme not in ("http", "https") or not parts.hostname:
            return ["ORIGIN must be scheme, host and port in lower case, with nothing after them."]
        if not HOST.fullmatch(parts.hostname):
            return ["ORIGIN must have a name as host, in ASCII: security keys know no addresses."]
        if parts.port == {"http": 80, "https": 443}[parts.scheme]:
            return [f"ORIGIN must not say :{parts.port}: browsers leave out the scheme's own port."]
        if parts.scheme == "http" and not (self.is_development and parts.hostname == "localhost"):
            return ["ORIGIN must be https; http is for localhost in development."]
        if self.rp_id and not f".{parts.hostname}".endswith(f".{self.rp_id}"):
            return ["RP_ID must be the host of ORIGIN or a parent domain of it."]
        return []

    def _unsafe_keys(self) -> list[str]:
        try:
            parse_keys(self.secret_keys.get_secret_value())
        except ValueError as error:
            return [f"SECRET_KEYS cannot be used: {error}"]
        return []

    def _unsafe_production(self) -> list[str]:
        if self.is_development:
            return []
        problems = []
        if not self.smtp_url.get_secret_value():
            problems.append("SMTP_URL is not set: mails could not be sent.")
        if not self.mail_from:
            problems.append("MAIL_FROM is not set: give the address that mails come from.")
        if not self.security_contact.startswith(("mailto:", "https:")):
            problems.append("SECURITY_CONTACT must be a mailto: or https: address for reports.")
        if self.password_hash.is_weak:
            problems.append("PASSWORD_HASH is weaker than argon2id:m=47104,t=1,p=1.")
        return problems


def load(environ: Mapping[str, str]) -> Settings:
    """Read and check the settings. :raises BadSettings: with a sentence for every problem."""
    given, problems = _given(environ)
    if given.get("environment") == Environment.DEVELOPMENT:
        given = _development_defaults(given)
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except BadSettings as error:
        problems += [PREFIX + problem for problem in error.problems]
    except ValidationError as error:
        problems += [
            f"{PREFIX}{item['loc'][0]}".upper()
            + f": {item['msg'].removeprefix('Value error, ').rstrip('.')}."
            for item in error.errors(include_input=False, include_context=False)
        ]
    if problems:
        raise BadSettings(problems)
    return settings


def _given(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return what the environment gives, secrets also by file, and what is wrong with it."""
    given: dict[str, str] = {}
    problems: list[str] = []
    for name, value in environ.items():
        if not name.startswith(PREFIX):
            continue
        field = name.removeprefix(PREFIX).lower()
        secret = field.removesuffix(FILE_SUFFIX.lower())
        if field in Settings.model_fields and name.isupper():
            given[field] = value
        elif secret != field and _is_secret(secret) and name.isupper():
            if PREFIX + secret.upper() in environ:
                problems.append(f"{name} is given, and {PREFIX}{secret.upper()}, too: give one.")
            try:
                given[secret] = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, ValueError) as error:
                problems.append(f"{name} names a file that cannot be read: {error}.")
        else:
            problems.append(f"{name} is not a setting. `warehouse-mfa settings` lists them.")
    return given, problems


def _is_secret(field: str) -> bool:
    return field in Settings.model_fields and Settings.model_fields[field].annotation is SecretStr


def _development_defaults(given: dict[str, str]) -> dict[str, str]:
    return {
        "origin": "http://localhost:8000",
        "mail_from": "noreply@localhost",
        "security_contact": "mailto:security@localhost",
        **given,
    }


def read_dotenv(path: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with the `NAME=value` lines of a file below it: the environment wins."""
    values: dict[str, str] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, separator, value = line.partition("=")
            if separator and not name.lstrip().startswith("#"):
                values[name.strip()] = value.strip().strip("\"'")
    return {**values, **environ}


def from_process() -> dict[str, str]:
    """Return the environment of this process; in development `.env` is read below it."""
    environ = dict(os.environ)
    together = read_dotenv(Path(".env"), environ)
    is_development = together.get(f"{PREFIX}ENVIRONMENT") == Environment.DEVELOPMENT
    return together if is_development else environ
