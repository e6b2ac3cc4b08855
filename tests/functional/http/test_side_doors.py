"""The password opens the login page and nothing beside it."""

from base64 import b64encode
from collections.abc import Callable

import pytest

from tests.common.people import PASSWORD, Person
from tests.common.routes import doors
from tests.common.site import Site

LEGACY = ("/legacy/", "/pypi", "/pypi/", "/simple/", "/manage/projects/", "/manage/account/token/")
RPC = "<?xml version='1.0'?><methodCall><methodName>user_packages</methodName></methodCall>"


def basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


CREDENTIALS: dict[str, Callable[[str], str]] = {
    "basic": lambda password: basic("alice", password),
    "basic, as a token": lambda password: basic("__token__", password),
    "bearer": lambda password: f"Bearer {password}",
}


@pytest.mark.attack("P-028")
@pytest.mark.parametrize("name", CREDENTIALS)
def test_no_page_takes_a_password_in_a_header_or_tells_whether_it_is_right(
    site: Site, user_with_totp: Person, name: str
) -> None:
    visitor, paths = site.visitor(), sorted({door.path for door in doors(method="GET")})
    before = site.tags(), site.rows("SELECT * FROM attempt_counters")

    for path in (*paths, *LEGACY):
        told = set()
        for header in (None, CREDENTIALS[name](PASSWORD), CREDENTIALS[name]("a wrong password")):
            headers = {"Authorization": header} if header else {}
            for accept in ("text/html", "application/json"):
                answer = visitor.get(path, headers={"Accept": accept, **headers}, status="*")
                told.add((accept, answer.status_int, answer.location))
            visitor.reset()
        assert len(told) == 2, path

    assert (site.tags(), site.rows("SELECT * FROM attempt_counters")) == before
    assert site.value("SELECT count(*) FROM sessions WHERE address = '192.0.2.1'") == 0


@pytest.mark.attack("P-028")
@pytest.mark.parametrize("path", LEGACY)
def test_no_old_address_takes_a_password(site: Site, user_with_totp: Person, path: str) -> None:
    visitor = site.visitor()

    answers = [
        visitor.post(
            path,
            RPC,
            headers={"Authorization": basic("alice", password), "Content-Type": "text/xml"},
            status="*",
        )
        for password in (PASSWORD, "a wrong password")
    ]

    assert {answer.status_int for answer in answers} <= {400, 404, 405}
    assert answers[0].status_int == answers[1].status_int
