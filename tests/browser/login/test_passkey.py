"""Logging in with a passkey and a real browser: by the button and as autofill."""

import json

import pytest
from playwright.sync_api import Route, expect

from tests.common.authenticator import SoftwareAuthenticator
from tests.common.browser import VirtualAuthenticator
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, HISTORY, LOG_IN, OpenBrowser, Surfer

LOGINS = """
    SELECT count(*) FROM events WHERE tag = 'account:login:completed' AND factor = 'passkey'
"""
OPTIONS = "**/account/passkey/options"
VALIDATE = "**/account/passkey/validate"
BUTTON = "Log in with a passkey"
# Chromium's virtual authenticator answers autofill at once, as if the person had chosen.
NO_AUTOFILL = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"
COUNT_REQUESTS = """
    const get = CredentialsContainer.prototype.get;
    window.requestsOfCredentials = 0;
    CredentialsContainer.prototype.get = function (options) {
      const answer = get.call(this, options);
      window.requestsOfCredentials += 1;
      return answer;
    };
"""


@pytest.fixture
def carol(site: ServedSite) -> Person:
    """Carol has an authenticator app and a passkey."""
    return site.person("carol", totp=True, passkey=True)


def plug_in(surfer: Surfer, passkeys: SoftwareAuthenticator) -> VirtualAuthenticator:
    """Give the browser a platform authenticator that holds these passkeys."""
    authenticator = VirtualAuthenticator.add_platform(surfer.page)
    authenticator.take_over(passkeys)
    return authenticator


@pytest.fixture
def here(surfer: Surfer, carol: Person) -> VirtualAuthenticator:
    """Carol's passkey, in a browser that offers no autofill."""
    surfer.context.add_init_script(NO_AUTOFILL)
    return plug_in(surfer, carol.key)


# By the button


def test_the_button_logs_in(surfer: Surfer, here: VirtualAuthenticator, site: ServedSite) -> None:
    surfer.go(LOG_IN)

    surfer.use_passkey()

    surfer.arrives(ACCOUNT)
    assert site.value(LOGINS) == 1


def test_the_button_leads_to_the_page_that_was_wanted(
    surfer: Surfer, here: VirtualAuthenticator
) -> None:
    surfer.go(HISTORY)
    surfer.arrives(LOG_IN)

    surfer.use_passkey()

    surfer.arrives(HISTORY)


def test_a_person_who_is_not_verified_is_told_and_can_try_again(
    surfer: Surfer, here: VirtualAuthenticator, site: ServedSite
) -> None:
    here.set_user_verified(False)
    surfer.go(LOG_IN)

    surfer.use_passkey()

    surfer.expect_outcome("You are not logged in: the request was canceled")
    assert site.value(LOGINS) == 0
    here.set_user_verified(True)
    surfer.use_passkey()
    surfer.arrives(ACCOUNT)


@pytest.mark.attack("P-081")
def test_a_false_verification_is_refused(
    surfer: Surfer, here: VirtualAuthenticator, site: ServedSite
) -> None:
    here.set_response_override(bad_user_verification=True)
    surfer.go(LOG_IN)

    surfer.use_passkey()

    surfer.expect_outcome("This did not prove that it is you.")
    assert site.value(LOGINS) == 0


def test_a_passkey_that_nobody_has_is_not_offered_again(
    surfer: Surfer, here: VirtualAuthenticator, site: ServedSite
) -> None:
    site.change("DELETE FROM webauthn_credentials")
    surfer.go(LOG_IN)

    surfer.use_passkey()

    surfer.expect_outcome("This passkey is not known here; it may have been removed.")
    here.expect_credentials(0)


def test_a_key_that_comes_after_the_password_stays_in_its_place(
    surfer: Surfer, here: VirtualAuthenticator, site: ServedSite
) -> None:
    site.change("UPDATE webauthn_credentials SET is_passkey = false")
    surfer.go(LOG_IN)

    surfer.use_passkey()

    surfer.expect_outcome("is asked for after it")
    here.expect_credentials(1)


def test_after_a_refusal_the_password_still_logs_in(
    surfer: Surfer, here: VirtualAuthenticator, carol: Person
) -> None:
    here.set_user_verified(False)
    surfer.go(LOG_IN)
    surfer.use_passkey()
    surfer.expect_outcome("You are not logged in")

    surfer.page.get_by_label("Username or email address").fill(carol.username)
    surfer.page.get_by_label("Password", exact=True).fill(carol.password)
    surfer.press("Log in")

    surfer.arrives("/account/webauthn-authenticate/")


def test_a_double_click_logs_in_once(
    surfer: Surfer, here: VirtualAuthenticator, site: ServedSite
) -> None:
    surfer.go(LOG_IN)

    surfer.button(BUTTON).dblclick()

    surfer.arrives(ACCOUNT)
    assert site.value(LOGINS) == 1


# As autofill


def test_autofill_logs_in_without_a_button(surfer: Surfer, carol: Person, site: ServedSite) -> None:
    plug_in(surfer, carol.key)

    surfer.go(LOG_IN)

    surfer.arrives(ACCOUNT)
    assert site.value(LOGINS) == 1


def test_autofill_asks_for_nothing_before_somebody_chooses(
    surfer: Surfer, carol: Person, site: ServedSite
) -> None:
    plug_in(surfer, carol.key).set_presence(False)

    with surfer.page.expect_response(OPTIONS):
        surfer.go(LOG_IN)

    expect(surfer.page.locator("[data-webauthn-status]")).to_be_empty()
    assert site.value(LOGINS) == 0


def test_the_button_ends_autofill_and_takes_its_place(
    surfer: Surfer, carol: Person, site: ServedSite
) -> None:
    authenticator = plug_in(surfer, carol.key)
    authenticator.set_presence(False)
    surfer.page.add_init_script(COUNT_REQUESTS)
    surfer.go(LOG_IN)
    surfer.page.wait_for_function("() => window.requestsOfCredentials === 1")

    authenticator.set_presence(True)  # for requests from now on

    surfer.use_passkey()

    surfer.arrives(ACCOUNT)
    assert site.value(LOGINS) == 1


def test_autofill_is_renewed_before_its_challenge_is_too_old(
    surfer: Surfer, carol: Person, site: ServedSite
) -> None:
    authenticator = plug_in(surfer, carol.key)
    authenticator.set_presence(False)
    surfer.page.clock.install()
    with surfer.page.expect_response(OPTIONS):
        surfer.go(LOG_IN)

    authenticator.set_presence(True)  # for requests from now on
    site.clock.advance(minutes=4, seconds=1)
    surfer.page.clock.fast_forward("04:01")

    surfer.arrives(ACCOUNT)
    assert site.value(LOGINS) == 1


def test_what_autofill_sent_and_was_refused_is_said_and_it_goes_on(
    surfer: Surfer, carol: Person, site: ServedSite
) -> None:
    authenticator = plug_in(surfer, carol.key)
    asked: list[Route] = []

    def hold_the_second(route: Route) -> None:
        asked.append(route)
        if len(asked) == 1:
            route.continue_()

    surfer.page.route(OPTIONS, hold_the_second)
    authenticator.set_response_override(bogus_signature=True)

    surfer.go(LOG_IN)

    surfer.expect_outcome("This did not prove that it is you.")
    authenticator.set_response_override()
    asked[1].continue_()
    surfer.arrives(ACCOUNT)


def test_a_browser_that_knows_no_autofill_has_the_button(
    surfer: Surfer, carol: Person, site: ServedSite
) -> None:
    surfer.context.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    plug_in(surfer, carol.key)
    surfer.go(LOG_IN)

    surfer.use_passkey()

    surfer.arrives(ACCOUNT)


# Without


def test_a_browser_that_knows_no_passkeys_offers_none(open_browser: OpenBrowser) -> None:
    surfer = open_browser()
    surfer.context.add_init_script("delete window.PublicKeyCredential")

    surfer.go(LOG_IN)

    expect(surfer.button("Log in")).to_be_visible()
    expect(surfer.page.locator("#passkey-auth-form")).to_be_hidden()


def test_without_script_the_login_is_as_ever(open_browser: OpenBrowser, site: ServedSite) -> None:
    alice = site.person("alice", totp=True)
    surfer = open_browser(java_script_enabled=False)
    surfer.go(LOG_IN)
    expect(surfer.page.locator("#passkey-auth-form")).to_be_hidden()

    surfer.give_password(alice)
    surfer.give_code(alice.code())

    surfer.arrives(ACCOUNT)


def test_the_form_is_complete_without_a_name(surfer: Surfer, here: VirtualAuthenticator) -> None:
    sent: list[dict[str, str]] = []

    def keep(route: Route) -> None:
        sent.append(dict(route.request.post_data_json))
        route.continue_()

    surfer.page.route(VALIDATE, keep)
    surfer.go(LOG_IN)
    surfer.use_passkey()
    surfer.arrives(ACCOUNT)

    assert set(sent[0]) == {"csrf_token", "next", "credential"}
    assert json.loads(sent[0]["credential"])["response"]["userHandle"]
