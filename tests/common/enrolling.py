"""Somebody enrolls an authenticator app, step by step."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
from webtest import TestResponse

from tests.common.clock import FrozenClock
from tests.common.secrecy import SECRECY
from tests.common.visitor import PROVISION_TOTP, Visitor

IMAGE = f"{PROVISION_TOTP}/image"


def secret_on(page: TestResponse) -> str:
    """Return the Base32 secret that the page shows as text."""
    secret = str(page.html.select_one(".secret bdi").text).replace(" ", "")
    SECRECY.use(secret, "TOTP secret")
    return secret


def link_on(page: TestResponse) -> str:
    """Return the `otpauth:` link of the page."""
    return str(page.html.select_one('a[href^="otpauth:"]')["href"])


def secret_in(link: str) -> str:
    """Return the Base32 secret of an `otpauth:` link."""
    (secret,) = parse_qs(urlsplit(link).query)["secret"]
    return secret


def begin(visitor: Visitor) -> str:
    """Open the page; return the Base32 secret of the enrollment under way."""
    return secret_on(visitor.get(PROVISION_TOTP, status=200))


def code_of(secret: str, clock: FrozenClock, steps: int = 0) -> str:
    """Return the code that an app with `secret` shows now, or `steps` steps from now."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * steps)


def wrong_code(secret: str, clock: FrozenClock) -> str:
    """Return six digits that are no code near now."""
    near = {code_of(secret, clock, steps) for steps in range(-3, 4)}
    return next(code for code in (f"{n:06d}" for n in range(10)) if code not in near)


def send(visitor: Visitor, code: str, label: str = "Phone", status: int = 303, **more: str) -> Any:
    """Send the form of the page, as it is but for code and label."""
    form = visitor.form(PROVISION_TOTP, "totp-provision-form")
    fields = {**dict(form.submit_fields()), "label": label, "totp_value": code, **more}
    return visitor.post(PROVISION_TOTP, fields, status=status)


def start_again(visitor: Visitor) -> str:
    """Ask for another key; return its Base32 secret."""
    visitor.form(PROVISION_TOTP, "totp-start-again-form").submit(status=303)
    return begin(visitor)
