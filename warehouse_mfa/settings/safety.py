"""What no site may be served with, a sentence each."""

import re
from urllib.parse import urlsplit

from translationstring import TranslationString

from warehouse_mfa.crypto.keys import parse_keys
from warehouse_mfa.settings.declared import Settings
from warehouse_mfa.strings import Unreadable, _

LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
# RFC 1123 §2.1. A name that ends in a number is an address, which WebAuthn does not know.
HOST = re.compile(rf"({LABEL}\.)*(?![0-9]+$){LABEL}")


def problems_of(settings: Settings) -> list[TranslationString]:
    """Return what is unsafe in `settings`, in the order to mend it."""
    return [*_origin(settings), *_keys(settings), *_breaches(settings), *_production(settings)]


def _origin(settings: Settings) -> list[TranslationString]:
    if not settings.origin:
        return [
            _(
                "WAREHOUSE_MFA_ORIGIN is not set: give the address people see, such as https://pypi.example."
            )
        ]
    try:
        parts = urlsplit(settings.origin)
        rebuilt = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return [_("WAREHOUSE_MFA_ORIGIN is not an address such as https://pypi.example.")]
    if settings.origin != rebuilt or parts.scheme not in ("http", "https") or not parts.hostname:
        return [
            _(
                "WAREHOUSE_MFA_ORIGIN must be scheme, host and port in lower case, with nothing "
                "after them."
            )
        ]
    if not HOST.fullmatch(parts.hostname):
        return [
            _(
                "WAREHOUSE_MFA_ORIGIN must have a name as host, in ASCII: security keys know no "
                "addresses."
            )
        ]
    if parts.port == {"http": 80, "https": 443}[parts.scheme]:
        return [
            _(
                "WAREHOUSE_MFA_ORIGIN must not say :${port}: browsers leave out the scheme's own port.",
                mapping={"port": parts.port},
            )
        ]
    if parts.scheme == "http" and not (settings.is_development and parts.hostname == "localhost"):
        return [_("WAREHOUSE_MFA_ORIGIN must be https; http is for localhost in development.")]
    if settings.rp_id and not f".{parts.hostname}".endswith(f".{settings.rp_id}"):
        return [
            _(
                "WAREHOUSE_MFA_RP_ID must be the host of WAREHOUSE_MFA_ORIGIN or a parent domain of it."
            )
        ]
    return []


def _keys(settings: Settings) -> list[TranslationString]:
    try:
        parse_keys(settings.secret_keys.get_secret_value())
    except Unreadable as error:
        return [
            _(
                "WAREHOUSE_MFA_SECRET_KEYS cannot be used: ${reason}",
                mapping={"reason": error.message},
            )
        ]
    return []


def _breaches(settings: Settings) -> list[TranslationString]:
    file = settings.breach_file
    if file is not None and settings.breach_service:
        return [
            _(
                "WAREHOUSE_MFA_BREACH_FILE and WAREHOUSE_MFA_BREACH_SERVICE are both given: give one."
            )
        ]
    if file is not None and not file.is_file():
        return [
            _(
                "WAREHOUSE_MFA_BREACH_FILE names a file that is not there: ${file}.",
                mapping={"file": file},
            )
        ]
    if settings.breach_service.startswith("http://") and not settings.is_development:
        return [
            _(
                "WAREHOUSE_MFA_BREACH_SERVICE must be https: the answer decides which passwords are "
                "taken."
            )
        ]
    return []


def _production(settings: Settings) -> list[TranslationString]:
    if settings.is_development:
        return []
    problems = []
    if not settings.smtp_url.get_secret_value():
        problems.append(_("WAREHOUSE_MFA_SMTP_URL is not set: mails could not be sent."))
    if not settings.mail_from:
        problems.append(
            _("WAREHOUSE_MFA_MAIL_FROM is not set: give the address that mails come from.")
        )
    if not settings.security_contact.startswith(("mailto:", "https:")):
        problems.append(
            _("WAREHOUSE_MFA_SECURITY_CONTACT must be a mailto: or https: address for reports.")
        )
    if settings.password_hash.is_weak:
        problems.append(_("WAREHOUSE_MFA_PASSWORD_HASH is weaker than argon2id:m=47104,t=1,p=1."))
    return problems
