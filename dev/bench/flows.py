"""What is measured: complete logins, and single pages of somebody who is in some state."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from dev.bench.browser import Answer, Browser
from tests.common.people import Person

LOGIN = "/account/login/"
CODE = "/account/two-factor/"
KEY = "/account/webauthn-authenticate/"
ACCOUNT = "/manage/account/"
DEVICE_COOKIES = ("device", "__Host-device")

Flow = Callable[[Browser, Person], Any]


def give_password(browser: Browser, person: Person) -> str:
    """Open the login page and send the password; return where the second step is."""
    page = browser.get(LOGIN)
    return browser.post(LOGIN, password_fields(page, person.username, person.password), 303).path


def password_fields(page: Answer, username: str, password: str) -> dict[str, str]:
    """Return the filled in form of the login page."""
    return {"csrf_token": page.token, "next": "", "username": username, "password": password}


def totp_login(browser: Browser, person: Person) -> None:
    """Log in with an authenticator app: five requests. The clock has moved since the last code."""
    path = give_password(browser, person)
    page = browser.get(path)
    fields = {"csrf_token": page.token, "totp_value": person.code()}
    browser.get(browser.post(path, fields, status=303).path)


def webauthn_login(browser: Browser, person: Person) -> None:
    """Log in with a security key: five requests, because the page brings the options along."""
    page = browser.get(give_password(browser, person))
    credential = person.key.get(page.first_options, browser.origin)
    fields = {"csrf_token": page.token, "credential": json.dumps(credential)}
    answer = browser.post(f"{KEY}validate", fields, status=200)
    browser.get(json.loads(answer.body)["redirect_to"])


def known_device(cookies: Mapping[str, str]) -> dict[str, str]:
    """Return what stays in a jar when a session is over: the device."""
    return {name: cookies[name] for name in DEVICE_COOKIES if name in cookies}
