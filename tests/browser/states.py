"""Every page, in every state it can be in: a function each that brings a browser there."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from playwright.sync_api import expect

from tests.common.authenticator import SoftwareAuthenticator
from tests.common.browser import VirtualAuthenticator
from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import (
    ACCOUNT,
    CODE_PAGE,
    FACTORS,
    HISTORY,
    KEY_PAGE,
    LOG_IN,
    LOG_OUT,
    MAILBOX,
    REGISTER,
    UNVERIFIED,
    VERIFY,
    Surfer,
)
from tests.common.visitor import PROVISION_KEY, PROVISION_TOTP

LONGEST_NAME = "w" * 50
LONGEST_LABEL = "k" * 64
Reach = Callable[[Surfer, ServedSite], None]


class State(NamedTuple):
    """Where a browser is, what the page is called there, and what brings it there."""

    path: str
    title: str
    reach: Reach


STATES: list[State] = []


def state(path: str, title: str) -> Callable[[Reach], Reach]:
    def join(reach: Reach) -> Reach:
        STATES.append(State(path, title, reach))
        return reach

    return join


# Anybody


@state("/", "Account security")
def home(surfer: Surfer, site: ServedSite) -> None:
    surfer.go("/")


@state("/", "Account security")
def home_after_logging_out(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person())
    surfer.go(LOG_OUT)
    surfer.press("Log out")
    expect(surfer.page.get_by_role("status")).to_contain_text("You are logged out.")


@state(REGISTER, "Register")
def register(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(REGISTER)


@state(REGISTER, "Error: Register")
def register_refused(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(REGISTER)
    surfer.press("Register")


@state(REGISTER, "Register")
def register_with_a_weak_password(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(REGISTER)
    surfer.page.get_by_label("Password", exact=True).fill("abcabcabc")
    surfer.expect_password_status("It has few different characters")


@state(REGISTER, "Register")
def register_with_a_long_password(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(REGISTER)
    surfer.page.get_by_label("Password", exact=True).fill("tundra kelp 7 marmots")
    surfer.expect_password_status("Long enough.")


@state(LOG_IN, "Log in")
def login(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(LOG_IN)


@state(LOG_IN, "Error: Log in")
def login_without_anything(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(LOG_IN)
    surfer.press("Log in")


@state(LOG_IN, "Error: Log in")
def login_refused(surfer: Surfer, site: ServedSite) -> None:
    surfer.give_password(Person("nobody", clock=site.clock))


@state(LOG_IN, "Too many attempts")
def login_limited(surfer: Surfer, site: ServedSite) -> None:
    person = site.person()
    for _ in range(10):
        site.visitor().give_password(person, status=422, password="wrong")
    surfer.give_password(person)


@state("/nowhere/", "Page not found")
def not_found(surfer: Surfer, site: ServedSite) -> None:
    surfer.go("/nowhere/")


@state(MAILBOX, "Mailbox")
def mailbox_empty(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(MAILBOX)


@state(MAILBOX, "Mailbox")
def mailbox(surfer: Surfer, site: ServedSite) -> None:
    unverified(surfer, site)
    site.person("mallory", totp=True, key=True)
    surfer.go(MAILBOX)
    expect(surfer.page.get_by_role("article")).to_have_count(3)
    surfer.page.locator("summary").first.click()


# On the way to an account


@state(UNVERIFIED, "Open the link in your mail")
def unverified(surfer: Surfer, site: ServedSite) -> None:
    surfer.register(Person(LONGEST_NAME, clock=site.clock))


@state(UNVERIFIED, "Error: Open the link in your mail")
def unverified_refused(surfer: Surfer, site: ServedSite) -> None:
    unverified(surfer, site)
    surfer.page.get_by_label("Email address").fill("nonsense")
    surfer.press("Change the address")


@state(UNVERIFIED, "Open the link in your mail")
def unverified_still(surfer: Surfer, site: ServedSite) -> None:
    unverified(surfer, site)
    surfer.follow("I have verified it")
    expect(surfer.page.get_by_role("status")).to_contain_text("not verified yet")


@state(VERIFY, "Verify your address")
def verify(surfer: Surfer, site: ServedSite) -> None:
    unverified(surfer, site)
    surfer.open_mailed_link(Person(LONGEST_NAME, clock=site.clock))


@state(VERIFY, "Your address is verified")
def verified(surfer: Surfer, site: ServedSite) -> None:
    verify(surfer, site)
    surfer.press("Verify this address")


@state(VERIFY, "The address is removed")
def disowned(surfer: Surfer, site: ServedSite) -> None:
    verify(surfer, site)
    surfer.press("This is not my account")


@state(UNVERIFIED, "Give your email address")
def unverified_without_address(surfer: Surfer, site: ServedSite) -> None:
    disowned(surfer, site)
    surfer.go(UNVERIFIED)


@state(VERIFY, "This link does not work any more")
def link_used(surfer: Surfer, site: ServedSite) -> None:
    verified(surfer, site)
    site.change("UPDATE mailed_tokens SET used_at = NULL, expires_at = created_at")
    surfer.open_mailed_link(Person(LONGEST_NAME, clock=site.clock))


@state(FACTORS, "Two-factor")
def factors_none(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person())
    surfer.go(ACCOUNT)
    surfer.arrives(FACTORS)


@state(PROVISION_TOTP, "Add an authenticator app")
def enroll_totp(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person())
    surfer.go(PROVISION_TOTP)


@state(PROVISION_TOTP, "Error: Add an authenticator app")
def enroll_totp_refused(surfer: Surfer, site: ServedSite) -> None:
    enroll_totp(surfer, site)
    surfer.page.get_by_label("Name", exact=True).fill("")
    surfer.press("Add this app")


@state(PROVISION_KEY, "Add a security key")
def add_key(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person())
    surfer.go(PROVISION_KEY)


@state(PROVISION_KEY, "Add a security key")
def add_key_waiting(surfer: Surfer, site: ServedSite) -> None:
    add_key(surfer, site)
    VirtualAuthenticator.add(surfer.page, presence=False)
    surfer.page.get_by_label("Name").fill("Blue key")
    surfer.press("Add this key")
    surfer.expect_waiting()


@state(PROVISION_KEY, "Add a security key")
def add_key_failed(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(key=True))
    VirtualAuthenticator.add(surfer.page)
    surfer.go(PROVISION_KEY)
    surfer.page.get_by_label("Name").fill("Key")
    surfer.press("Add this key")
    surfer.expect_outcome("with this name")


# With an account


@state(CODE_PAGE, "Authenticator app")
def give_code(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_password(site.visitor(), site.person(totp=True, key=True))
    surfer.go(CODE_PAGE)


@state(CODE_PAGE, "Error: Authenticator app")
def give_code_refused(surfer: Surfer, site: ServedSite) -> None:
    give_code(surfer, site)
    surfer.give_code("000000x")


@state(KEY_PAGE, "Security key")
def use_key(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_password(site.visitor(), site.person(totp=True, key=True))
    surfer.go(KEY_PAGE)


@state(KEY_PAGE, "Security key")
def use_key_failed(surfer: Surfer, site: ServedSite) -> None:
    use_key(surfer, site)
    VirtualAuthenticator.add(surfer.page)
    surfer.use_key()
    surfer.expect_outcome("The key was not used")


@state(LOG_IN, "Log in")
def login_took_too_long(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_password(site.visitor(), site.person(totp=True))
    site.clock.advance(minutes=6)
    surfer.go(CODE_PAGE)
    expect(surfer.page.get_by_role("status")).to_contain_text("took too long")


@state(ACCOUNT, "Account")
def overview_with_app(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(LONGEST_NAME, totp=True))
    surfer.go(ACCOUNT)


@state(ACCOUNT, "Account")
def overview_with_key(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(key=True))
    surfer.go(ACCOUNT)


@state(ACCOUNT, "Account")
def overview_complete(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True, key=True))
    surfer.go(ACCOUNT)


@state(FACTORS, "Two-factor")
def factors(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(LONGEST_NAME, totp=True, key=True))
    surfer.go(FACTORS)


@state(FACTORS, "Two-factor")
def factors_after_adding(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    VirtualAuthenticator.add(surfer.page)
    surfer.register_key(LONGEST_LABEL)
    expect(surfer.page.get_by_role("status")).to_contain_text("is registered")


@state(FACTORS, "Two-factor")
def factors_suspended(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True, key=True))
    site.change("UPDATE webauthn_credentials SET suspended_at = created_at")
    surfer.go(FACTORS)


@state(HISTORY, "Security history")
def history(surfer: Surfer, site: ServedSite) -> None:
    """With something refused, something erased, long names, and an older page."""
    person = site.person(LONGEST_NAME, key=True)
    visitor = site.visitor(address="2001:db8:1234:5678:9abc:def0:1234:5678")
    visitor.give_password(person, status=422, password="wrong")
    visitor.log_in(person)
    person.key = SoftwareAuthenticator()
    visitor.register_key(person, LONGEST_LABEL)
    site.change("DELETE FROM event_private WHERE field = 'agent'")
    for _ in range(50):
        site.visitor().give_password(person)
    surfer.take_cookies(visitor)
    surfer.go(HISTORY)


@state(HISTORY, "Security history")
def history_oldest(surfer: Surfer, site: ServedSite) -> None:
    history(surfer, site)
    surfer.follow("Older")


@state(HISTORY, "Security history")
def history_beyond_the_oldest(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(f"{HISTORY}?before={UUID(int=0)}")


@state(LOG_OUT, "Log out")
def logout(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(LOG_OUT)
