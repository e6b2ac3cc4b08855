"""Adding a passkey with a real browser, and what the browser signals to whatever keeps it."""

import pytest
from playwright.sync_api import expect

from tests.common.browser import VirtualAuthenticator
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, FACTORS, LOG_IN, Surfer
from tests.common.visitor import PROVISION_KEY

PAGE = f"{PROVISION_KEY}?kind=passkey"
KINDS = "SELECT is_passkey FROM webauthn_credentials ORDER BY id"
NO_AUTOFILL = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"


@pytest.fixture
def device(surfer: Surfer) -> VirtualAuthenticator:
    """A device that keeps passkeys and verifies its user, before a page without autofill."""
    surfer.context.add_init_script(NO_AUTOFILL)
    return VirtualAuthenticator.add_platform(surfer.page, backup_eligible=True, backup_state=True)


@pytest.fixture
def alice(surfer: Surfer, device: VirtualAuthenticator, site: ServedSite) -> Person:
    """Alice, logged in, with an authenticator app."""
    alice = site.person("alice", totp=True)
    surfer.skip_login(site.visitor(), alice)
    return alice


def add_passkey(surfer: Surfer, label: str = "Laptop") -> None:
    surfer.go(PAGE)
    surfer.page.get_by_label("Name").fill(label)
    surfer.press("Add this passkey")


def test_a_passkey_is_added_and_logs_in(
    surfer: Surfer, alice: Person, device: VirtualAuthenticator, site: ServedSite
) -> None:
    add_passkey(surfer)
    surfer.arrives_after_adding()
    expect(surfer.page.get_by_role("status")).to_contain_text("Your passkey is registered.")
    (credential,) = device.credentials()
    assert credential["isResidentCredential"]
    surfer.log_out()
    surfer.go(LOG_IN)

    surfer.use_passkey()

    surfer.arrives(ACCOUNT)
    surfer.go(FACTORS)
    passkey = surfer.page.locator(".factor-webauthn li")
    expect(passkey).to_contain_text("Passkey")
    expect(passkey).to_contain_text("Backed up")


def test_a_key_without_a_pin_makes_no_passkey(
    surfer: Surfer, alice: Person, device: VirtualAuthenticator, site: ServedSite
) -> None:
    device.remove()
    VirtualAuthenticator.add(surfer.page, protocol="u2f")

    add_passkey(surfer)

    surfer.expect_outcome("The passkey was not added")
    assert site.rows(KINDS) == []


def test_a_passkey_that_was_refused_is_not_left_behind(
    surfer: Surfer, alice: Person, device: VirtualAuthenticator, site: ServedSite
) -> None:
    add_passkey(surfer)
    surfer.arrives_after_adding()
    other = site.value("SELECT credential_id FROM webauthn_credentials")
    site.change("UPDATE webauthn_credentials SET credential_id = :id", id=bytes(other)[::-1])

    add_passkey(surfer, "LAPTOP")

    surfer.expect_outcome("with this name")
    device.expect_credentials(0)


# Signals


def test_a_passkey_that_was_removed_here_is_taken_out_of_the_device(
    surfer: Surfer, alice: Person, device: VirtualAuthenticator, site: ServedSite
) -> None:
    add_passkey(surfer)
    surfer.arrives_after_adding()
    assert len(device.credentials()) == 1
    surfer.go(FACTORS)
    surfer.follow_of("Laptop", "delete")

    surfer.press("Remove it")
    surfer.use_key()

    surfer.arrives(FACTORS)
    device.expect_credentials(0)


def test_a_passkey_that_was_renamed_here_is_told_the_name_of_the_account(
    surfer: Surfer, alice: Person, device: VirtualAuthenticator, site: ServedSite
) -> None:
    add_passkey(surfer)
    surfer.arrives_after_adding()
    surfer.go(FACTORS)
    surfer.follow_of("Laptop", "rename")
    surfer.page.get_by_label("Name").fill("Old laptop")
    site.change("UPDATE users SET name = 'Alice Another'")

    surfer.press("Save this name")

    surfer.arrives(FACTORS)
    device.expect_user("alice", "Alice Another")


def test_after_a_login_the_device_hears_what_is_left(
    surfer: Surfer, alice: Person, device: VirtualAuthenticator, site: ServedSite
) -> None:
    add_passkey(surfer)
    surfer.arrives_after_adding()
    surfer.log_out()
    site.change("DELETE FROM webauthn_credentials")
    site.clock.advance(minutes=2)

    surfer.give_password(alice)
    surfer.give_code(alice.code())

    surfer.arrives(ACCOUNT)
    device.expect_credentials(0)


def test_in_one_login_the_device_is_told_once(
    surfer: Surfer, alice: Person, device: VirtualAuthenticator
) -> None:
    asked: list[str] = []
    surfer.page.on("request", lambda request: asked.append(request.url))
    with surfer.page.expect_response(f"**{PROVISION_KEY}/accepted"):
        surfer.go(ACCOUNT)
    surfer.page.wait_for_function("() => sessionStorage.length > 0")

    surfer.go(ACCOUNT)
    surfer.page.wait_for_load_state("networkidle")

    assert len([url for url in asked if url.endswith("/accepted")]) == 1


def test_a_browser_without_signals_is_left_alone(surfer: Surfer, alice: Person) -> None:
    surfer.context.add_init_script("delete PublicKeyCredential.signalAllAcceptedCredentials")
    asked: list[str] = []
    surfer.page.on("request", lambda request: asked.append(request.url))

    surfer.go(FACTORS)
    surfer.page.wait_for_load_state("networkidle")

    assert [url for url in asked if url.endswith("/accepted")] == []


# The offer


def test_the_offer_leads_to_a_passkey_and_is_made_no_more(
    surfer: Surfer, alice: Person, device: VirtualAuthenticator, site: ServedSite
) -> None:
    surfer.go(ACCOUNT)
    offer = surfer.page.locator("[data-passkey-offer]")
    expect(offer).to_be_visible()

    offer.get_by_role("link", name="Add a passkey").click()

    surfer.arrives(PROVISION_KEY)
    surfer.page.get_by_label("Name").fill("Laptop")
    surfer.press("Add this passkey")
    surfer.arrives_after_adding()
    surfer.go(ACCOUNT)
    expect(offer).to_have_count(0)


def test_the_offer_can_be_declined(surfer: Surfer, alice: Person) -> None:
    surfer.go(ACCOUNT)

    surfer.press("Not now")

    surfer.arrives(ACCOUNT)
    expect(surfer.page.locator("[data-passkey-offer]")).to_have_count(0)


def test_a_device_that_keeps_no_passkeys_is_offered_none(
    surfer: Surfer, alice: Person, device: VirtualAuthenticator
) -> None:
    device.remove()

    surfer.go(ACCOUNT)
    surfer.page.wait_for_load_state("networkidle")

    expect(surfer.page.locator("[data-passkey-offer]")).to_be_hidden()
