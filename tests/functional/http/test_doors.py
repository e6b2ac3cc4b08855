"""One door: every address and method, for everybody who may come, and what they are told."""

import pytest
from webtest import TestResponse

from tests.common.doors import NOT_FOR_GET, WITHOUT_TOKEN, Row, Told, table
from tests.common.knocking import Knocker
from tests.common.routes import doors
from tests.common.site import Site
from tests.common.standings import STANDINGS
from tests.common.submissions import token_of
from tests.common.tables import dump
from tests.common.visitor import PROVISION_KEY, PROVISION_TOTP

PAGE = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


def told(answer: TestResponse) -> Told:
    """Return what an answer says."""
    fail = {}
    if answer.content_type == "application/json" and answer.status_int in (401, 403, 404, 410):
        fail = answer.json["fail"]
    target = answer.headers.get("Location", fail.get("redirect_to"))
    origin = f"{answer.request.scheme}://{answer.request.host}"
    return Told(answer.status_int, target and target.removeprefix(origin), fail.get("reason"))


def knock_at_all(site: Site, standing: str, *, is_program: bool) -> tuple[dict[str, Told], ...]:
    """Knock at every door with a token of ours; return what was told, and what the table says."""
    visitor = STANDINGS[standing](site)
    fields, knocker = {"csrf_token": token_of(visitor)}, Knocker(site, visitor)
    heard, expected = {}, {}
    for row in table():
        answer = knocker.knock(row.method, row.path, JSON if is_program else PAGE, fields)
        heard[str(row)] = told(answer)
        expected[str(row)] = row.told(standing, knocker.address(row.path), is_program=is_program)
    return heard, expected


def test_the_table_has_a_row_for_every_door_and_none_besides() -> None:
    rows = [(row.method, row.path) for row in table()]

    assert len(rows) == len(set(rows))
    assert set(rows) == {(door.method, door.path) for door in doors()}


def test_the_table_has_a_cell_for_everybody() -> None:
    assert {standing for row in table() for standing in row.cells} == set(STANDINGS)
    for row in table():
        assert (row.method == "GET") == (set(row.without_token.values()) == {NOT_FOR_GET}), row


@pytest.mark.attack("P-015", "P-091")
@pytest.mark.parametrize("standing", STANDINGS)
def test_every_door_answers_a_browser_as_the_table_says(site: Site, standing: str) -> None:
    heard, expected = knock_at_all(site, standing, is_program=False)

    assert heard == expected


@pytest.mark.attack("P-015", "P-091")
@pytest.mark.parametrize("standing", STANDINGS)
def test_every_door_answers_a_program_as_the_table_says(site: Site, standing: str) -> None:
    heard, expected = knock_at_all(site, standing, is_program=True)

    assert heard == expected


@pytest.mark.attack("P-087")
@pytest.mark.parametrize("how", WITHOUT_TOKEN)
@pytest.mark.parametrize("standing", STANDINGS)
def test_no_door_takes_a_form_without_its_own_token(site: Site, standing: str, how: str) -> None:
    visitor = STANDINGS[standing](site)
    foreign = token_of(site.visitor(address="198.51.100.66"))
    knocker, before = Knocker(site, visitor), dump(site)
    fields = {"csrf_token": foreign} if how == "alien" else {}
    rows = [row for row in table() if row.method == "POST"]

    heard = {str(row): told_reason(knocker.knock("POST", row.path, JSON, fields)) for row in rows}

    assert heard == {str(row): refusal(row, standing, how) for row in rows}
    assert dump(site) == before


def told_reason(answer: TestResponse) -> tuple[str, str]:
    return str(answer.status_int), answer.json["fail"]["reason"]


def refusal(row: Row, standing: str, how: str) -> tuple[str, str]:
    """Return what the table says of a form without its token."""
    if row.cells[standing] == "404" and "{" in row.path:
        return "404", "not-found"
    return row.without_token[how], "csrf"


@pytest.mark.attack("P-016", "P-091")
@pytest.mark.parametrize("standing", STANDINGS)
def test_a_closed_door_changes_nothing(site: Site, standing: str) -> None:
    visitor = STANDINGS[standing](site)
    fields, knocker = {"csrf_token": token_of(visitor)}, Knocker(site, visitor)
    before = dump(site)

    for row in table():
        if row.is_closed_to(standing):
            knocker.knock(row.method, row.path, PAGE, fields)

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
