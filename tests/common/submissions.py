"""Every form of the site, filled in so that it would be accepted, and the jar of who sends it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from tests.common import approving
from tests.common.authenticator import SoftwareAuthenticator
from tests.common.losing import CONFIRM_LOSS, LOST, STATEMENT, help_link
from tests.common.people import Person
from tests.common.registering import NEWTON, register
from tests.common.resetting import REQUEST, RESET, ask_for_reset
from tests.common.saying import NOT_ME, REPAIR, not_me_link, say_not_me
from tests.common.site import Site
from tests.common.visitor import (
    DELETE,
    KEY,
    PASSKEY,
    PROVISION_KEY,
    PROVISION_TOTP,
    REAUTHENTICATE,
    RECOVERY_CODE,
    RECOVERY_CODES,
    TWO_FACTOR,
    Visitor,
)

LOG_IN = "/account/login/"
LOG_OUT = "/account/logout/"
VERIFY = "/account/verify-email/"
UNVERIFIED = "/manage/unverified-account/"
EMAILS = "/manage/account/emails/"
CONFIRM_ACT = "/account/confirm/{act_id}/"
CREDENTIAL = "/manage/account/{factor}-provision/{credential_id}/"
NEW_PASSWORD = "incorrect donkey battery staple 7"
ANOTHER = {"new_password": NEW_PASSWORD, "password_confirm": NEW_PASSWORD}


@dataclass(frozen=True)
class Submission:
    """One form. Nothing was sent yet."""

    visitor: Visitor
    path: str
    fields: Mapping[str, str]
    stale_token: str
    """The token that this jar had before somebody logged in with it, or after."""
    key: SoftwareAuthenticator | None = None
    """The security key that answers in the form, if one does."""

    @cached_property
    def token(self) -> str:
        """The token of this jar, as long as nobody logs in or out with it."""
        return token_of(self.visitor)

    def send(self, status: Any = "*", **changed: str) -> Any:
        """Send the form with its token, but for the fields that are `changed`."""
        fields = {**self.fields, **changed, "csrf_token": self.token}
        return self.visitor.post(self.path, fields, status=status)


Build = Callable[[Site, str], Submission]


def token_of(visitor: Visitor) -> str:
    """Return the token of a jar, whoever is logged in."""
    return visitor.csrf_token(LOG_OUT if visitor.cookie("session") else "/account/register/")


def _anonymous(site: Site) -> tuple[Visitor, str]:
    """Return a visitor, and a token of somebody who is logged in."""
    other = site.visitor(address="203.0.113.7")
    other.give_password(site.person("other"))
    return site.visitor(), token_of(other)


def _logged_in(site: Site, *, verified: bool = True) -> tuple[Visitor, str]:
    """Return Dave's jar, who has no factor, and the token from before the login."""
    dave, visitor = site.person("dave", verified=verified), site.visitor()
    stale = token_of(visitor)
    visitor.give_password(dave)
    return visitor, stale


def _registration(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    return Submission(visitor, path, NEWTON, stale)


def _password(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    dave = site.person("dave")
    fields = {"username": dave.username, "password": dave.password, "next": ""}
    return Submission(visitor, path, fields, stale)


def _logout(site: Site, path: str) -> Submission:
    visitor, stale = _logged_in(site)
    return Submission(visitor, path, {}, stale)


def _decision(decision: str) -> Build:
    def build(site: Site, path: str) -> Submission:
        visitor = site.visitor()
        stale = token_of(visitor)
        register(visitor)
        (mail,) = site.mails(to=NEWTON["email"])
        visitor.get(mail.link, status=303)
        return Submission(visitor, path, {"decision": decision}, stale)

    return build


def _another_address(site: Site, path: str) -> Submission:
    visitor, stale = _logged_in(site, verified=False)
    return Submission(visitor, path, {"email": "dave@example.net"}, stale)


def _mail_again(site: Site, path: str) -> Submission:
    visitor, stale = _logged_in(site, verified=False)
    page = visitor.get(path, status=200)
    email_id = page.html.find("input", {"name": "reverify_email_id"})["value"]
    return Submission(visitor, path, {"reverify_email_id": email_id}, stale)


def _code(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    alice = site.person("alice", totp=True)
    visitor.give_password(alice)
    return Submission(visitor, path, {"totp_value": alice.code()}, stale)


def _assertion(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    bob = site.person("bob", key=True)
    visitor.give_password(bob)
    options = visitor.get(f"{KEY}/options", status=200).json
    credential = json.dumps(bob.key.get(options, visitor.origin))
    return Submission(visitor, path, {"credential": credential}, stale, bob.key)


def _passkey(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    carol = site.person("carol", passkey=True)
    options = visitor.get(f"{PASSKEY}/options", status=200).json
    credential = json.dumps(carol.key.get(options, visitor.origin))
    return Submission(visitor, path, {"credential": credential, "next": ""}, stale, carol.key)


def _enrollment(site: Site, path: str) -> Submission:
    visitor, stale = _logged_in(site)
    page = visitor.get(path, status=200)
    secret = page.html.select_one(".secret bdi").text.replace(" ", "")
    code = Person("dave", clock=site.clock, codes=[secret]).code()
    return Submission(visitor, path, {"label": "Phone", "totp_value": code}, stale)


def _another_secret(site: Site, path: str) -> Submission:
    visitor, stale = _logged_in(site)
    visitor.get(path, status=200)
    return Submission(visitor, path, {"start_again": "1"}, stale)


def _new_key(site: Site, path: str) -> Submission:
    visitor, stale = _logged_in(site)
    options = visitor.get(f"{PROVISION_KEY}/options", status=200).json
    key = SoftwareAuthenticator()
    credential = json.dumps(key.create(options, visitor.origin))
    return Submission(visitor, path, {"label": "Key", "credential": credential}, stale, key)


def _language(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    return Submission(visitor, path, {"locale_id": "fr", "next": "/"}, stale)


def _reset_request(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    dave = site.person("dave")
    return Submission(visitor, path, {"username_or_email": dave.address}, stale)


def _reset(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    alice = site.person("alice", totp=True)
    visitor.get(ask_for_reset(site, alice), status=303)
    return Submission(visitor, path, {**ANOTHER, "totp_value": alice.code()}, stale)


def _reset_with_key(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    bob = site.person("bob", key=True)
    visitor.get(ask_for_reset(site, bob), status=303)
    options = visitor.get(f"{RESET}options", status=200).json
    credential = json.dumps(bob.key.get(options, visitor.origin))
    return Submission(visitor, path, {**ANOTHER, "credential": credential}, stale, bob.key)


def _recovery_code(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site)
    visitor.make_recovery_codes(alice)
    visitor.form(LOG_OUT, "logout-form").submit(status=303)
    visitor.give_password(alice)
    return Submission(visitor, path, {"recovery_code_value": alice.recovery_codes[0]}, stale)


def _decision_on_login(decision: str) -> Build:
    def build(site: Site, path: str) -> Submission:
        visitor, stale = _anonymous(site)
        alice = site.person("alice", totp=True)
        visitor.get(approving.hold(site, site.visitor(), alice), status=303)
        return Submission(visitor, path, {"decision": decision}, stale)

    return build


def _after_approval(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    link = approving.hold(site, visitor, site.person("alice", totp=True))
    approving.approve(site.visitor(), link)
    return Submission(visitor, path, {}, stale)


def _without_mail(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    approving.hold(site, visitor, site.person("alice", totp=True))
    site.clock.advance(minutes=2)
    return Submission(visitor, path, {}, stale)


def _full(site: Site, *, key: bool = False) -> tuple[Visitor, Person, str]:
    """Return Alice's jar after a whole login, Alice, and the token from before it."""
    alice, visitor = site.person("alice", totp=True, key=key), site.visitor()
    stale = token_of(visitor)
    visitor.log_in(alice)
    site.clock.advance(seconds=60)
    # Here again: when the session was used last is noted now, not with the form.
    visitor.get(LOG_OUT, status=200)
    return visitor, alice, stale


def _step_up(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site)
    return Submission(visitor, path, {"totp_value": alice.code()}, stale)


def _step_up_with_key(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site, key=True)
    options = visitor.get(f"{REAUTHENTICATE}options", status=200).json
    credential = json.dumps(alice.key.get(options, visitor.origin))
    return Submission(visitor, path, {"credential": credential}, stale, alice.key)


def _deletion(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site)
    return Submission(visitor, path, {"confirmation": alice.username}, stale)


def _confirmed_deletion(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site)
    asked = visitor.ask_to_delete(alice)
    return Submission(visitor, asked, {"totp_value": alice.code()}, stale)


def _confirmed_deletion_with_key(site: Site, path: str) -> Submission:
    bob, visitor = site.person("bob", key=True), site.visitor()
    stale = token_of(visitor)
    visitor.log_in(bob)
    asked = visitor.ask_to_delete(bob)
    options = visitor.get(f"{asked}options", status=200).json
    credential = json.dumps(bob.key.get(options, visitor.origin))
    return Submission(visitor, f"{asked}validate", {"credential": credential}, stale, bob.key)


def _profile(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site)
    fields = {"name": "Alice", "public_email": alice.address, "language": "fr", "time_zone": "UTC"}
    return Submission(visitor, path, fields, stale)


def _one_more_address(site: Site, path: str) -> Submission:
    visitor, _, stale = _full(site)
    return Submission(visitor, path, {"email": "alice@example.net"}, stale)


def _of_address(field: str, *, verified: bool = True) -> Build:
    """Press a button beside Alice's second address."""

    def build(site: Site, path: str) -> Submission:
        visitor, _, stale = _full(site)
        form = visitor.form(path, "add-email-form")
        form["email"] = "alice@example.net"
        form.submit(status=303)
        if verified:
            site.change("UPDATE emails SET verified_at = created_at")
        email_id = UUID(str(site.value("SELECT id FROM emails WHERE address LIKE '%.net'")))
        return Submission(visitor, path, {field: str(email_id)}, stale)

    return build


def _of_other_browser(place: str, ids: str) -> Build:
    """Press a button about another browser that Alice is logged in with; `ids` finds its id."""

    def build(site: Site, path: str) -> Submission:
        visitor, alice, stale = _full(site)
        site.visitor().log_in(alice)
        id_ = UUID(str(site.rows(ids)[-1][0]))
        return Submission(visitor, path.format(**{place: id_}), {}, stale)

    return build


def _new_password(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site)
    return Submission(visitor, path, {"password": alice.password, **ANOTHER}, stale)


def _of_app(**fields: str) -> Build:
    """Fill in a page of Alice's app; she has a key, too."""

    def build(site: Site, path: str) -> Submission:
        visitor, _, stale = _full(site, key=True)
        id_ = UUID(str(site.value("SELECT id FROM totp_applications")))
        return Submission(visitor, path.format(factor="totp", credential_id=id_), fields, stale)

    return build


def _codes(site: Site, path: str) -> Submission:
    visitor, _, stale = _full(site)
    return Submission(visitor, path, {}, stale)


def _other_codes(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site)
    visitor.make_recovery_codes(alice)
    return Submission(visitor, path, {}, stale)


def _kept_code(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site)
    visitor.make_recovery_codes(alice)
    return Submission(visitor, path, {"recovery_code_value": alice.recovery_codes[0]}, stale)


def _not_me(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site)
    visitor.form(LOG_OUT, "logout-form").submit(status=303)
    visitor.get(not_me_link(site, alice.address), status=303)
    return Submission(visitor, path, {}, stale)


def _help(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    dave = site.person("dave")
    fields = {
        "username": dave.username,
        "email": dave.address,
        "statement": STATEMENT,
        "password": dave.password,
    }
    return Submission(visitor, path, fields, stale)


def _confirmed_help(site: Site, path: str) -> Submission:
    visitor, stale = _anonymous(site)
    dave = site.person("dave")
    visitor.get(help_link(site, dave, dave.address), status=303)
    return Submission(visitor, path, {}, stale)


def _in_order(site: Site, path: str) -> Submission:
    visitor, alice, stale = _full(site)
    say_not_me(site.visitor(), not_me_link(site, alice.address))
    visitor.log_in(alice)
    site.clock.advance(seconds=60)
    visitor.get(LOG_OUT, status=200)
    return Submission(visitor, path, {}, stale)


@dataclass(frozen=True)
class Form:
    """A form of the site, and how to fill it in."""

    path: str
    """As its route has it."""
    build: Build

    def __call__(self, site: Site) -> Submission:
        return self.build(site, self.path)


SUBMISSIONS: Mapping[str, Form] = {
    "register": Form("/account/register/", _registration),
    "give the password": Form(LOG_IN, _password),
    "give a passkey": Form(f"{PASSKEY}/validate", _passkey),
    "log out": Form(LOG_OUT, _logout),
    "verify an address": Form(VERIFY, _decision("verify")),
    "disown an address": Form(VERIFY, _decision("disown")),
    "say that it was not me": Form(NOT_ME, _not_me),
    "say that all is in order": Form(f"{REPAIR}finish", _in_order),
    "give another address": Form(UNVERIFIED, _another_address),
    "have the mail sent again": Form(UNVERIFIED, _mail_again),
    "give a code": Form(TWO_FACTOR, _code),
    "give a code by script": Form(f"{TWO_FACTOR}validate", _code),
    "give an assertion without script": Form(f"{KEY}/", _assertion),
    "give an assertion": Form(f"{KEY}/validate", _assertion),
    "give a recovery code": Form(RECOVERY_CODE, _recovery_code),
    "give a recovery code by script": Form(f"{RECOVERY_CODE}validate", _recovery_code),
    "approve a login": Form(approving.CONFIRM, _decision_on_login("approve")),
    "refuse a login": Form(approving.CONFIRM, _decision_on_login("refuse")),
    "go on after an approval": Form(approving.WAITING, _after_approval),
    "have the approval mailed again": Form(approving.MAIL_AGAIN, _without_mail),
    "choose a language": Form("/locale/", _language),
    "ask for a reset link": Form(REQUEST, _reset_request),
    "ask for help": Form(LOST, _help),
    "show the mailbox of who asks for help": Form(CONFIRM_LOSS, _confirmed_help),
    "reset the password": Form(RESET, _reset),
    "reset the password by script": Form(f"{RESET}validate", _reset_with_key),
    "step up": Form(REAUTHENTICATE, _step_up),
    "step up by script": Form(f"{REAUTHENTICATE}validate", _step_up_with_key),
    "ask for the deletion of the account": Form(DELETE, _deletion),
    "confirm an act": Form(CONFIRM_ACT, _confirmed_deletion),
    "confirm an act by script": Form(f"{CONFIRM_ACT}validate", _confirmed_deletion_with_key),
    "add an address": Form(EMAILS, _one_more_address),
    "have the mail to it sent again": Form(
        EMAILS, _of_address("reverify_email_id", verified=False)
    ),
    "make an address primary": Form(EMAILS, _of_address("primary_email_id")),
    "remove an address": Form(EMAILS, _of_address("delete_email_id")),
    "end a session": Form(
        "/manage/account/sessions/{session_id}/end",
        _of_other_browser("session_id", "SELECT family_id FROM sessions ORDER BY created_at"),
    ),
    "end all other sessions": Form(
        "/manage/account/sessions/end-others",
        _of_other_browser("", "SELECT id FROM sessions"),
    ),
    "have a browser forgotten": Form(
        "/manage/account/devices/{device_id}/forget",
        _of_other_browser("device_id", "SELECT id FROM known_devices ORDER BY created_at"),
    ),
    "change the profile": Form("/manage/account/", _profile),
    "download what is kept": Form("/manage/account/export/", _codes),
    "mark notices as read": Form("/manage/account/notices/read", _codes),
    "change the password": Form("/manage/account/password/", _new_password),
    "enroll an app": Form(PROVISION_TOTP, _enrollment),
    "have another secret": Form(PROVISION_TOTP, _another_secret),
    "register a key without script": Form(PROVISION_KEY, _new_key),
    "register a key": Form(f"{PROVISION_KEY}/validate", _new_key),
    "rename an app": Form(f"{CREDENTIAL}rename", _of_app(label="Tablet")),
    "remove an app": Form(f"{CREDENTIAL}delete", _of_app()),
    "decline a passkey": Form("/manage/account/passkey-offer/decline", _codes),
    "make recovery codes": Form(f"{RECOVERY_CODES}generate", _codes),
    "make other recovery codes": Form(f"{RECOVERY_CODES}regenerate", _other_codes),
    "show that a recovery code is kept": Form(f"{RECOVERY_CODES}burn", _kept_code),
}
