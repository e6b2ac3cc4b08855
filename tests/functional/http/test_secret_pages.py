"""Pages that show a secret or take one are kept by no browser, and tell nobody where they are."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.common.resetting import RESET, ask_for_reset, choose, open_link
from tests.common.site import Site
from tests.common.visitor import (
    KEY,
    PROVISION_KEY,
    PROVISION_TOTP,
    REAUTHENTICATE,
    RECOVERY_CODE,
    RECOVERY_CODES,
    Visitor,
)

PASSWORD = "/manage/account/password/"


def full(site: Site, visitor: Visitor) -> Any:
    carol = site.person("carol", totp=True, key=True)
    visitor.log_in(carol)
    return carol


def codes(site: Site, visitor: Visitor) -> Any:
    return visitor.make_recovery_codes(full(site, visitor))


def other_codes(site: Site, visitor: Visitor) -> Any:
    carol = full(site, visitor)
    visitor.make_recovery_codes(carol)
    return visitor.make_recovery_codes(carol, "regenerate")


def code_that_is_none(site: Site, visitor: Visitor) -> Any:
    carol = full(site, visitor)
    visitor.make_recovery_codes(carol)
    carol.recovery_codes.append("nonsense")
    return visitor.prove_recovery_code(carol, status=422)


def enrollment(site: Site, visitor: Visitor) -> Any:
    full(site, visitor)
    return visitor.get(PROVISION_TOTP, status=200)


def qr_code(site: Site, visitor: Visitor) -> Any:
    enrollment(site, visitor)
    return visitor.get(f"{PROVISION_TOTP}/image", status=200)


def registration_options(site: Site, visitor: Visitor) -> Any:
    full(site, visitor)
    return visitor.get(f"{PROVISION_KEY}/options", status=200)


def login_options(site: Site, visitor: Visitor) -> Any:
    visitor.give_password(site.person("bob", key=True))
    return visitor.get(f"{KEY}/options", status=200)


def recovery_page(site: Site, visitor: Visitor) -> Any:
    carol = full(site, visitor)
    visitor.make_recovery_codes(carol)
    visitor.post_form("/account/logout/", status=303)
    visitor.give_password(carol)
    return visitor.get(RECOVERY_CODE, status=200)


def step_up(site: Site, visitor: Visitor) -> Any:
    full(site, visitor)
    return visitor.get(f"{REAUTHENTICATE}?factor=two-factor", status=200)


def step_up_options(site: Site, visitor: Visitor) -> Any:
    full(site, visitor)
    return visitor.get(f"{REAUTHENTICATE}options", status=200)


def another_password(site: Site, visitor: Visitor) -> Any:
    full(site, visitor)
    return visitor.get(PASSWORD, status=200)


def another_password_refused(site: Site, visitor: Visitor) -> Any:
    full(site, visitor)
    form = visitor.form(PASSWORD, "change-password-form")
    form["password"] = "wrong horse"
    return form.submit(status=422)


def reset(site: Site, visitor: Visitor) -> Any:
    return open_link(visitor, ask_for_reset(site, site.person("dave")))


def reset_refused(site: Site, visitor: Visitor) -> Any:
    reset(site, visitor)
    return choose(visitor, "password1", status=422)


def reset_options(site: Site, visitor: Visitor) -> Any:
    open_link(visitor, ask_for_reset(site, site.person("bob", key=True)))
    return visitor.get(f"{RESET}options", status=200)


ANSWERS: dict[str, Callable[[Site, Visitor], Any]] = {
    answer.__name__: answer
    for answer in (
        codes,
        other_codes,
        code_that_is_none,
        recovery_page,
        enrollment,
        qr_code,
        registration_options,
        login_options,
        step_up,
        step_up_options,
        another_password,
        another_password_refused,
        reset,
        reset_refused,
        reset_options,
    )
}


@pytest.mark.attack("P-048", "P-090")
@pytest.mark.parametrize("what", ANSWERS)
def test_what_is_secret_is_kept_by_nobody(site: Site, visitor: Visitor, what: str) -> None:
    answer = ANSWERS[what](site, visitor)

    assert answer.headers.getall("Cache-Control") == ["no-store"]
    assert "ETag" not in answer.headers
    assert "Last-Modified" not in answer.headers


@pytest.mark.attack("P-090")
@pytest.mark.parametrize("what", ANSWERS)
def test_other_sites_learn_no_address_of_such_a_page(
    site: Site, visitor: Visitor, what: str
) -> None:
    answer = ANSWERS[what](site, visitor)

    # Of an address without a token, other sites learn the host, and sites without TLS nothing.
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert not answer.request.query_string.startswith("token")


@pytest.mark.attack("P-090")
def test_an_address_with_a_token_is_told_to_nobody(site: Site, visitor: Visitor) -> None:
    link = ask_for_reset(site, site.person("dave"))

    answer = visitor.get(link, status=303)

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.location == site.origin + RESET


@pytest.mark.attack("P-048")
def test_codes_and_links_end_with_their_answer(site: Site, visitor: Visitor) -> None:
    """Nothing that a later page, or another person at this browser, could show again."""
    page = codes(site, visitor)
    shown = [code.text for code in page.html.select(".codes code")]

    visitor.post_form("/account/logout/", status=303)

    assert len(shown) == 8
    assert not any(code in str(visitor.cookies) for code in shown)
    assert visitor.get(RECOVERY_CODES, status=303).location.startswith(
        f"{site.origin}/account/login/"
    )
