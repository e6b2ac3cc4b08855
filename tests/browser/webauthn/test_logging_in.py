"""Logging in with a security key and a real browser: every way a ceremony can end."""

import json
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.common.browser import VirtualAuthenticator
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, CODE_PAGE, FACTORS, KEY_PAGE, LOG_IN, OpenBrowser, Surfer
from tests.common.visitor import PROVISION_KEY

NOT_USED = "The key was not used: the request was canceled, or took too long."
OPTIONS = "**/webauthn-authenticate/options"
MOMENT_MS = 100
LOGINS = """
    SELECT count(*) FROM events WHERE tag = 'account:login:completed' AND factor = 'webauthn'
"""
SUSPENDED = "SELECT count(*) FROM webauthn_credentials WHERE suspended_at IS NOT NULL"


@pytest.fixture
def alice(site: ServedSite) -> Person:
    """Alice has an authenticator app and a security key."""
    return site.person("alice", totp=True, key=True)


@pytest.fixture
def key(surfer: Surfer, alice: Person) -> VirtualAuthenticator:
    """Alice's key, plugged in."""
    key = VirtualAuthenticator.add(surfer.page)
    key.take_over(alice.key)
    return key


@pytest.fixture
def owing(surfer: Surfer, key: VirtualAuthenticator, alice: Person, site: ServedSite) -> Surfer:
    """Alice gave her password, and is before the page that asks for her key."""
    surfer.skip_password(site.visitor(), alice)
    surfer.go(KEY_PAGE)
    return surfer


def test_a_key_logs_in(owing: Surfer, site: ServedSite) -> None:
    owing.use_key()

    owing.arrives(ACCOUNT)
    assert site.value(LOGINS) == 1


def test_the_first_try_asks_for_no_options_and_the_second_does(
    owing: Surfer, key: VirtualAuthenticator
) -> None:
    asked = listen_for_options(owing)
    key.set_response_override(bogus_signature=True)
    owing.use_key()
    owing.expect_outcome("The security key did not prove that it is yours. Try again.")
    first = list(asked)
    key.set_response_override()

    owing.use_key()

    owing.arrives(ACCOUNT)
    assert (first, len(asked)) == ([], 1)


def test_a_page_that_stood_open_for_long_asks_for_options(owing: Surfer, site: ServedSite) -> None:
    asked = listen_for_options(owing)
    owing.page.evaluate("const now = Date.now; Date.now = () => now() + 4 * 60 * 1000 + 1000")

    owing.use_key()

    owing.arrives(ACCOUNT)
    assert len(asked) == 1


def test_somebody_elses_key_does_not_fit(owing: Surfer, site: ServedSite) -> None:
    bob = site.person("bob", key=True)
    owing.skip_password(site.visitor(), bob)
    owing.go(KEY_PAGE)

    owing.use_key()

    owing.expect_outcome(NOT_USED)
    assert site.value(LOGINS) == 0


def test_an_answer_for_somebody_else_proves_nothing(
    owing: Surfer, key: VirtualAuthenticator, site: ServedSite
) -> None:
    bob = site.person("bob", totp=True, key=True)
    alices = owing.page.request.get(f"{owing.origin}{KEY_PAGE}options").json()
    owing.skip_password(site.visitor(), bob)
    owing.go(KEY_PAGE)

    change_first_options(owing, allowCredentials=alices["allowCredentials"])
    owing.use_key()

    owing.expect_outcome("The security key did not prove that it is yours.")
    assert site.value(LOGINS) == 0


def test_a_spoilt_signature_is_refused_and_an_honest_one_taken_afterwards(
    owing: Surfer, key: VirtualAuthenticator, site: ServedSite
) -> None:
    key.set_response_override(bogus_signature=True)

    owing.use_key()

    owing.expect_outcome("The security key did not prove that it is yours. Try again.")
    assert site.value(LOGINS) == 0
    key.set_response_override()
    owing.use_key()
    owing.arrives(ACCOUNT)


def test_a_cloned_key_is_stopped_and_its_owner_is_told(
    surfer: Surfer, key: VirtualAuthenticator, alice: Person, site: ServedSite
) -> None:
    surfer.give_password(alice)
    surfer.use_key()
    surfer.arrives(ACCOUNT)
    surfer.log_out()
    key.clone_with_sign_count(0)
    surfer.give_password(alice)

    surfer.use_key()

    surfer.expect_outcome("This security key was stopped, because its counter went back")
    assert site.value(SUSPENDED) == 1
    assert "copy" in site.mails(to=alice.address)[-1].text
    surfer.follow("Authenticator app")
    surfer.give_code(alice.code())
    surfer.arrives(ACCOUNT)
    surfer.go(FACTORS)
    expect(surfer.page.locator("main")).to_contain_text("Suspended: it does not let you in.")


def test_a_key_that_nobody_touches_is_given_up(
    owing: Surfer, key: VirtualAuthenticator, site: ServedSite
) -> None:
    key.set_presence(False)
    change_first_options(owing, timeout=MOMENT_MS)

    owing.use_key()

    owing.expect_outcome(NOT_USED)
    assert site.value(LOGINS) == 0


def test_a_key_that_was_taken_out_leaves_the_other_way(
    owing: Surfer, key: VirtualAuthenticator, alice: Person, site: ServedSite
) -> None:
    key.remove()
    owing.use_key()
    owing.expect_waiting()

    owing.follow("Authenticator app")

    owing.arrives(CODE_PAGE)
    owing.give_code(alice.code())
    owing.arrives(ACCOUNT)


def test_a_second_try_takes_the_place_of_the_first(
    owing: Surfer, key: VirtualAuthenticator, site: ServedSite
) -> None:
    key.set_presence(False)
    owing.use_key()
    owing.expect_waiting()
    owing.page.route(OPTIONS, be_patient_for_a_moment)

    owing.use_key()

    # Of the second one: the first would wait much longer.
    owing.expect_outcome(NOT_USED)
    key.set_presence(True)
    owing.use_key()
    owing.arrives(ACCOUNT)
    assert site.value(LOGINS) == 1


def test_a_double_click_logs_in_once(owing: Surfer, site: ServedSite) -> None:
    owing.button("Use the key or passkey").dblclick()

    owing.arrives(ACCOUNT)
    assert site.value(LOGINS) == 1


def test_a_click_while_the_answer_is_checked_changes_nothing(
    owing: Surfer, site: ServedSite
) -> None:
    held: list[Route] = []
    owing.page.route("**/webauthn-authenticate/validate", lambda route: held.append(route))
    owing.use_key()
    status = owing.page.locator("[data-webauthn-status]")
    expect(status).to_have_text("Checking the answer of your security key.")

    owing.use_key()

    expect(status).to_have_text("Checking the answer of your security key.")
    held[0].continue_()
    owing.arrives(ACCOUNT)
    assert len(held) == 1
    assert site.value(LOGINS) == 1


def test_a_login_that_took_too_long_can_be_started_again(
    owing: Surfer, alice: Person, site: ServedSite
) -> None:
    site.clock.advance(minutes=6)

    owing.use_key()

    owing.expect_outcome("This login took too long")
    owing.follow("Go on")
    owing.arrives(LOG_IN)
    owing.expect_told("This login took too long")
    name = owing.page.get_by_label("Username or email address")
    expect(name).to_have_value(alice.username)


def test_without_a_network_the_page_says_so_and_can_try_again(
    owing: Surfer, site: ServedSite
) -> None:
    owing.tolerate("net::ERR_INTERNET_DISCONNECTED")
    owing.context.set_offline(True)

    owing.use_key()

    owing.expect_outcome("The site cannot be reached.")
    owing.context.set_offline(False)
    owing.use_key()
    owing.arrives(ACCOUNT)


def test_an_answer_that_is_no_json_is_not_believed(owing: Surfer, site: ServedSite) -> None:
    forget_first_options(owing)
    owing.page.route(
        OPTIONS,
        lambda route: route.fulfill(status=200, content_type="text/html", body="<p>A portal</p>"),
    )

    owing.use_key()

    owing.expect_outcome("The site gave an answer that this page does not understand.")
    expect(owing.button("Load the page again")).to_be_visible()


def test_a_browser_without_script_is_led_to_the_other_way(
    open_browser: OpenBrowser, key: VirtualAuthenticator, alice: Person, site: ServedSite
) -> None:
    surfer = open_browser(java_script_enabled=False)
    surfer.give_password(alice)
    surfer.arrives(KEY_PAGE)
    # Not by the text of the page: Playwright leaves out what stands in `noscript`.
    expect(surfer.page.locator("noscript p")).to_be_visible()
    expect(surfer.page.locator("noscript p")).to_contain_text("A security key needs JavaScript")

    expect(surfer.button("Use the key or passkey")).not_to_be_visible()

    surfer.follow("Authenticator app")
    surfer.give_code(alice.code())
    surfer.arrives(ACCOUNT)


def test_the_form_of_a_ceremony_posts_to_its_own_page(
    owing: Surfer, alice: Person, site: ServedSite
) -> None:
    form = owing.page.locator("form[data-webauthn]")

    assert (form.get_attribute("method"), form.get_attribute("action")) == ("post", KEY_PAGE)
    owing.use_key()
    owing.arrives(ACCOUNT)
    owing.go(PROVISION_KEY)
    assert (form.get_attribute("method"), form.get_attribute("action")) == ("post", PROVISION_KEY)


def be_patient_for_a_moment(route: Route) -> None:
    """Let the options ask the browser to wait for a tenth of a second."""
    answer = route.fetch()
    route.fulfill(response=answer, body=json.dumps({**answer.json(), "timeout": MOMENT_MS}))


def listen_for_options(surfer: Surfer) -> list[str]:
    """Return a list that fills with what is asked for."""
    asked: list[str] = []
    surfer.page.on(
        "request", lambda sent: asked.append(sent.url) if sent.url.endswith("/options") else None
    )
    return asked


def forget_first_options(surfer: Surfer) -> None:
    """Let the page be as if its first try was made."""
    surfer.page.locator("form[data-webauthn]").evaluate("form => delete form.dataset.firstOptions")


def change_first_options(surfer: Surfer, **changes: Any) -> None:
    """Change the options that came with the page."""
    surfer.page.locator("form[data-webauthn]").evaluate(
        """({ dataset }, changes) => {
            const options = { ...JSON.parse(dataset.firstOptions), ...changes };
            dataset.firstOptions = JSON.stringify(options);
        }""",
        changes,
    )
