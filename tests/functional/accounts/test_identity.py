"""Names and addresses that look or are the same belong to one account."""

import pytest

from tests.common.answers import refusals
from tests.common.people import PASSWORD, Person
from tests.common.registering import register
from tests.common.site import Site
from tests.common.visitor import Visitor
from warehouse_mfa.accounts.interfaces import IRegistrationService, NewAccount


@pytest.mark.attack("P-097")
@pytest.mark.parametrize("name", ["Alice", "ALICE", "aLiCe", "alice ", "\talice", "\u00a0alice"])
def test_a_name_that_differs_in_case_or_blanks_only_is_taken(
    site: Site, visitor: Visitor, user_with_totp: Person, name: str
) -> None:
    refused = register(visitor, username=name, status=422)

    assert refusals(refused) == ["This username is taken. Choose another one."]
    assert site.rows("SELECT username FROM users") == [("alice",)]


@pytest.mark.attack("P-097")
@pytest.mark.parametrize(
    "name",
    [
        "a\u200clice",
        "\u0430lice",
        "\uff41lice",
        "al\u0131ce",
        "alice\u0301",
        "alic\u202ee",
        "\u212aim",
    ],
    ids=["zero-width", "cyrillic", "fullwidth", "dotless", "combining", "override", "kelvin"],
)
def test_a_name_is_ascii_so_that_no_two_look_alike(
    site: Site, visitor: Visitor, user_with_totp: Person, name: str
) -> None:
    refused = register(visitor, username=name, status=422)

    assert refusals(refused)[0].startswith("A username has up to 50 letters from a to z")
    assert site.value("SELECT count(*) FROM users") == 1


@pytest.mark.attack("P-097")
@pytest.mark.parametrize(
    "address", ["Alice@Example.org", "alice@EXAMPLE.org", " ALICE@EXAMPLE.ORG "]
)
def test_an_address_in_another_case_is_the_same_address(
    site: Site, visitor: Visitor, user_with_totp: Person, address: str
) -> None:
    before = len(site.mails())

    register(visitor, email=address)

    (mail,) = site.mails()[before:]
    assert (mail.to, "/account/verify-email/" in mail.text) == ("alice@example.org", False)


@pytest.mark.attack("P-097")
@pytest.mark.parametrize(
    ("verified", "claimed"),
    [
        ("kim@bücher.example", "kim@xn--bcher-kva.example"),
        ("kim@xn--bcher-kva.example", "kim@bücher.example"),
        ("kim@xn--bcher-kva.example", "KIM@BÜCHER.example"),
    ],
)
def test_a_domain_in_unicode_and_in_punycode_is_the_same_domain(
    site: Site, visitor: Visitor, verified: str, claimed: str
) -> None:
    with site.scope() as request:
        request.find_service(IRegistrationService).create_account(
            NewAccount("kim", verified, "Kim", PASSWORD), is_verified=True, is_superuser=False
        )

    register(visitor, email=claimed)

    (mail,) = site.mails()
    assert (mail.to, "/account/verify-email/" in mail.text) == ("kim@xn--bcher-kva.example", False)


@pytest.mark.attack("P-097")
@pytest.mark.parametrize("domain", ["ex\u0430mple.org", "exampl\u0435.org"])
def test_a_domain_that_only_looks_the_same_is_another_domain(
    site: Site, visitor: Visitor, user_with_totp: Person, domain: str
) -> None:
    before = len(site.mails())

    register(visitor, email=f"alice@{domain}")

    (mail,) = site.mails()[before:]
    assert mail.to.startswith("alice@xn--")
    assert "/account/verify-email/" in mail.text


@pytest.mark.parametrize(
    "name", ["ALICE", " alice ", "alice@example.org", "Alice@Example.ORG", " ALICE@example.org"]
)
def test_somebody_logs_in_with_name_or_verified_address_in_any_case(
    visitor: Visitor, user_with_totp: Person, name: str
) -> None:
    answer = visitor.give_password(user_with_totp, username=name)

    assert answer.location.endswith("/account/two-factor/")


def test_an_address_that_is_only_claimed_logs_nobody_in(
    site: Site, visitor: Visitor, user_unverified: Person
) -> None:
    visitor.give_password(user_unverified, username=user_unverified.address, status=422)

    assert site.value("SELECT subject_id FROM events WHERE tag = 'account:password:failed'") is None
