"""Addresses that password managers know."""

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor

PASSWORD = "/manage/account/password/"


def test_password_managers_find_the_page_that_changes_the_password(
    visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    answer = visitor.get("/.well-known/change-password", status=303)

    assert answer.follow(status=200).request.path == PASSWORD


def test_who_is_not_logged_in_comes_to_that_page_after_the_login(visitor: Visitor) -> None:
    answer = visitor.get("/.well-known/change-password", status=303).follow(status=303)

    assert answer.headers["Location"].endswith("?next=%2Fmanage%2Faccount%2Fpassword%2F")


def test_password_managers_find_the_pages_of_passkeys(site: Site, visitor: Visitor) -> None:
    answer = visitor.get("/.well-known/passkey-endpoints", status=200)

    assert answer.content_type == "application/json"
    assert answer.json == {
        "enroll": f"{site.origin}/manage/account/webauthn-provision?kind=passkey",
        "manage": f"{site.origin}/manage/account/two-factor/",
    }


def test_the_pages_of_passkeys_are_there(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    pages = visitor.get("/.well-known/passkey-endpoints").json

    headings = {name: visitor.get(page, status=200).html.h1.text for name, page in pages.items()}

    assert headings == {"enroll": "Add a passkey", "manage": "Second factors"}
