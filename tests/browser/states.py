"""Every page, in every state it can be in: a function each that brings a browser there."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from playwright.sync_api import expect

from tests.common import approving
from tests.common.authenticator import SoftwareAuthenticator
from tests.common.browser import VirtualAuthenticator
from tests.common.losing import CONFIRM_LOSS, LOST, help_link
from tests.common.people import Person
from tests.common.resetting import NEW, REQUEST, RESET, ask_for_reset
from tests.common.saying import NOT_ME, REPAIR, not_me_link, say_not_me
from tests.common.served import ServedSite
from tests.common.surfer import (
    ACCOUNT,
    CODE_PAGE,
    DELETE,
    EMAILS,
    FACTORS,
    HISTORY,
    KEY_PAGE,
    LOG_IN,
    LOG_OUT,
    MAILBOX,
    NOTICES,
    PASSWORD,
    PROFILE,
    REGISTER,
    SESSIONS,
    UNVERIFIED,
    VERIFY,
    Surfer,
)
from tests.common.visitor import (
    PROVISION_KEY,
    PROVISION_TOTP,
    REAUTHENTICATE,
    RECOVERY_CODE,
    RECOVERY_CODES,
)

CONFIRM_ACT = "/account/confirm/{id}/"
LONGEST_NAME = "w" * 50
LONGEST_LABEL = "k" * 64
DEAD_LINK = "This link does not work any more"
Reach = Callable[[Surfer, ServedSite], None]


class State(NamedTuple):
    """Where a browser is, what the page is called there, and what brings it there.

    `{id}` stands for whatever id is in the path.
    """

    path: str
    title: str
    reach: Reach


STATES: list[State] = []


def one_of_each_page() -> list[State]:
    """Return the first state of every page: of those that have the same title at the same path."""
    pages = {(one.path, one.title.removeprefix("Error: ")): one for one in reversed(STATES)}
    return list(reversed(pages.values()))


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
    surfer.expect_told("You are logged out.")


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
    surfer.fill("Password", "abcabcabc")
    surfer.expect_password_status("It has few different characters")


@state(REGISTER, "Register")
def register_with_a_long_password(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(REGISTER)
    surfer.fill("Password", "tundra kelp 7 marmots")
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


@state(LOG_IN, "Log in")
def login_with_passkey_waiting(surfer: Surfer, site: ServedSite) -> None:
    VirtualAuthenticator.add_platform(surfer.page, presence=False)
    surfer.go(LOG_IN)
    surfer.use_passkey()
    surfer.expect_status("Your browser asks for your passkey.")


@state(LOG_IN, "Log in")
def login_with_passkey_failed(surfer: Surfer, site: ServedSite) -> None:
    carol = site.person("carol", passkey=True)
    VirtualAuthenticator.add_platform(surfer.page).take_over(carol.key)
    site.change("DELETE FROM webauthn_credentials")
    # Chosen from autofill, which asks the virtual authenticator at once.
    surfer.go(LOG_IN)
    surfer.expect_outcome("This passkey is not known here")


@state("/nowhere/", "Page not found")
def not_found(surfer: Surfer, site: ServedSite) -> None:
    surfer.go("/nowhere/")


@state(ACCOUNT, "Not available right now")
def unavailable(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.tolerate("503")
    site.change("ALTER TABLE sessions RENAME TO sessions_elsewhere")
    surfer.go(ACCOUNT)
    site.change("ALTER TABLE sessions_elsewhere RENAME TO sessions")


@state(REGISTER, "That did not work")
def refused(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(REGISTER)
    surfer.context.clear_cookies()
    surfer.press("Register")


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
    surfer.fill("Email address", "nonsense")
    surfer.press("Change the address")


@state(UNVERIFIED, "Open the link in your mail")
def unverified_still(surfer: Surfer, site: ServedSite) -> None:
    unverified(surfer, site)
    surfer.follow("I have verified it")
    surfer.expect_told("not verified yet")


@state(VERIFY, "Verify your address")
def verify(surfer: Surfer, site: ServedSite) -> None:
    unverified(surfer, site)
    surfer.open_mailed_link(Person(LONGEST_NAME, clock=site.clock))


@state(VERIFY, "Your address is verified")
def verified(surfer: Surfer, site: ServedSite) -> None:
    """In another browser than the one of the registration."""
    unverified(surfer, site)
    surfer.context.clear_cookies()
    surfer.verify(Person(LONGEST_NAME, clock=site.clock))


@state(VERIFY, "The address is removed")
def disowned(surfer: Surfer, site: ServedSite) -> None:
    verify(surfer, site)
    surfer.press("This is not my account")


@state(UNVERIFIED, "Give your email address")
def unverified_without_address(surfer: Surfer, site: ServedSite) -> None:
    disowned(surfer, site)
    surfer.go(UNVERIFIED)


@state(VERIFY, DEAD_LINK)
def link_used(surfer: Surfer, site: ServedSite) -> None:
    verified(surfer, site)
    site.change("UPDATE mailed_tokens SET used_at = NULL, expires_at = created_at")
    surfer.open_mailed_link(Person(LONGEST_NAME, clock=site.clock))


@state(FACTORS, "Choose your second factor")
def factors_after_verifying(surfer: Surfer, site: ServedSite) -> None:
    unverified(surfer, site)
    surfer.verify(Person(LONGEST_NAME, clock=site.clock))
    surfer.arrives(FACTORS)


@state(FACTORS, "Choose your second factor")
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
    surfer.fill("Name", "")
    surfer.press("Add this app")


@state(PROVISION_KEY, "Add a security key")
def add_key(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person())
    surfer.go(PROVISION_KEY)


@state(PROVISION_KEY, "Add a security key")
def add_key_waiting(surfer: Surfer, site: ServedSite) -> None:
    add_key(surfer, site)
    VirtualAuthenticator.add(surfer.page, presence=False)
    surfer.fill("Name", "Blue key")
    surfer.press("Add this key")
    surfer.expect_waiting()


@state(PROVISION_KEY, "Add a security key")
def add_key_failed(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(key=True))
    VirtualAuthenticator.add(surfer.page)
    surfer.go(PROVISION_KEY)
    surfer.fill("Name", "Key")
    surfer.press("Add this key")
    surfer.expect_outcome("with this name")


@state(PROVISION_KEY, "Add a passkey")
def add_passkey(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person())
    surfer.go(f"{PROVISION_KEY}?kind=passkey")


@state(PROVISION_KEY, "Add a passkey")
def add_passkey_failed(surfer: Surfer, site: ServedSite) -> None:
    add_passkey(surfer, site)
    VirtualAuthenticator.add(surfer.page, protocol="u2f")
    surfer.page.get_by_label(surfer.said("Name")).fill("Laptop")
    surfer.press("Add this passkey")
    surfer.expect_outcome("The passkey was not added")


# With an account


@state(CODE_PAGE, "Authenticator app")
def give_code(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_password(site.visitor(), site.person(totp=True, key=True))
    surfer.go(CODE_PAGE)


@state(CODE_PAGE, "Error: Authenticator app")
def give_code_refused(surfer: Surfer, site: ServedSite) -> None:
    give_code(surfer, site)
    surfer.give_code("000000x")


@state(KEY_PAGE, "Security key or passkey")
def use_key(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_password(site.visitor(), site.person(totp=True, key=True))
    surfer.go(KEY_PAGE)


@state(KEY_PAGE, "Security key or passkey")
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
    surfer.expect_told("took too long")


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


@state(ACCOUNT, "Account")
def overview_with_offer(surfer: Surfer, site: ServedSite) -> None:
    VirtualAuthenticator.add_platform(surfer.page)
    surfer.skip_login(site.visitor(), site.person(totp=True, key=True))
    surfer.go(ACCOUNT)
    expect(surfer.button("Not now")).to_be_visible()


@state(FACTORS, "Second factors")
def factors_with_passkey(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(LONGEST_NAME, totp=True, passkey=True))
    aaguid = "'d548826e79b4db40a3d811116f7e8349'"
    site.change(f"UPDATE webauthn_credentials SET aaguid = {aaguid} WHERE is_passkey")
    surfer.go(FACTORS)
    expect(surfer.page.locator("main")).to_contain_text("Bitwarden")


@state(FACTORS, "Second factors")
def factors(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(LONGEST_NAME, totp=True, key=True))
    surfer.go(FACTORS)


@state(RECOVERY_CODES, "Recovery codes")
def codes_after_adding(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person())
    surfer.enroll_totp(Person("alice", clock=site.clock))
    surfer.expect_told("is set up")


@state(FACTORS, "Second factors")
def factors_after_adding(surfer: Surfer, site: ServedSite) -> None:
    _with_codes(surfer, site)
    VirtualAuthenticator.add(surfer.page)
    surfer.register_key(LONGEST_LABEL)
    surfer.expect_told("is registered")


@state(FACTORS, "Second factors")
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


# Renaming and removing


def _credential_page(surfer: Surfer, site: ServedSite, act: str, label: str = "Phone") -> None:
    visitor, person = site.visitor(), site.person(totp=True)
    visitor.log_in(person)
    visitor.enroll_totp(person, LONGEST_LABEL)
    surfer.take_cookies(visitor)
    surfer.go(FACTORS)
    surfer.follow_of(label, act)


@state(f"{PROVISION_TOTP}/{{id}}/rename", "Rename: Phone")
def rename(surfer: Surfer, site: ServedSite) -> None:
    _credential_page(surfer, site, "rename")


@state(f"{PROVISION_TOTP}/{{id}}/rename", "Error: Rename: Phone")
def rename_refused(surfer: Surfer, site: ServedSite) -> None:
    _credential_page(surfer, site, "rename")
    surfer.fill("Name", "")
    surfer.press("Save this name")


@state(f"{PROVISION_TOTP}/{{id}}/delete", "Remove: " + LONGEST_LABEL)
def remove(surfer: Surfer, site: ServedSite) -> None:
    _credential_page(surfer, site, "delete", LONGEST_LABEL)


@state(f"{PROVISION_TOTP}/{{id}}/delete", "Remove: Phone")
def remove_the_last_one(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(FACTORS)
    surfer.follow_of("Phone", "delete")
    surfer.press("Remove it")
    surfer.expect_refused("your last second factor")


# Recovery codes


def _with_codes(
    surfer: Surfer, site: ServedSite, *, spent: int = 0, proved: bool = False
) -> Person:
    visitor, person = site.visitor(), site.person(totp=True, key=True)
    visitor.log_in(person)
    visitor.make_recovery_codes(person)
    if proved:
        visitor.prove_recovery_code(person)
    surfer.take_cookies(visitor)
    site.change(
        "UPDATE recovery_codes SET redeemed_at = created_at"
        f" WHERE id IN (SELECT id FROM recovery_codes ORDER BY redeemed_at, id LIMIT {spent})"
    )
    return person


@state(RECOVERY_CODES, "Recovery codes")
def codes_none(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(RECOVERY_CODES)


@state(f"{RECOVERY_CODES}generate", "Your recovery codes")
def codes_shown(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(LONGEST_NAME, totp=True))
    surfer.go(RECOVERY_CODES)
    surfer.press("Make recovery codes")


@state(RECOVERY_CODES, "Recovery codes")
def codes_not_proved(surfer: Surfer, site: ServedSite) -> None:
    _with_codes(surfer, site)
    surfer.go(RECOVERY_CODES)


@state(f"{RECOVERY_CODES}burn", "Error: Recovery codes")
def codes_refused(surfer: Surfer, site: ServedSite) -> None:
    codes_not_proved(surfer, site)
    surfer.fill("Recovery code", "nonsense")
    surfer.press("Check this code")


@state(RECOVERY_CODES, "Recovery codes")
def codes_running_out(surfer: Surfer, site: ServedSite) -> None:
    _with_codes(surfer, site, spent=5, proved=True)
    surfer.go(RECOVERY_CODES)
    surfer.expect_text("Few are left")


@state(FACTORS, "Second factors")
def factors_with_codes(surfer: Surfer, site: ServedSite) -> None:
    _with_codes(surfer, site)
    surfer.go(FACTORS)


@state(ACCOUNT, "Account")
def overview_with_codes(surfer: Surfer, site: ServedSite) -> None:
    _with_codes(surfer, site)
    surfer.go(ACCOUNT)


@state(ACCOUNT, "Account")
def overview_with_nothing_left_to_do(surfer: Surfer, site: ServedSite) -> None:
    _with_codes(surfer, site, proved=True)
    surfer.go(ACCOUNT)
    surfer.expect_text("Nothing left to do")


@state(RECOVERY_CODE, "Recovery code")
def give_recovery_code(surfer: Surfer, site: ServedSite) -> None:
    person = _with_codes(surfer, site)
    surfer.context.clear_cookies()
    surfer.skip_password(site.visitor(), person)
    surfer.go(RECOVERY_CODE)


@state(RECOVERY_CODE, "Error: Recovery code")
def give_recovery_code_refused(surfer: Surfer, site: ServedSite) -> None:
    give_recovery_code(surfer, site)
    surfer.fill("Recovery code", "nonsense")
    surfer.press("Log in")


# Step-up


@state(REAUTHENTICATE, "Is it you?")
def step_up_with_code(surfer: Surfer, site: ServedSite) -> None:
    _with_codes(surfer, site)
    surfer.go(f"{REAUTHENTICATE}?factor=two-factor")


@state(REAUTHENTICATE, "Error: Is it you?")
def step_up_refused(surfer: Surfer, site: ServedSite) -> None:
    step_up_with_code(surfer, site)
    surfer.fill("Code", "000000x")
    surfer.press("Go on")


@state(REAUTHENTICATE, "Is it you?")
def step_up_with_key(surfer: Surfer, site: ServedSite) -> None:
    _with_codes(surfer, site)
    site.clock.advance(minutes=31)
    surfer.go(PASSWORD)


@state(REAUTHENTICATE, "Is it you?")
def step_up_with_key_failed(surfer: Surfer, site: ServedSite) -> None:
    step_up_with_key(surfer, site)
    VirtualAuthenticator.add(surfer.page)
    surfer.use_key()
    surfer.expect_outcome("The key was not used")


@state(REAUTHENTICATE, "Is it you?")
def step_up_with_recovery_code(surfer: Surfer, site: ServedSite) -> None:
    _with_codes(surfer, site)
    surfer.go(f"{REAUTHENTICATE}?factor=recovery-code")


@state(REAUTHENTICATE, "Is it you?")
def step_up_impossible(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(key=True))
    site.change("UPDATE webauthn_credentials SET suspended_at = created_at")
    surfer.go(REAUTHENTICATE)


# Passwords


def _addresses(surfer: Surfer, site: ServedSite) -> None:
    """With a verified address more, a claim, and one as long as can be."""
    visitor, person = site.visitor(), site.person(totp=True)
    visitor.log_in(person)
    long = f"{LONGEST_NAME}@{'d' * 60}.{'d' * 60}.example.net"
    for address in ("alice@example.net", long, "claimed@example.net"):
        visitor.post_form(EMAILS, {"email": address}, status=303)
    site.change("UPDATE emails SET verified_at = created_at WHERE address <> 'claimed@example.net'")
    surfer.take_cookies(visitor)
    surfer.go(EMAILS)


@state(EMAILS, "Email addresses")
def addresses(surfer: Surfer, site: ServedSite) -> None:
    _addresses(surfer, site)


@state(EMAILS, "Email addresses")
def address_made_primary(surfer: Surfer, site: ServedSite) -> None:
    _addresses(surfer, site)
    surfer.page.get_by_role("button", name=surfer.said("Make it primary")).first.click()
    surfer.expect_told("is changed")


@state(EMAILS, "Error: Email addresses")
def address_refused(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(EMAILS)
    surfer.press("Add this address")


@state(VERIFY, "Your address is verified")
def address_verified(surfer: Surfer, site: ServedSite) -> None:
    visitor, person = site.visitor(), site.person(totp=True)
    visitor.log_in(person)
    visitor.post_form(EMAILS, {"email": "alice@example.net"}, status=303)
    surfer.take_cookies(visitor)
    surfer.go(site.mails(to="alice@example.net")[-1].link)
    surfer.press("Verify this address")


@state(PROFILE, "Profile")
def profile(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(PROFILE)


@state(ACCOUNT, "Error: Profile")
def profile_refused(surfer: Surfer, site: ServedSite) -> None:
    profile(surfer, site)
    surfer.page.get_by_label(surfer.said("Name")).fill("Alice\u202eecilA")
    surfer.press("Save the profile")


@state(NOTICES, "Notices")
def notices(surfer: Surfer, site: ServedSite) -> None:
    """With long names, new ones and a second page."""
    visitor, person = site.visitor(address="2001:db8:1234:5678:9abc:def0:1234:5678"), site.person()
    visitor.give_password(person)
    visitor.enroll_totp(person, LONGEST_LABEL)
    visitor.make_recovery_codes(person)
    for _ in range(20):
        visitor.make_recovery_codes(person, "regenerate")
    surfer.take_cookies(visitor)
    surfer.go(NOTICES)


@state(NOTICES, "Notices")
def notices_read(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(NOTICES)
    surfer.press("I have read them all")


@state(NOTICES, "Notices")
def notices_beyond_the_oldest(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(f"{NOTICES}?before={UUID(int=0)}")


@state("/manage/account/export/", "What we keep about you")
def export(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go("/manage/account/export/")


@state(SESSIONS, "Sessions")
def sessions(surfer: Surfer, site: ServedSite) -> None:
    """With another session, from a long address, and more browsers than a page holds."""
    person = site.person(totp=True)
    for _ in range(21):
        visitor = site.visitor(address="2001:db8:1234:5678:9abc:def0:1234:5678")
        visitor.log_in(person)
        site.clock.advance(seconds=60)
    surfer.skip_login(site.visitor(), person)
    surfer.go(SESSIONS)


@state(SESSIONS, "Sessions")
def sessions_ended(surfer: Surfer, site: ServedSite) -> None:
    person = site.person(totp=True)
    site.visitor().log_in(person)
    site.clock.advance(seconds=60)
    surfer.skip_login(site.visitor(), person)
    surfer.go(SESSIONS)
    surfer.press("End all other sessions")
    surfer.expect_told("ended")


@state(SESSIONS, "Sessions")
def known_browsers_beyond_the_oldest(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(f"{SESSIONS}?before={UUID(int=0)}")


@state(PASSWORD, "Password")
def password(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(PASSWORD)


@state(PASSWORD, "Password")
def password_typed(surfer: Surfer, site: ServedSite) -> None:
    password(surfer, site)
    surfer.fill("New password", "tundra")
    surfer.expect_password_status("So far")


@state(PASSWORD, "Error: Password")
def password_refused(surfer: Surfer, site: ServedSite) -> None:
    password(surfer, site)
    surfer.press("Change the password")


@state(ACCOUNT, "Account")
def password_changed(surfer: Surfer, site: ServedSite) -> None:
    password(surfer, site)
    surfer.fill("Current password", Person("alice", clock=site.clock).password)
    surfer.fill("New password", NEW)
    surfer.fill("Password again", NEW)
    surfer.press("Change the password")
    surfer.expect_told("Your password is changed.")


@state(REQUEST, "Forgot your password?")
def request_reset(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(LOG_IN)
    surfer.follow("Forgot your password?")


@state(REQUEST, "Error: Forgot your password?")
def request_reset_refused(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(REQUEST)
    surfer.press("Send me the link")


@state(LOG_IN, "Log in")
def reset_requested(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(REQUEST)
    surfer.fill("Username or email address", "nobody")
    surfer.press("Send me the link")
    surfer.expect_told("If there is an account")


@state(RESET, "Choose another password")
def reset(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(ask_for_reset(site, site.person(LONGEST_NAME)))


@state(RESET, "Error: Choose another password")
def reset_refused(surfer: Surfer, site: ServedSite) -> None:
    reset(surfer, site)
    surfer.press("Change the password")


@state(RESET, "Choose another password")
def reset_with_code(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(ask_for_reset(site, site.person(totp=True)))


@state(RESET, "Error: Choose another password")
def reset_with_code_refused(surfer: Surfer, site: ServedSite) -> None:
    reset_with_code(surfer, site)
    surfer.press("Change the password")


def _reset_of_all(surfer: Surfer, site: ServedSite, segment: str) -> None:
    person = _with_codes(surfer, site)
    surfer.context.clear_cookies()
    surfer.go(ask_for_reset(site, person))
    surfer.go(f"{RESET}?factor={segment}")


@state(RESET, "Choose another password")
def reset_with_key(surfer: Surfer, site: ServedSite) -> None:
    _reset_of_all(surfer, site, "webauthn-authenticate")


@state(RESET, "Choose another password")
def reset_with_key_failed(surfer: Surfer, site: ServedSite) -> None:
    reset_with_key(surfer, site)
    VirtualAuthenticator.add(surfer.page)
    surfer.fill("New password", NEW)
    surfer.fill("Password again", NEW)
    surfer.press("Use the key or passkey")
    surfer.expect_outcome("The key was not used")


@state(RESET, "Choose another password")
def reset_with_recovery_code(surfer: Surfer, site: ServedSite) -> None:
    _reset_of_all(surfer, site, "recovery-code")


@state(RESET, "Choose another password")
def reset_impossible(surfer: Surfer, site: ServedSite) -> None:
    link = ask_for_reset(site, site.person(key=True))
    site.change("UPDATE webauthn_credentials SET suspended_at = created_at")
    surfer.go(link)


@state(RESET, DEAD_LINK)
def reset_gone(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(RESET)


# Deleting the account


@state(DELETE, "Delete your account")
def delete(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(LONGEST_NAME, totp=True))
    surfer.go(PROFILE)
    surfer.follow("Delete your account")


@state(DELETE, "Error: Delete your account")
def delete_refused(surfer: Surfer, site: ServedSite) -> None:
    delete(surfer, site)
    surfer.press("Go on")


@state(DELETE, "This has to wait")
def delete_with_less_than_the_strongest(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True, key=True))
    surfer.go(DELETE)


@state(CONFIRM_ACT, "Confirm")
def confirm_with_code(surfer: Surfer, site: ServedSite) -> None:
    delete(surfer, site)
    surfer.fill("Your username", LONGEST_NAME)
    surfer.press("Go on")
    surfer.page.locator("summary").click()


@state(CONFIRM_ACT, "Confirm")
def confirm_with_key(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person("bob", key=True))
    surfer.go(DELETE)
    surfer.fill("Your username", "bob")
    surfer.press("Go on")
    expect(surfer.button("Use the key or passkey")).to_be_visible()


@state(CONFIRM_ACT, "Confirm")
def confirm_the_removal_of_the_last_key(surfer: Surfer, site: ServedSite) -> None:
    carol, visitor = site.person("carol", totp=True), site.visitor()
    visitor.log_in(carol)
    visitor.register_key(carol, LONGEST_LABEL)
    visitor.form("/account/logout/", "logout-form").submit()
    visitor.give_password(carol)
    visitor.give_key(carol)
    surfer.take_cookies(visitor)
    surfer.go(FACTORS)
    surfer.follow_of(LONGEST_LABEL, "delete")
    surfer.press("Remove it")
    surfer.expect_text("your last protection from phishing")


@state(CONFIRM_ACT, "This cannot be confirmed any more")
def confirm_too_late(surfer: Surfer, site: ServedSite) -> None:
    confirm_with_code(surfer, site)
    site.clock.advance(minutes=6)
    surfer.page.reload()


@state(LOG_OUT, "Log out")
def logout(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), site.person(totp=True))
    surfer.go(LOG_OUT)


# This was not me


@state(NOT_ME, "This was not me")
def not_me(surfer: Surfer, site: ServedSite) -> None:
    person = site.person(LONGEST_NAME, totp=True)
    site.visitor().log_in(person)
    surfer.go(not_me_link(site, person.address))


@state(NOT_ME, "Everybody is logged out")
def not_me_said(surfer: Surfer, site: ServedSite) -> None:
    not_me(surfer, site)
    surfer.press("This was not me")


@state(NOT_ME, DEAD_LINK)
def not_me_gone(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(NOT_ME)


def _held(surfer: Surfer, site: ServedSite) -> Person:
    person = _with_codes(surfer, site)
    say_not_me(site.visitor(), not_me_link(site, person.address))
    surfer.context.clear_cookies()
    site.clock.advance(seconds=60)
    return person


@state(REPAIR, "Make your account safe")
def repair(surfer: Surfer, site: ServedSite) -> None:
    person, visitor = _held(surfer, site), site.visitor()
    visitor.give_password(person)
    visitor.give_key(person)
    surfer.take_cookies(visitor)
    surfer.go(REPAIR)
    surfer.expect_text("Publishing is held")


@state(REPAIR, "Make your account safe")
def repair_with_recovery_code(surfer: Surfer, site: ServedSite) -> None:
    person, visitor = _held(surfer, site), site.visitor()
    visitor.give_password(person)
    visitor.give_recovery_code(person.recovery_codes[0])
    surfer.take_cookies(visitor)
    surfer.go(REPAIR)


@state(ACCOUNT, "Account")
def overview_while_held(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_login(site.visitor(), _held(surfer, site))
    surfer.go(ACCOUNT)


@state(ACCOUNT, "Account")
def repair_finished(surfer: Surfer, site: ServedSite) -> None:
    repair(surfer, site)
    surfer.press("Everything is in order")
    surfer.expect_told("goes on")


# Probation


@state(ACCOUNT, "Account")
def overview_on_probation(surfer: Surfer, site: ServedSite) -> None:
    person, visitor = _with_codes(surfer, site, proved=True), site.visitor()
    visitor.give_password(person)
    visitor.give_recovery_code(person.recovery_codes[0])
    surfer.take_cookies(visitor)
    surfer.go(ACCOUNT)
    surfer.expect_text("On probation until")


# When everything is lost


@state(LOST, "When everything is lost")
def lost(surfer: Surfer, site: ServedSite) -> None:
    surfer.skip_password(site.visitor(), site.person(totp=True))
    surfer.go(CODE_PAGE)
    surfer.follow("What to do when everything is lost")


@state(LOST, "Error: When everything is lost")
def lost_refused(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(LOST)
    surfer.press("Ask for help")


@state(LOG_IN, "Log in")
def lost_asked(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(LOST)
    surfer.fill("Username", "nobody")
    surfer.page.get_by_label(surfer.said("Email address")).fill("nobody@example.org")
    surfer.page.get_by_label(surfer.said("What you can show")).fill("Nothing")
    surfer.press("Ask for help")
    surfer.expect_told("If there is an account")


@state(CONFIRM_LOSS, "Ask for help")
def lost_confirm(surfer: Surfer, site: ServedSite) -> None:
    person = site.person(LONGEST_NAME)
    surfer.go(help_link(site, person, person.address))


@state(CONFIRM_LOSS, "Your request waits")
def lost_confirmed(surfer: Surfer, site: ServedSite) -> None:
    lost_confirm(surfer, site)
    surfer.press("Yes, this is my request")


# A login that waits for a mailed approval


@state(approving.WAITING, "Approve this login")
def waiting(surfer: Surfer, site: ServedSite) -> None:
    visitor = site.visitor()
    approving.hold(site, visitor, site.person(totp=True))
    surfer.take_cookies(visitor)
    surfer.go(approving.WAITING)


@state(approving.WAITING, "Error: Approve this login")
def waiting_too_soon(surfer: Surfer, site: ServedSite) -> None:
    waiting(surfer, site)
    surfer.press("I have approved it")


@state(approving.WAITING, "This login was refused")
def waiting_refused(surfer: Surfer, site: ServedSite) -> None:
    visitor = site.visitor()
    approving.refuse(site.visitor(), approving.hold(site, visitor, site.person(totp=True)))
    surfer.take_cookies(visitor)
    surfer.go(approving.WAITING)


@state(approving.CONFIRM, "Is this you?")
def confirm_login(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(approving.hold(site, site.visitor(), site.person(LONGEST_NAME, totp=True)))


@state(approving.CONFIRM, "The login is approved")
def confirm_login_approved(surfer: Surfer, site: ServedSite) -> None:
    confirm_login(surfer, site)
    surfer.press("Approve this login")


@state(approving.CONFIRM, "The login is refused")
def confirm_login_refused(surfer: Surfer, site: ServedSite) -> None:
    confirm_login(surfer, site)
    surfer.press("This was not me")


@state(approving.CONFIRM, DEAD_LINK)
def confirm_login_gone(surfer: Surfer, site: ServedSite) -> None:
    surfer.go(approving.CONFIRM)
