"""What no site may be served with, a sentence each."""

import re
from urllib.parse import urlsplit

from warehouse_mfa.crypto.keys import parse_keys
from warehouse_mfa.settings.declared import Settings

LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
# RFC 1123 §2.1. A name that ends in a number is an address, which WebAuthn does not know.
HOST = re.compile(rf"({LABEL}\.)*(?![0-9]+$){LABEL}")


def problems_of(settings: Settings) -> list[str]:
    """Return what is unsafe in `settings`, in the order to mend it."""
    return [*_origin(settings), *_keys(settings), *_production(settings)]


def _origin(settings: Settings) -> list[str]:
    if not settings.origin:
        return ["ORIGIN is not set: give the address people see, such as https://pypi.example."]
    try:
        parts = urlsplit(settings.origin)
        rebuilt = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return ["ORIGIN is not an address such as https://pypi.example."]
    if settings.origin != rebuilt or parts.scheme not in ("http", "https") or not parts.hostname:
        return ["ORIGIN must be scheme, host and port in lower case, with nothing after them."]
    if not HOST.fullmatch(parts.hostname):
        return ["ORIGIN must have a name as host, in ASCII: security keys know no addresses."]
    if parts.port == {"http": 80, "https": 443}[parts.scheme]:
        return [f"ORIGIN must not say :{parts.port}: browsers leave out the scheme's own port."]
    if parts.scheme == "http" and not (settings.is_development and parts.hostname == "localhost"):
        return ["ORIGIN must be https; http is for localhost in development."]
    if settings.rp_id and not f".{parts.hostname}".endswith(f".{settings.rp_id}"):
        return ["RP_ID must be the host of ORIGIN or a parent domain of it."]
    return []


def _keys(settings: Settings) -> list[str]:
    try:
        parse_keys(settings.secret_keys.get_secret_value())
    except ValueError as error:
        return [f"SECRET_KEYS cannot be used: {error}"]
    return []


def _production(settings: Settings) -> list[str]:
    if settings.is_development:
        return []
    problems = []
    if not settings.smtp_url.get_secret_value():
        problems.append("SMTP_URL is not set: mails could not be sent.")
    if not settings.mail_from:
        problems.append("MAIL_FROM is not set: give the address that mails come from.")
    if not settings.security_contact.startswith(("mailto:", "https:")):
        problems.append("SECURITY_CONTACT must be a mailto: or https: address for reports.")
    if settings.password_hash.is_weak:
        problems.append("PASSWORD_HASH is weaker than argon2id:m=47104,t=1,p=1.")
    return problems
