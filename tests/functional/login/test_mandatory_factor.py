"""A second factor that is required is required by the server, and not by the pages."""

import pytest

from tests.common.people import PASSWORD, Person
from tests.common.site import Site
from tests.common.submissions import NEW_PASSWORD
from tests.common.visitor import PROVISION_KEY, PROVISION_TOTP, RECOVERY_CODES, Visitor

FACTORS = "/manage/account/two-factor/"
TABLES = ("users", "emails", "sessions", "recovery_codes", "notices", "mails", "events")
ANOTHER = {"new_password": NEW_PASSWORD, "password_confirm": NEW_PASSWORD}


@pytest.fixture
def dave(visitor: Visitor, user_without_factor: Person) -> Visitor:
    """Somebody with a password and a verified address."""
    visitor.give_password(user_without_factor)
    return visitor


@pytest.mark.attack("P-029")
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (
            "/manage/account/",
            {"name": "X", "public_email": "", "language": "fr", "time_zone": "UTC"},
        ),
        ("/manage/account/emails/", {"email": "dave@example.net"}),
        ("/manage/account/password/", {"password": PASSWORD, **ANOTHER}),
        ("/manage/account/sessions/end-others", {}),
        ("/manage/account/notices/read", {}),
        (f"{RECOVERY_CODES}generate", {}),
    ],
)
def test_without_one_nothing_is_changed_however_right_the_form_is(
    site: Site, dave: Visitor, path: str, fields: dict[str, str]
) -> None:
    fields = {**fields, "csrf_token": dave.csrf_token("/account/logout/")}
    before = [site.rows(f"SELECT * FROM {table}") for table in TABLES]

    answer = dave.post(path, fields, status=303)

    assert FACTORS in answer.location
    assert [site.rows(f"SELECT * FROM {table}") for table in TABLES] == before


@pytest.mark.attack("P-029")
def test_the_pages_that_set_one_up_are_open(dave: Visitor) -> None:
    for path in (FACTORS, PROVISION_KEY, PROVISION_TOTP):
        dave.get(path, status=200)
