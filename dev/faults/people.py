"""People who use the site, and remember what it has acknowledged."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from html import unescape

import pyotp

from dev.faults.client import Client, digest
from dev.faults.rows import Rows
from tests.common.people import PASSWORD

REGISTER = "/account/register/"
VERIFY = "/account/verify-email/"
LOG_IN = "/account/login/"
LOG_OUT = "/account/logout/"
CODE = "/account/two-factor/"
RECOVERY_CODE = "/account/recovery-code/"
ACCOUNT = "/manage/account/"
ADD_APP = "/manage/account/totp-provision"
CHANGE_PASSWORD = "/manage/account/password/"
RECOVERY_CODES = "/manage/account/recovery-codes/"
FACTORS = "/manage/account/two-factor/"

SECRET = re.compile(r'class="secret"><bdi dir="ltr">([A-Z2-7 ]+)<')
CODES = re.compile(r"<code>([0-9A-Z-]{29})</code>")
REMOVE = re.compile(r'href="([^"]+/totp-provision/[^"]+/delete)">Remove<[^>]*>: <bdi>([^<]*)<')
STEP_SECONDS = 30

Trace = Callable[[Rows], bool]
MailedLink = Callable[[str], str]
"""Finds the path of the link that was mailed to an address."""


class Fact(Enum):
    """What somebody knows of a change that they asked for."""

    DOUBTFUL = auto()
    """Asked for, and not told."""
    ACKNOWLEDGED = auto()


@dataclass
class Change:
    """Something that was asked for: what it leaves in the database, all of it or nothing."""

    name: str
    tag: str
    """Of the one event that it leaves as well."""
    traces: tuple[Trace, ...]
    fact: Fact = Fact.DOUBTFUL


@dataclass
class App:
    label: str
    secret: str
    last_step: int = 0

    def next_code(self) -> str:
        """Return a code that is good now or in the next step, and none that was used before."""
        self.last_step = max(self.last_step + 1, int(time.time()) // STEP_SECONDS)
        return pyotp.HOTP(self.secret).at(self.last_step)

    @property
    def last_code(self) -> str:
        return pyotp.HOTP(self.secret).at(self.last_step)


@dataclass
class Someone:
    """One person, who does one thing after another, and stops at the first that fails."""

    username: str
    client: Client
    mailed_link: MailedLink
    moved: Callable[[], None] = lambda: None
    """Called when a change was acknowledged."""
    password: str = PASSWORD
    former_password: str = ""
    changes: list[Change] = field(default_factory=list)
    apps: list[App] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    """Recovery codes that were not tried."""
    tried_codes: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    """Labels of apps whose removal was asked for."""
    ended: list[dict[str, str]] = field(default_factory=list)
    """Jars whose session ended, acknowledged."""
    used: list[dict[str, str]] = field(default_factory=list)
    """Jars whose pending login was used, acknowledged."""
    settled: int = 0
    """How many of the changes were known to have happened when they were last compared."""

    @property
    def address(self) -> str:
        return f"{self.username}@example.org"

    def has_changed(self, name: str) -> bool:
        """Tell whether a change of that name is known to have happened."""
        return any(
            change.name == name and change.fact is Fact.ACKNOWLEDGED for change in self.changes
        )

    def live(self) -> None:
        """Do all that people do, once."""
        self.set_up()
        self.make_recovery_codes()
        self.prove_recovery_code()
        self.log_out()
        self.log_in_with_app(self.apps[0])
        self.add_app("Tablet")
        self.remove_app(self.apps[0])
        self.change_password()
        self.log_out()
        self.log_in_with_recovery_code()

    def set_up(self) -> None:
        """Register, verify the address, enroll the first app."""
        self.register()
        self.verify()
        self.add_app("Phone")

    @contextmanager
    def asking(self, name: str, tag: str, *traces: Trace) -> Iterator[None]:
        """Remember that the block asks for a change, and that it was acknowledged if it ends."""
        change = Change(name, tag, traces)
        self.changes.append(change)
        yield
        change.fact = Fact.ACKNOWLEDGED
        self.moved()

    def register(self) -> None:
        token = self.client.get(REGISTER).token
        fields = {
            "csrf_token": token,
            "username": self.username,
            "email": self.address,
            "new_password": self.password,
            "password_confirm": self.password,
        }
        with self.asking(
            "register", "account:registered", Rows.has_account, Rows.has_address, Rows.has_mail
        ):
            self.client.post(REGISTER, fields)

    def verify(self) -> None:
        self.client.get(self.mailed_link(self.address), 303)
        token = self.client.get(VERIFY).token
        with self.asking(
            "verify", "account:email:verified", Rows.is_verified, Rows.has_verified_address
        ):
            self.client.post(VERIFY, {"csrf_token": token, "decision": "verify"}, 303)

    def add_app(self, label: str) -> None:
        page = self.client.get(ADD_APP)
        found = SECRET.search(page.text)
        assert found is not None, "no secret in the page"
        app = App(label, found[1].replace(" ", ""))
        fields = {"csrf_token": page.token, "label": label, "totp_value": app.next_code()}
        self.apps.append(app)
        with self.asking(
            f"add {label}",
            "account:totp:enrolled",
            lambda rows: label in rows.apps or label in self.removed,
        ):
            self.client.post(ADD_APP, fields)

    def remove_app(self, app: App) -> None:
        page = self.client.get(FACTORS)
        paths = {unescape(label): path for path, label in REMOVE.findall(page.text)}
        token = self.client.get(paths[app.label]).token
        self.removed.add(app.label)
        with self.asking(
            f"remove {app.label}", "account:factor:removed", lambda rows: app.label not in rows.apps
        ):
            self.client.post(paths[app.label], {"csrf_token": token})
        self.apps.remove(app)

    def make_recovery_codes(self) -> None:
        token = self.client.get(RECOVERY_CODES).token
        with self.asking(
            "make recovery codes",
            "account:recovery-codes:generated",
            lambda rows: len(rows.codes) == 8,
        ):
            page = self.client.post(f"{RECOVERY_CODES}generate", {"csrf_token": token}, 200)
        self.codes = CODES.findall(page.text)

    def prove_recovery_code(self) -> None:
        token = self.client.get(RECOVERY_CODES).token
        code = self._take_code()
        fields = {"csrf_token": token, "recovery_code_value": code}
        with self.asking(
            "prove a recovery code",
            "account:recovery-codes:proved",
            lambda rows: rows.is_redeemed(code),
        ):
            self.client.post(f"{RECOVERY_CODES}burn", fields)

    def change_password(self) -> None:
        new = f"{PASSWORD} of {self.username}"
        token = self.client.get(CHANGE_PASSWORD).token
        fields = {
            "csrf_token": token,
            "password": self.password,
            "new_password": new,
            "password_confirm": new,
        }
        self.former_password, self.password = self.password, new
        with self.asking(
            "change the password", "account:password:changed", lambda rows: rows.has_password(new)
        ):
            self.client.post(CHANGE_PASSWORD, fields)

    def log_out(self) -> None:
        token = self.client.get(LOG_OUT).token
        before = dict(self.client.cookies)
        session = digest(self.client.cookie("session"))
        with self.asking("log out", "account:logout", lambda rows: session not in rows.sessions):
            self.client.post(LOG_OUT, {"csrf_token": token})
        self.ended.append(before)

    def give_password(self) -> None:
        fields = {"username": self.username, "password": self.password, "next": ""}
        self.client.submit(LOG_IN, fields)

    def log_in_with_app(self, app: App) -> None:
        self.give_password()
        code = app.next_code()
        label, step = app.label, app.last_step
        self._complete(
            CODE,
            {"totp_value": code},
            lambda rows: rows.apps.get(label, step) >= step,
        )

    def log_in_with_recovery_code(self) -> None:
        self.give_password()
        code = self._take_code()
        self._complete(
            RECOVERY_CODE, {"recovery_code_value": code}, lambda rows: rows.is_redeemed(code)
        )

    def _complete(self, path: str, fields: dict[str, str], is_spent: Trace) -> None:
        token = self.client.get(path).token
        before = dict(self.client.cookies)
        pending = digest(self.client.cookie("login"))
        with self.asking(
            "log in", "account:login:completed", is_spent, lambda rows: rows.is_used(pending)
        ):
            self.client.post(path, {"csrf_token": token, **fields})
        self.used.append(before)

    def _take_code(self) -> str:
        self.tried_codes.append(self.codes.pop())
        return self.tried_codes[-1]
