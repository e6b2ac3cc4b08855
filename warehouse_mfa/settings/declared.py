"""Every setting: its name, its default, what it means."""

from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from warehouse_mfa.crypto.keys import KeyRing, parse_keys
from warehouse_mfa.crypto.passwords import RECOMMENDED
from warehouse_mfa.settings.notation import (
    SMTPURL,
    DatabaseURL,
    Delays,
    Duration,
    DurationOrNone,
    Limits,
    MailAddress,
    Networks,
    OptionalPath,
    PageURL,
    Parameters,
    Parts,
    RangeURL,
    RedisURL,
    SiteName,
)
from warehouse_mfa.strings import _

PREFIX = "WAREHOUSE_MFA_"
LONGEST_STREAK = 100  # NIST SP 800-63B-4 §3.2.2
USUAL_PORTS = {"https": 443, "http": 8000}
"""Where a site stands unless it says so; http is for development."""


class Environment(StrEnum):
    PRODUCTION = "production"
    DEVELOPMENT = "development"


class SecondFactorPolicy(StrEnum):
    REQUIRED = "required"
    OPTIONAL = "optional"
    WEBAUTHN = "webauthn"


class LoginApproval(StrEnum):
    OFF = "off"
    PHISHABLE = "phishable"


class Switch(StrEnum):
    OFF = "off"
    ON = "on"


class BetaPart(StrEnum):
    """What may be marked as beta: capabilities with pages of their own."""

    TOTP = "totp"
    WEBAUTHN = "webauthn"
    RECOVERY = "recovery"


def _limit(default: str, description: str) -> Any:
    return Field(default=default, validate_default=True, description=description)


class Settings(BaseModel):
    """The settings, read once at start; see `warehouse-mfa settings`."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    environment: Environment = Field(
        Environment.PRODUCTION,
        description=_(
            "production, or development, which allows http on localhost, the mailbox page and "
            "generated keys"
        ),
    )
    origin: str = Field(
        "", description=_("Scheme, host and port people see, without a slash after it")
    )
    rp_id: str = Field(
        "",
        description=_(
            "The host that security keys are bound to (WebAuthn: relying party ID); that of the "
            "origin if empty"
        ),
    )
    site_name: SiteName = Field(
        "Package Index",
        description=_("Name on pages, in mails and in authenticator apps"),
    )
    database_url: DatabaseURL = Field(
        SecretStr("sqlite:///var/warehouse_mfa.sqlite3"),
        description=_("The database: sqlite:///path or postgresql+psycopg://user@host/name"),
    )
    redis_url: RedisURL = Field(
        SecretStr(""), description=_("Redis or Valkey for limits and tasks; empty: in process")
    )
    secret_keys: SecretStr = Field(
        SecretStr(""),
        description=_("Key ring, newest first: id:base64,…; see `warehouse-mfa keys generate`"),
    )
    smtp_url: SMTPURL = Field(
        SecretStr(""),
        description=_("The mail server: smtp://user:password@host:587?starttls=required"),
    )
    mail_from: MailAddress = Field("", description=_("Address that mails come from"))
    security_contact: PageURL = Field(
        "", description=_("mailto: or https: address in /.well-known/security.txt")
    )
    trusted_proxies: Networks = Field(
        (), description=_("Networks whose forwarding headers are believed")
    )
    password_hash: Parameters = Field(
        RECOMMENDED,
        description=_("What a password hash costs: memory in KiB, passes, lanes of Argon2id"),
    )
    breach_file: OptionalPath = Field(
        None, description=_("Sorted file of SHA-1 digests of stolen passwords; empty: none")
    )
    breach_service: RangeURL = Field(
        "", description=_("Address asked for stolen passwords by five digits of their SHA-1")
    )
    session_idle: Duration = Field(
        timedelta(hours=1), description=_("A session unused for so long ends")
    )
    session_lifetime: Duration = Field(
        timedelta(hours=12), description=_("Every session ends after so long")
    )
    step_up_window: Duration = Field(
        timedelta(minutes=30),
        description=_("A second factor proved so long ago is asked for again"),
    )
    remember_device: DurationOrNone = Field(
        timedelta(days=30),
        description=_(
            "So long a browser may be remembered, which is asked for no second factor; 0: none"
        ),
    )
    probation: DurationOrNone = Field(
        timedelta(hours=24),
        description=_(
            "So long what cannot be undone has to wait after a recovery code, a reset and the like; "
            "0: not at all"
        ),
    )
    second_factor: SecondFactorPolicy = Field(
        SecondFactorPolicy.REQUIRED,
        description=_(
            "required; optional; or webauthn: only second factors that a false site cannot trick"
        ),
    )
    approve_login: LoginApproval = Field(
        LoginApproval.OFF,
        description=_(
            "phishable: a login with a code, in a browser that the account does not know, waits "
            "for a mailed approval"
        ),
    )
    beta: Parts[BetaPart] = Field(
        (), description=_("What pages mark as beta: totp, webauthn, recovery, with commas between")
    )
    test_site: Switch = Field(
        Switch.OFF, description=_("on: every page and every mail says that this is a test site")
    )
    support_url: PageURL = Field(
        "", description=_("Page or mailto: address where people find help; empty: none")
    )
    bugs_url: PageURL = Field(
        "", description=_("Page or mailto: address where problems are reported; empty: none")
    )
    limit_login_user: Limits = _limit(
        "10 per 5 minutes; 50 per day", _("Failed passwords for one name, before the delays")
    )
    limit_login_address: Limits = _limit(
        "10 per 5 minutes", _("Failed passwords from one address, before the delays")
    )
    limit_login_device: Limits = _limit(
        "10 per 5 minutes; 50 per day", _("Failed passwords on a known device, before the delays")
    )
    login_delays: Delays = Field(
        default="1 min, 2 min, 4 min, 8 min, 15 min",
        validate_default=True,
        description=_(
            "Delays after so many failed passwords, each before one more attempt; the last"
            " one repeats"
        ),
    )
    limit_code_user: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", _("Failed codes of one account")
    )
    limit_code_device: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", _("Failed codes on a known device")
    )
    limit_totp_streak: int = Field(
        LONGEST_STREAK,
        ge=1,
        le=LONGEST_STREAK,
        description=_(
            "Failed codes of an app in a row, however far apart, until another factor is needed"
        ),
    )
    limit_webauthn_user: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", _("Failed security keys of one account")
    )
    limit_webauthn_device: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", _("Failed security keys on a known device")
    )
    limit_passkey_user: Limits = _limit(
        "5 per 5 minutes; 20 per hour; 50 per day", _("Failed logins with passkeys of one account")
    )
    limit_factor_address: Limits = _limit(
        "10 per 5 minutes; 50 per hour", _("Failed second factors from one address")
    )
    limit_mail_verification: Limits = _limit("5 per hour", _("Verification mails of one account"))
    limit_mail_reset: Limits = _limit("1 per 10 minutes", _("Reset mails of one account"))
    limit_mail_lost: Limits = _limit(
        "5 per day", _("Mails to one address that asks for help with one account")
    )
    limit_mail_approval: Limits = _limit(
        "1 per minute; 10 per hour", _("Mails to one account about logins that wait")
    )
    limit_recovery_proof: Limits = _limit(
        "5 per 5 minutes; 20 per hour", _("Wrong codes typed to show that they are kept")
    )
    limit_reset_user: Limits = _limit(
        "20 per day", _("Wrong second factors in resets of one account")
    )
    limit_reset_link: Limits = _limit(
        "5 per day", _("Wrong second factors given to one reset link")
    )
    limit_mail_guesses: Limits = _limit(
        "1 per day", _("Mails to one account about refused passwords")
    )
    limit_mail_added: Limits = _limit("5 per day", _("Mails to one account about added addresses"))
    limit_mail_address: Limits = _limit(
        "20 per hour", _("Mails asked for from one network address")
    )
    limit_register_address: Limits = _limit("20 per hour", _("Registrations from one address"))

    @property
    def is_development(self) -> bool:
        return self.environment is Environment.DEVELOPMENT

    @property
    def is_test_site(self) -> bool:
        return self.test_site is Switch.ON

    @cached_property
    def is_https(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def host(self) -> str:
        """Host and, unless it is the scheme's own, port: what a Host header would say."""
        return urlsplit(self.origin).netloc

    @cached_property
    def cookie_names(self) -> str:
        """What the name of a cookie is put into, by `%`.

        Browsers send the cookies of a host to all of its ports: each has names of its own.
        """
        parts = urlsplit(self.origin)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
        mark = "" if port == USUAL_PORTS[parts.scheme] else f"-{port}"
        return ("__Host-" if self.is_https else "") + "%s" + mark

    @property
    def relying_party_id(self) -> str:
        return self.rp_id or urlsplit(self.origin).hostname or ""

    @property
    def key_ring(self) -> KeyRing:
        return KeyRing(parse_keys(self.secret_keys.get_secret_value()), deployment=self.origin)
