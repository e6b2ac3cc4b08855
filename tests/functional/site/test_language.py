"""The language menu: kept by this browser, and by the account for its mails."""

from urllib.parse import urlsplit

import pytest

from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import Visitor

HOME = "/"
FACTORS = "/manage/account/two-factor/"


def choose(visitor: Visitor, language: str, path: str = HOME, status: int = 303) -> object:
    """Use the menu at the foot of a page."""
    form = visitor.get(path, status=200).html.select_one("form.language-menu")
    fields = {field["name"]: field["value"] for field in form.select("input")}
    return visitor.post(form["action"], {**fields, "locale_id": language}, status=status)


def language_of(visitor: Visitor, path: str = HOME) -> tuple[str, str]:
    page = visitor.get(path, status=200).html.find("html")
    return page["lang"], page["dir"]


@pytest.mark.parametrize(("language", "direction"), [("fr", "ltr"), ("ar", "rtl"), ("en", "ltr")])
def test_a_choice_is_kept_and_leads_back(visitor: Visitor, language: str, direction: str) -> None:
    answer = choose(visitor, language, path="/account/login/?next=%2F")

    assert urlsplit(answer.location)[2:4] == ("/account/login/", "next=%2F")  # type: ignore[attr-defined]
    assert language_of(visitor) == (language, direction)


def test_the_browser_says_what_it_likes_until_something_is_chosen(visitor: Visitor) -> None:
    page = visitor.get(HOME, headers={"Accept-Language": "fr-CA, en;q=0.5"})

    assert page.html.find("html")["lang"] == "fr"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/account/login/", ["username"]),
        ("/account/register/", ["email", "username"]),
        ("/account/two-factor/", ["totp_value"]),
        ("/account/recovery-code/", ["recovery_code_value"]),
    ],
)
def test_what_is_typed_in_latin_letters_reads_from_the_left(
    site: Site, visitor: Visitor, user_with_totp: Person, path: str, names: list[str]
) -> None:
    owner = site.visitor()
    owner.log_in(user_with_totp)
    owner.make_recovery_codes(user_with_totp)
    visitor.give_password(user_with_totp)

    page = visitor.get(path, headers={"Accept-Language": "ar"}, status=200).html

    assert page.find("html")["dir"] == "rtl"
    for name in names:
        assert page.select_one(f"main input[name='{name}']")["dir"] == "ltr"


def test_the_account_keeps_it_for_its_mails(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    choose(visitor, "fr", FACTORS)
    visitor.enroll_totp(user_with_totp, label="Tablette")

    assert site.value("SELECT locale FROM users") == "fr"
    assert 'lang="fr"' in site.mails()[-1].html


def test_a_mail_in_arabic_runs_to_the_left_and_keeps_names_apart(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)

    choose(visitor, "ar", FACTORS)
    visitor.enroll_totp(user_with_totp, label="Tablet (old)")

    mail = site.mails()[-1]
    assert '<html lang="ar" dir="rtl">' in mail.html
    assert "<bdi>Tablet (old)</bdi>" in mail.html
    assert "\u2068Tablet (old)\u2069" in mail.text
    assert "تطبيق" in mail.subject


def test_a_page_about_an_error_is_in_the_language_too(visitor: Visitor) -> None:
    page = visitor.get("/nowhere/", status=404, headers={"Accept-Language": "ar"}).html

    assert (page.find("html")["lang"], page.find("html")["dir"]) == ("ar", "rtl")
    assert "لم يُعثر على الصفحة" in page.select_one("h1").text


@pytest.mark.parametrize("language", ["", "xx", "../../etc/passwd", "EN", "en\r\nX: y"])
def test_what_is_no_language_changes_nothing(
    site: Site, visitor: Visitor, user_with_totp: Person, language: str
) -> None:
    visitor.log_in(user_with_totp)

    choose(visitor, language, FACTORS, status=400)

    assert site.value("SELECT locale FROM users") == "en"
    assert visitor.cookie("locale") is None


@pytest.mark.attack("P-012")
def test_it_leads_nowhere_else(visitor: Visitor) -> None:
    answer = visitor.post_form(
        "/locale/", {"locale_id": "fr", "next": "https://evil.example/"}, status=303
    )

    assert urlsplit(answer.location).path == HOME


def test_the_account_brings_it_along_to_another_browser(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    choose(visitor, "ar", FACTORS)
    site.clock.advance(seconds=60)
    other = site.visitor()

    other.log_in(user_with_totp)

    assert language_of(other, FACTORS) == ("ar", "rtl")


def test_what_was_chosen_in_a_browser_stays_its_language(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    choose(visitor, "ar", FACTORS)
    site.clock.advance(seconds=60)
    other = site.visitor()
    choose(other, "fr")

    other.log_in(user_with_totp)

    assert language_of(other, FACTORS) == ("fr", "ltr")
