"""The QR code: for whom it is, and where it must not stay."""

import logging
from xml.etree import ElementTree

import pytest

from tests.common.enrolling import IMAGE, begin, code_of, send, start_again, wrong_code
from tests.common.jars import copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PROVISION_TOTP, Visitor

pytestmark = pytest.mark.attack("P-041")


def test_the_image_is_a_picture_that_nobody_keeps(newcomer: Visitor) -> None:
    begin(newcomer)

    image = newcomer.get(IMAGE, status=200)

    assert image.content_type == "image/svg+xml"
    assert image.headers["Cache-Control"] == "no-store"
    assert image.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in image.headers["Content-Security-Policy"]
    assert ElementTree.fromstring(image.body).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_image_is_that_of_the_key_on_the_page(newcomer: Visitor) -> None:
    begin(newcomer)
    first = newcomer.get(IMAGE).body

    assert newcomer.get(IMAGE).body == first
    start_again(newcomer)
    assert newcomer.get(IMAGE).body != first


def test_the_image_holds_no_text_of_the_secret(newcomer: Visitor) -> None:
    secret = begin(newcomer)

    image = newcomer.get(IMAGE)

    assert secret not in image.text
    assert "otpauth" not in image.text


def test_there_is_no_image_before_the_page_was_opened(newcomer: Visitor) -> None:
    assert newcomer.get(IMAGE, status=404).body == b""
    assert newcomer.cookie("enroll") is None


def test_there_is_no_image_after_ten_minutes(site: Site, newcomer: Visitor) -> None:
    begin(newcomer)
    site.clock.advance(minutes=10)

    newcomer.get(IMAGE, status=404)


def test_there_is_no_image_of_an_app_that_is_set_up(site: Site, newcomer: Visitor) -> None:
    send(newcomer, code_of(begin(newcomer), site.clock))

    newcomer.get(IMAGE, status=404)


def test_nobody_sees_the_image_without_a_session(newcomer: Visitor, visitor: Visitor) -> None:
    begin(newcomer)
    copy_cookies(newcomer, visitor, "enroll")

    answer = visitor.get(IMAGE, status=303)

    assert "/account/login/" in answer.location
    assert answer.headers["Cache-Control"] == "no-store"


def test_nobody_sees_the_image_of_another_account(
    site: Site, newcomer: Visitor, mallory: Person
) -> None:
    begin(newcomer)
    thief = site.visitor()
    thief.log_in(mallory)
    copy_cookies(newcomer, thief, "enroll")

    thief.get(IMAGE, status=404)


def test_nobody_sees_the_image_of_another_session(
    site: Site, newcomer: Visitor, user_without_factor: Person
) -> None:
    begin(newcomer)
    other = site.visitor()
    other.give_password(user_without_factor)
    copy_cookies(newcomer, other, "enroll")

    other.get(IMAGE, status=404)


@pytest.mark.attack("P-022")
def test_nobody_sees_the_image_between_the_password_and_the_second_factor(
    site: Site, alice: Visitor, user_with_totp: Person
) -> None:
    begin(alice)
    pending = site.visitor()
    pending.give_password(user_with_totp)
    copy_cookies(alice, pending, "enroll")

    pending.get(IMAGE, status=303)


@pytest.mark.parametrize("ending", [".css", ".svg", "/", "/x.css", ";.css", "%2ecss", "%0a.css"])
def test_the_image_has_one_address(newcomer: Visitor, ending: str) -> None:
    begin(newcomer)

    answer = newcomer.get(IMAGE + ending, status=404)

    assert answer.headers["Cache-Control"] == "no-store"
    assert "<svg" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_image_is_only_looked_at(newcomer: Visitor, method: str) -> None:
    begin(newcomer)
    token = newcomer.csrf_token(PROVISION_TOTP)

    answer = newcomer.request(
        IMAGE, method=method, headers={"X-CSRF-Token": token}, expect_errors=True
    )

    assert answer.status_int == 405
    assert "<svg" not in answer.text


def test_no_log_holds_the_secret(
    site: Site, newcomer: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        secret = begin(newcomer)
        newcomer.get(IMAGE)
        send(newcomer, wrong_code(secret, site.clock), status=422)
        send(newcomer, code_of(secret, site.clock))

    assert IMAGE in caplog.text
    assert secret not in caplog.text
    assert code_of(secret, site.clock) not in caplog.text
    assert "otpauth" not in caplog.text
