"""The cases: who does what, on our application and on the floor."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

from dev.bench.browser import Browser, Meter
from dev.bench.databases import Database
from dev.bench.floor import BareFloor, Floor
from dev.bench.flows import (
    ACCOUNT,
    CODE,
    LOGIN,
    Flow,
    give_password,
    known_device,
    password_fields,
    totp_login,
    webauthn_login,
)
from dev.bench.measure import STEP_SECONDS, Case, Key
from dev.bench.ours import Ours
from dev.bench.subject import CHEAP, COSTLY, ORIGIN, Subject
from tests.common.people import Person

OURS, FLOOR, BARE = "ours", "floor", "bare floor"


class Name(StrEnum):
    TOTP = "TOTP login"
    WEBAUTHN = "WebAuthn login"
    NEW_DEVICE = "TOTP login, new device"
    COSTLY_TOTP = "TOTP login, Argon2id"
    HOME = "home"
    LOGIN_PAGE = "login page"
    REGISTER_PAGE = "register page"
    FACTOR_PAGE = "factor page"
    ACCOUNT_PAGE = "account page"
    MANY_KEYS_PAGE = "two-factor page, 20 keys"
    KNOWN_NAME = "password step, known name"
    UNKNOWN_NAME = "password step, unknown name"


@dataclass
class Groups:
    """Cases that are measured together."""

    logins: list[Case]
    pages: list[Case]
    costly: list[Case]

    def __add__(self, other: "Groups") -> "Groups":
        return Groups(
            self.logins + other.logins, self.pages + other.pages, self.costly + other.costly
        )


@contextmanager
def open_cases(databases: Sequence[Database]) -> Iterator[Groups]:
    """Yield all cases, on applications that are closed in the end."""
    with ExitStack() as stack:
        groups = Groups([], [], [])
        for database in databases:
            for cost, name in ((CHEAP, "cheap"), (COSTLY, "costly")):
                url = database.create(f"ours_{name}", migrated=True)
                ours = stack.enter_context(closing(Ours(url, cost)))
                maker = _Maker(OURS, ours, database, url)
                groups += _costly_ours(maker) if cost is COSTLY else _of_ours(maker, ours)
                url = database.create(f"floor_{name}", migrated=False)
                floor = stack.enter_context(closing(Floor(url, cost)))
                maker = _Maker(FLOOR, floor, database, url)
                groups += _costly(maker) if cost is COSTLY else _of_floor(maker)
            url = database.create("floor_bare", migrated=False)
            bare = stack.enter_context(closing(BareFloor(url, CHEAP)))
            groups += replace(_of_floor(_Maker(BARE, bare, database, url)), pages=[])
        yield groups


class _Maker:
    """Makes the cases of one application."""

    def __init__(self, who: str, subject: Subject, database: Database, url: str) -> None:
        self._who = who
        self._subject = subject
        self._database = database
        self._url = url

    def person(self, username: str, *, totp: bool = False, key: bool = False) -> Person:
        return self._subject.person(username, totp=totp, key=key)

    def login(self, name: Name, flow: Flow, person: Person, *, is_known: bool = True) -> Case:
        """A complete login, in a browser that has logged in before unless said otherwise."""
        cookies = known_device(self.after(flow, person).cookies) if is_known else {}
        case = self._case(name, lambda browser: flow(browser, person), cookies)
        return replace(case, moves_clock=True)

    def page(self, name: Name, path: str, cookies: dict[str, str]) -> Case:
        return self._case(name, lambda browser: browser.get(path), cookies)

    def refusal(self, name: Name, username: str) -> Case:
        """A password that is wrong: the one request that checks it."""
        browser = self.browser()
        fields = password_fields(browser.get(LOGIN), username, "not the password")
        cookies = browser.cookies
        return self._case(name, lambda browser: browser.post(LOGIN, fields, status=422), cookies)

    def after(self, flow: Flow, person: Person) -> Browser:
        """Return the browser of somebody who has just done this."""
        self._subject.clock.advance(seconds=STEP_SECONDS)
        browser = self.browser()
        flow(browser, person)
        return browser

    def browser(self) -> Browser:
        return Browser(Meter(self._subject.application).send, ORIGIN)

    def _case(self, name: Name, act: Callable[[Browser], object], cookies: dict[str, str]) -> Case:
        key = Key(self._database.kind, self._who, name)
        return Case(key, self._subject, self._database, self._url, act, cookies)


def _of_ours(maker: _Maker, ours: Ours) -> Groups:
    alice = maker.person("alice", totp=True)
    bob = maker.person("bob", key=True)
    carol = ours.person_with_many_keys("carol")
    return Groups(
        logins=[
            *_logins(maker, alice, bob),
            maker.login(Name.NEW_DEVICE, totp_login, alice, is_known=False),
        ],
        pages=[
            maker.page(Name.HOME, "/", {}),
            maker.page(Name.REGISTER_PAGE, "/account/register/", {}),
            *_pages(maker, alice),
            maker.page(
                Name.MANY_KEYS_PAGE,
                "/manage/account/two-factor/",
                maker.after(webauthn_login, carol).cookies,
            ),
        ],
        costly=[],
    )


def _of_floor(maker: _Maker) -> Groups:
    alice = maker.person("alice", totp=True)
    bob = maker.person("bob", key=True)
    return Groups(logins=_logins(maker, alice, bob), pages=_pages(maker, alice), costly=[])


def _logins(maker: _Maker, alice: Person, bob: Person) -> list[Case]:
    return [
        maker.login(Name.TOTP, totp_login, alice),
        maker.login(Name.WEBAUTHN, webauthn_login, bob),
    ]


def _pages(maker: _Maker, alice: Person) -> list[Case]:
    return [
        maker.page(Name.LOGIN_PAGE, LOGIN, {}),
        maker.page(Name.FACTOR_PAGE, CODE, maker.after(give_password, alice).cookies),
        maker.page(Name.ACCOUNT_PAGE, ACCOUNT, maker.after(totp_login, alice).cookies),
    ]


def _costly(maker: _Maker) -> Groups:
    login = maker.login(Name.COSTLY_TOTP, totp_login, maker.person("alice", totp=True))
    return Groups([], [], [login])


def _costly_ours(maker: _Maker) -> Groups:
    groups = _costly(maker)
    groups.costly.append(maker.refusal(Name.KNOWN_NAME, "alice"))
    groups.costly.append(maker.refusal(Name.UNKNOWN_NAME, "nobody"))
    return groups
