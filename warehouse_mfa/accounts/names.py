"""Usernames and addresses: what they may look like, and when two are the same. Pure."""

import re

LONGEST_USERNAME = 50
LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
LONGEST_LOCAL_PART = 64  # RFC 5321 §4.5.3.1.1
USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,48}[A-Za-z0-9])?")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL_PART = re.compile(rf"{ATOM}(?:\.{ATOM})*")  # RFC 5322 §3.2.3, dot-atom
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?:{LABEL}\.)+{LABEL}|localhost")


def is_username(text: str) -> bool:
    """Tell whether a text may be a username: ASCII, so that no two look alike."""
    return USERNAME.fullmatch(text) is not None


def username_key(text: str) -> str:
    """Return what two usernames that differ in case only have in common."""
    return text.strip().lower()


def parse_address(text: str) -> str | None:
    """Return the address with its domain in lower-case ASCII (IDNA), `None` if it is none."""
    local, separator, domain = text.strip().rpartition("@")
    if not separator or len(local) > LONGEST_LOCAL_PART or not LOCAL_PART.fullmatch(local):
        return None
    try:
        domain = domain.lower().encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    address = f"{local}@{domain}"
    return address if DOMAIN.fullmatch(domain) and len(address) <= LONGEST_ADDRESS else None


def address_key(text: str) -> str:
    """Return what two spellings of one address have in common; any text has a key."""
    return (parse_address(text) or text.strip()).lower()
