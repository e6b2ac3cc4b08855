"""One door: every address and method, for everybody who may come, and what they are told."""

import pytest

from tests.common.routes import Door, doors
from tests.common.site import Site
from tests.common.standings import STANDINGS
from tests.common.submissions import LOG_OUT, token_of
from tests.common.tables import dump
from tests.common.visitor import PROVISION_KEY, PROVISION_TOTP, Visitor
from warehouse_mfa.authz import Denial, Permission

OPEN = "__no_permission_required__"
JSON = {"Accept": "application/json"}

# Who may come through a door with which permission; whoever is missing is told what the last
# column says, by what they are short of.
OWING = {"owing a code", "owing an assertion"}
STRANGERS = {"a stranger", "with a mailed link", *OWING}
EVERYBODY = set(STANDINGS)
ALLOWED: dict[str | None, set[str]] = {
    OPEN: EVERYBODY,
    Permission.LOGIN_COMPLETE: OWING,
    Permission.ACCOUNT_SET_UP: EVERYBODY - STRANGERS,
    Permission.FACTORS_ENROLL: {"without a factor", "logged in"},
    Permission.ACCOUNT_READ: {"logged in"},
}


def expected(door: Door, standing: str) -> str | None:
    """Return the reason that somebody hears at a door, `None` when it opens."""
    if standing in ALLOWED[door.permission]:
        return None
    if door.permission == Permission.LOGIN_COMPLETE:
        return Denial.NO_PENDING_LOGIN
    if standing in STRANGERS:
        return Denial.NOT_LOGGED_IN
    return Denial.NOT_VERIFIED if standing == "unverified" else Denial.NO_FACTOR


def reason(visitor: Visitor, door: Door, token: str) -> str | None:
    """Knock, with a token of ours; return the reason of the denial, `None` if there was none."""
    headers = {**JSON, "X-CSRF-Token": token}
    knock = {"GET": visitor.get, "POST": visitor.post}[door.method]
    answer = knock(door.path, headers=headers, status="*")
    if answer.status_int not in (401, 403):
        return None
    told: str = answer.json["fail"]["reason"]
    return told


@pytest.mark.attack("P-015")
@pytest.mark.parametrize("standing", STANDINGS)
def test_every_door_opens_for_whom_it_should_and_nobody_else(site: Site, standing: str) -> None:
    visitor = STANDINGS[standing](site)
    token = token_of(visitor)
    # Logging out is last, because it ends what the others need.
    every_door = sorted(doors(), key=lambda door: (door.path, door.method) == (LOG_OUT, "POST"))

    told = {str(door): reason(visitor, door, token) for door in every_door}

    assert told == {str(door): expected(door, standing) for door in every_door}


@pytest.mark.attack("P-016")
@pytest.mark.parametrize("standing", STANDINGS)
def test_a_closed_door_changes_nothing(site: Site, standing: str) -> None:
    visitor = STANDINGS[standing](site)
    token = token_of(visitor)
    before = dump(site)

    for door in doors():
        if expected(door, standing) is not None:
            reason(visitor, door, token)

    assert dump(site) == before


@pytest.mark.attack("P-022")
@pytest.mark.parametrize("standing", ["owing a code", "owing an assertion"])
def test_after_the_password_alone_no_secret_is_sent(site: Site, standing: str) -> None:
    visitor = STANDINGS[standing](site)

    for path in (PROVISION_TOTP, f"{PROVISION_TOTP}/image", f"{PROVISION_KEY}/options"):
        answer = visitor.get(path, status="*")
        assert answer.status_int in (303, 401)
        assert "otpauth" not in answer.text
        assert "challenge" not in answer.text


def test_no_menu_names_somebody_who_only_gave_a_password(site: Site) -> None:
    visitor = STANDINGS["owing a code"](site)

    page = visitor.get("/", status=200)

    assert "alice" not in page.text


@pytest.mark.parametrize(
    ("standing", "status", "target"),
    [
        ("a stranger", 303, "/account/login/?next=%2Fforgotten"),
        ("owing a code", 303, "/account/login/?next=%2Fforgotten"),
        ("unverified", 303, "/manage/unverified-account/?next=%2Fforgotten"),
        ("without a factor", 303, "/manage/account/two-factor/?next=%2Fforgotten"),
        ("logged in", 403, None),
    ],
)
def test_a_page_that_somebody_forgot_to_guard_is_closed(
    rigged_site: Site, standing: str, status: int, target: str | None
) -> None:
    visitor = STANDINGS[standing](rigged_site)

    answer = visitor.get("/forgotten", status=status)

    assert "Nobody should read this." not in answer.text
    assert answer.headers.get("Location") == (target and rigged_site.origin + target)
