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
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from warehouse_mfa.crypto.keys import KeyRing, parse_keys
from warehouse_mfa.crypto.passwords import EQUIVALENT, RECOMMENDED, HashParameters

PREFIX = "WAREHOUSE_MFA_"
FILE_SUFFIX = "_FILE"
UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}


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
        if match is None:
            raise ValueError("write a number and a unit, such as 30 s, 5 min, 12 h or 30 d")
        return timedelta(**{UNITS[match[2]]: int(match[1])})
    return value


def _limits(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return tuple(parse_many(value))
        except ValueError as error:
            raise ValueError("write it like 5 per 5 minutes; 20 per hour") from error
    return value


def _hash_parameters(value: Any) -> Any:
    return HashParameters.parse(value) if isinstance(value, str) else value


def _networks(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part)
        except ValueError as error:
            raise ValueError("write networks such as 10.0.0.0/8, 2001:db8::/32") from error
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Limits = Annotated[tuple[RateLimitItem, ...], NoDecode, BeforeValidator(_limits)]
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
    site_name: str = Field(
        "Package Index",
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f:]+$",
        description="Name on pages, in mails, in authenticator applications",
    )
    database_url: SecretStr = Field(
        SecretStr("sqlite:///var/warehouse_mfa.sqlite3"),
        description="sqlite:///path or postgresql+psycopg://user@host/name",
    )
    redis_url: SecretStr = Field(
        SecretStr(""), description="Redis or Valkey for limits and tasks; empty: in process"
    )
    secret_keys: SecretStr = Field(
        SecretStr(""), description="Key ring, newest first: id:base64,…; see keys generate"
    )
    smtp_url: SecretStr = Field(
        SecretStr(""), description="smtp://user:password@host:587?starttls=required"
    )
    mail_from: str = Field("", description="Address that mails come from")
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
    second_factor: SecondFactorPolicy = Field(
        SecondFactorPolicy.REQUIRED,
        description="required; optional; or webauthn: phishing-resistant factors only",
    )
    limit_login_user: Limits = _limit("10 per 5 minutes", "Failed passwords of one account")
    limit_login_address: Limits = _limit("10 per 5 minutes", "Failed passwords from one address")
    limit_login_device: Limits = _limit("10 per 5 minutes", "Failed passwords on a known device")
    limit_code_user: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", "Failed codes of one account"
    )
    limit_code_device: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", "Failed codes on a known device"
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
        if all(self.password_hash.is_weaker_than(least) for least in (RECOMMENDED, EQUIVALENT)):
            problems.append("PASSWORD_HASH is weaker than argon2id:m=47104,t=1,p=1.")
        return problems


def load(environ: Mapping[str, str]) -> Settings:
    """Read and check the settings. :raises BadSettings: with a sentence for every problem."""
    given, problems = _given(environ)
    if given.get("environment") == Environment.DEVELOPMENT:
        given = _development_defaults(given)
    if problems:
        raise BadSettings(problems)
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except BadSettings as error:
        raise BadSettings([PREFIX + problem for problem in error.problems]) from error
    except ValidationError as error:
        raise BadSettings(
            [
                f"{PREFIX}{'_'.join(str(part) for part in item['loc']).upper()}: "
                + item["msg"].removeprefix("Value error, ")
                for item in error.errors(include_input=False, include_context=False)
            ]
        ) from error


def _given(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return what the environment gives, secrets also by file, and what is wrong with it."""
    given: dict[str, str] = {}
    problems: list[str] = []
    for name, value in environ.items():
        if not name.startswith(PREFIX):
            continue
        field = name.removeprefix(PREFIX).lower()
        secret = field.removesuffix(FILE_SUFFIX.lower())
        if field in Settings.model_fields:
            given[field] = value
        elif secret != field and _is_secret(secret):
            try:
                given[secret] = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
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
    return read_dotenv(Path(".env"), environ)
