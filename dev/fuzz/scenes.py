"""Situations with the requests that belong to them: every form filled in, every page, every link."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from dev.fuzz.drafts import Draft
from tests.common.authenticator import AttestationFormat, SoftwareAuthenticator
from tests.common.routes import doors
from tests.common.site import Site
from tests.common.standings import STANDINGS
from tests.common.submissions import SUBMISSIONS, Submission, token_of
from tests.common.visitor import PROVISION_KEY, TWO_FACTOR

ATTESTATIONS: tuple[AttestationFormat, ...] = ("packed-self", "packed", "fido-u2f")


@dataclass(frozen=True)
class Scene:
    """A situation. Each request would be answered without a fault, the form would be accepted."""

    name: str
    form: Draft
    pages: tuple[Draft, ...]
    key: SoftwareAuthenticator | None
    """What signs the form's credential, if it has one."""


Build = Callable[[Site], Scene]


def _filled_in(name: str) -> Build:
    def build(site: Site) -> Scene:
        return _scene(site, name, SUBMISSIONS[name](site))

    return build


def _attested(name: str, attestation: AttestationFormat) -> Build:
    def build(site: Site) -> Scene:
        honest = SUBMISSIONS["register a key"](site)
        options = honest.visitor.get(f"{PROVISION_KEY}/options", status=200).json
        key = SoftwareAuthenticator(attestation=attestation)
        credential = json.dumps(key.create(options, honest.visitor.origin))
        fields = {**honest.fields, "credential": credential}
        return _scene(
            site, name, Submission(honest.visitor, honest.path, fields, honest.stale_token, key)
        )

    return build


def _visiting(name: str) -> Build:
    """Everything that a form may hold, sent by somebody of this standing to any address."""

    def build(site: Site) -> Scene:
        visitor = STANDINGS[name](site)
        return _scene(site, name, Submission(visitor, "/account/login/", ANYTHING, ""))

    return build


def _remembered(site: Site) -> Scene:
    """Alice's password, in a browser that owes no second factor."""
    alice, visitor = site.person("alice", totp=True), site.visitor()
    visitor.give_password(alice)
    form = visitor.form(TWO_FACTOR, "totp-auth-form")
    form["totp_value"], form["remember_device"] = alice.code(), True
    form.submit(status=303)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    fields = {"username": alice.username, "password": alice.password, "next": ""}
    return _scene(site, "remembered", Submission(visitor, "/account/login/", fields, ""))


LINK = re.compile(r"https?://\S+\?\S+")
ANYTHING: Mapping[str, str] = {
    "username": "alice",
    "password": "a wrong password",
    "email": "x@example.org",
    "label": "Phone",
    "totp_value": "123456",
    "recovery_code_value": "0000-0000-0000-0000-0000-0000",
    "credential": "{}",
    "decision": "verify",
    "new_password": "another password of 9 words",
    "password_confirm": "another password of 9 words",
    "reverify_email_id": str(UUID(int=0)),
    "username_or_email": "alice",
    "confirmation": "alice",
    "statement": "I am alice on three other sites",
    "remember_device": "1",
    "link_id": str(UUID(int=0)),
    "name": "Alice",
    "public_email": "alice@example.org",
    "language": "fr",
    "time_zone": "UTC",
    "delete_email_id": str(UUID(int=0)),
    "primary_email_id": str(UUID(int=0)),
    "start_again": "1",
    "next": "/manage/account/",
}

SCENES: Mapping[str, Build] = {
    **{name: _filled_in(name) for name in SUBMISSIONS},
    **{
        f"register a key, {each}": _attested(f"register a key, {each}", each)
        for each in ATTESTATIONS
    },
    "give the password in a remembered browser": _remembered,
    **{name: _visiting(name) for name in STANDINGS},
}


def _scene(site: Site, name: str, submission: Submission) -> Scene:
    visitor = submission.visitor
    token = token_of(visitor)
    cookies = [(cookie.name, cookie.value or "") for cookie in visitor.cookiejar]
    fields = [*submission.fields.items(), ("csrf_token", token)]
    form = Draft("POST", submission.path, cookies=cookies, fields=fields)
    pages = [Draft("GET", submission.path, cookies=cookies)]
    pages += [Draft("GET", path, cookies=cookies) for path in addresses(site)]
    for link in (link for mail in site.mails() for link in LINK.findall(mail.text)):
        parts = urlsplit(link)
        pages.append(Draft("GET", parts.path, parse_qsl(parts.query), cookies))
    return Scene(name, form, tuple(pages), submission.key)


def addresses(site: Site) -> list[str]:
    """Return every address, with ids of what there is where they belong."""
    session_id = _first(site, "SELECT family_id FROM sessions")
    device_id = _first(site, "SELECT id FROM known_devices")
    act_id = _first(site, "SELECT id FROM asked_acts")
    tables = {"totp": "totp_applications", "webauthn": "webauthn_credentials"}
    found = []
    for path in sorted({door.path for door in doors()}):
        if "{" not in path:
            found.append(path)
            continue
        for factor, table in tables.items():
            ids = {
                "credential_id": _first(site, f"SELECT id FROM {table}"),
                "session_id": session_id,
                "device_id": device_id,
                "act_id": act_id,
            }
            found.append(path.format(factor=factor, **ids))
    return list(dict.fromkeys(found))


def _first(site: Site, query: str) -> UUID:
    rows = site.rows(query)
    return UUID(str(rows[0][0])) if rows else UUID(int=0)
