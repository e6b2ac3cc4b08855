"""The search for secrets finds one that was planted, wherever it stands."""

import base64
import logging
from typing import Any

import pytest
from webob import Request, Response

from tests.common.secrecy import MAILS, Secrecy, SecretShown

PASSWORD = "plain horse carrying staples"
RAW = bytes(range(32))
COOKIE = base64.urlsafe_b64encode(RAW).rstrip(b"=").decode()
BASE32 = base64.b32encode(RAW[:20]).decode()
TOKEN = "A1b2C3d4E5f6G7h8I9j0kQ"


@pytest.fixture
def secrecy() -> Secrecy:
    return Secrecy()


def posted(**fields: str) -> Request:
    return Request.blank("/account/login/", POST=fields)


def log(secrecy: Secrecy, message: Any, error: BaseException | None = None) -> None:
    record = logging.makeLogRecord({"msg": message})
    record.exc_info = (type(error), error, None) if error else None
    secrecy.handle(record)


def test_what_was_typed_as_a_password_is_found_in_the_log(secrecy: Secrecy) -> None:
    secrecy.saw(posted(password=PASSWORD), Response())
    log(secrecy, {"event": "rejected", "given": PASSWORD})

    with pytest.raises(SecretShown, match="password in log"):
        secrecy.check()


def test_a_secret_in_the_text_of_an_error_is_found(secrecy: Secrecy) -> None:
    secrecy.use(PASSWORD, "password")
    log(secrecy, {"event": "unexpected error", "exc_info": ValueError(PASSWORD)})

    with pytest.raises(SecretShown, match="password in log"):
        secrecy.check()


def test_a_secret_in_the_error_of_a_library_is_found(secrecy: Secrecy) -> None:
    secrecy.use(PASSWORD, "password")
    log(secrecy, "failed", ValueError(PASSWORD))

    with pytest.raises(SecretShown, match="password in log"):
        secrecy.check()


@pytest.mark.parametrize(
    "answer",
    [
        {"headers": {"Location": f"/account/?next={COOKIE}"}},
        {"text": f'<a href="/account/{COOKIE}">', "content_type": "text/html"},
        {"text": f'<form data-options="/options?s={COOKIE}">', "content_type": "text/html"},
        {"json_body": {"redirect_to": f"/{COOKIE}"}, "content_type": "application/json"},
    ],
)
def test_a_secret_in_an_address_is_found(secrecy: Secrecy, answer: dict[str, Any]) -> None:
    headers = answer.pop("headers", {})
    response = Response(**answer, **({"charset": "utf-8"} if "text" in answer else {}))
    response.headers.update(headers)
    response.set_cookie("__Host-session", COOKIE)
    secrecy.saw(Request.blank("/"), response)

    with pytest.raises(SecretShown, match="__Host-session in addresses"):
        secrecy.check()


@pytest.mark.parametrize("value", [COOKIE, RAW, memoryview(RAW), RAW.hex(), f"x{COOKIE}x"])
def test_a_secret_in_a_table_is_found_however_it_is_written(
    secrecy: Secrecy, value: object
) -> None:
    secrecy.use(COOKIE, "cookie")

    with pytest.raises(SecretShown, match="cookie in table sessions"):
        secrecy.check({"sessions": [(1, value)]})


@pytest.mark.parametrize("value", [BASE32, RAW[:20], RAW[:20].hex()])
def test_a_totp_secret_in_a_table_is_found(secrecy: Secrecy, value: object) -> None:
    secrecy.use(BASE32, "TOTP secret")

    with pytest.raises(SecretShown, match="TOTP secret in table"):
        secrecy.check({"totp_applications": [(value,)]})


def test_a_secret_in_a_mail_is_found(secrecy: Secrecy) -> None:
    secrecy.use(PASSWORD, "password")

    with pytest.raises(SecretShown, match="password in mails"):
        secrecy.check({MAILS: [("alice@example.org", f"Your password is {PASSWORD}")]})


def test_a_mailed_token_may_be_in_its_mail_and_in_what_was_asked(secrecy: Secrecy) -> None:
    secrecy.saw(Request.blank(f"/account/verify-email/?token={TOKEN}"), Response())

    secrecy.check({MAILS: [(f"https://pypi.example/account/verify-email/?token={TOKEN}",)]})


def test_a_mailed_token_is_found_in_the_log_though_nobody_followed_it(secrecy: Secrecy) -> None:
    log(secrecy, {"path": f"/account/verify-email/?token={TOKEN}"})

    with pytest.raises(SecretShown, match="mailed token in log"):
        secrecy.check({MAILS: [(f"https://pypi.example/account/verify-email/?token={TOKEN}",)]})


def test_a_mailed_token_is_found_in_the_table_of_tokens(secrecy: Secrecy) -> None:
    mails = [(f"https://pypi.example/?token={TOKEN}",)]

    with pytest.raises(SecretShown, match="mailed token in table mailed_tokens"):
        secrecy.check({MAILS: mails, "mailed_tokens": [(TOKEN,)]})


def test_a_mailed_token_is_found_in_the_next_address(secrecy: Secrecy) -> None:
    response = Response(headers={"Location": f"/account/verify-email/?token={TOKEN}"})
    secrecy.saw(Request.blank(f"/account/verify-email/?token={TOKEN}"), response)

    with pytest.raises(SecretShown, match="mailed token in addresses"):
        secrecy.check()


def test_a_key_of_the_ring_is_looked_for_in_every_test(secrecy: Secrecy) -> None:
    secrecy.use_always(COOKIE, "key of the ring")
    secrecy.check()

    with pytest.raises(SecretShown, match="key of the ring"):
        secrecy.check({"settings": [(RAW,)]})


def test_what_is_kept_as_a_digest_is_not_found(secrecy: Secrecy) -> None:
    secrecy.use(COOKIE, "cookie")
    secrecy.saw(posted(username="alice", password=PASSWORD), Response())
    log(secrecy, {"event": "answered", "path": "/account/login/"})

    secrecy.check({"sessions": [(RAW[::-1],)], "users": [("alice", "$argon2id$v=19$m=8$abc")]})


def test_a_name_that_was_tried_as_a_password_is_no_secret(secrecy: Secrecy) -> None:
    name = "somebody.with.a.name@example.org"
    secrecy.saw(posted(username=name, password=name), Response())

    secrecy.check({"emails": [(name,)]})


def test_what_was_found_is_told_once(secrecy: Secrecy) -> None:
    secrecy.use(PASSWORD, "password")
    log(secrecy, PASSWORD)
    with pytest.raises(SecretShown):
        secrecy.check()

    secrecy.check()
