"""Renaming and removing factors: the owner alone, and never the last one."""

from uuid import UUID

import pytest

from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.site import HTTPS, Site
from tests.common.visitor import KEY, PROVISION_KEY, PROVISION_TOTP, TWO_FACTOR, Visitor

FACTORS = "/manage/account/two-factor/"
NOBODYS = UUID("01900000-0000-7000-8000-000000000000")


def change_page(visitor: Visitor, label: str, act: str) -> str:
    """Return the address of the page that renames or removes what is called `label`."""
    page = visitor.get(FACTORS, status=200)
    for row in page.html.select(".credentials li"):
        if row.select_one(".credential-label").text == label:
            link = row.select_one(f".credential-actions a[href$='/{act}']")
            return str(link["href"])
    raise AssertionError(f"nothing is called {label}")


def remove(visitor: Visitor, label: str, status: int = 303) -> object:
    return visitor.form(change_page(visitor, label, "delete"), "factor-remove-form").submit(
        status=status
    )


# Removing


@pytest.mark.attack("P-043")
def test_removing_an_app_is_recorded_and_mailed(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    visitor.log_in(mallory)

    remove(visitor, "Phone")

    assert site.value("SELECT count(*) FROM totp_applications") == 0
    assert site.tags()[-1] == "account:factor:removed"
    mail = site.mails()[-1]
    assert (mail.to, mail.subject) == (
        mallory.address,
        "A second factor was removed from your account",
    )
    assert "Phone" in mail.text


@pytest.mark.attack("P-071")
def test_removing_a_key_is_recorded_and_mailed(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    visitor.give_password(mallory)
    visitor.give_key(mallory)

    visitor.remove_last_key(change_page(visitor, "Key", "delete"), mallory)

    assert site.value("SELECT count(*) FROM webauthn_credentials") == 0
    assert site.tags()[-1] == "account:factor:removed"
    assert "Key" in site.mails()[-1].text


@pytest.mark.attack("P-044")
def test_a_removed_app_opens_nothing(site: Site, visitor: Visitor, mallory: Person) -> None:
    visitor.log_in(mallory)
    remove(visitor, "Phone")

    someone = site.visitor(address="198.51.100.9")
    someone.give_password(mallory)
    answer = someone.post_form(TWO_FACTOR, {"totp_value": mallory.code(1)}, status=422)

    assert "not set up" in answer.text


@pytest.mark.attack("P-080")
def test_a_key_removed_during_its_ceremony_opens_nothing(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    visitor.give_password(mallory)
    visitor.give_key(mallory)
    someone = site.visitor(address="198.51.100.9")
    someone.give_password(mallory)
    options = someone.get(f"{KEY}/options", status=200).json

    visitor.remove_last_key(change_page(visitor, "Key", "delete"), mallory)

    answer = someone.post_form(
        f"{KEY}/validate",
        {"credential": str(mallory.key.get(options, visitor.origin))},
        status=401,
    )
    assert answer.json["fail"]["reason"] == "no-pending-login"


@pytest.mark.attack("P-086")
def test_removing_a_factor_ends_other_sessions_and_pending_logins(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    visitor.log_in(mallory)
    site.clock.advance(seconds=60)
    other, waiting = site.visitor(address="198.51.100.8"), site.visitor(address="198.51.100.9")
    other.log_in(mallory)
    waiting.give_password(mallory)
    before = copy_cookies(visitor, site.visitor())

    remove(visitor, "Phone")

    visitor.get(FACTORS, status=200)
    other.get(FACTORS, status=303)
    before.get(FACTORS, status=303)
    assert waiting.get(f"{KEY}/", status=303).location.endswith("/account/login/")


@pytest.mark.attack("P-030")
def test_the_last_factor_stays(site: Site, visitor: Visitor, user_with_totp: Person) -> None:
    visitor.log_in(user_with_totp)

    answer = remove(visitor, "Phone")

    assert "This is your last second factor" in answer.follow().text  # type: ignore[attr-defined]
    assert site.value("SELECT count(*) FROM totp_applications") == 1
    assert "account:factor:removed" not in site.tags()


@pytest.mark.attack("P-030")
def test_recovery_codes_do_not_count_as_one_that_is_left(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.log_in(user_with_key)
    visitor.make_recovery_codes(user_with_key)

    remove(visitor, "Key")

    assert site.value("SELECT count(*) FROM webauthn_credentials") == 1


@pytest.mark.attack("P-030")
def test_a_stopped_key_does_not_count_as_one_that_is_left(
    site: Site, visitor: Visitor, mallory: Person
) -> None:
    visitor.log_in(mallory)
    site.change("UPDATE webauthn_credentials SET suspended_at = created_at")

    remove(visitor, "Phone")

    assert site.value("SELECT count(*) FROM totp_applications") == 1


@pytest.mark.attack("P-030")
def test_of_two_removed_at_once_one_stays(site: Site, visitor: Visitor, mallory: Person) -> None:
    visitor.log_in(mallory)
    forms = [
        visitor.form(change_page(visitor, label, "delete"), "factor-remove-form")
        for label in ("Phone", "Key")
    ]
    jars = [copy_cookies(visitor, site.visitor()) for _form in forms]

    def send(jar: Visitor, form: object) -> int:
        action, fields = form.action, form.submit_fields()  # type: ignore[attr-defined]
        return int(jar.post(action, fields, expect_errors=True).status_int)

    statuses = at_once(
        [lambda jar=jar, form=form: send(jar, form) for jar, form in zip(jars, forms, strict=True)]
    )

    assert max(statuses) < 500
    left = site.value(
        "SELECT (SELECT count(*) FROM totp_applications)"
        " + (SELECT count(*) FROM webauthn_credentials)"
    )
    assert left == 1
    assert site.tags().count("account:factor:removed") == 1


@pytest.mark.attack("P-030")
def test_where_only_keys_count_an_app_is_not_enough_to_be_left_with(database_url: str) -> None:
    site = Site(database_url, HTTPS)
    person = site.person("grace", totp=True, key=True)
    site.close()
    strict = Site(database_url, HTTPS, second_factor="webauthn")
    strict.clock.advance(minutes=5)
    person.clock = strict.clock
    visitor = strict.visitor()
    visitor.give_password(person)
    visitor.give_key(person)

    remove(visitor, "Key")

    left = strict.value("SELECT count(*) FROM webauthn_credentials")
    strict.reset()
    strict.close()
    assert left == 1


def test_replacing_the_only_key_works_without_a_gap(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.log_in(user_with_key)
    old = user_with_key.key
    user_with_key.key = type(old)()
    visitor.register_key(user_with_key, label="New key")

    remove(visitor, "Key")

    site.clock.advance(seconds=60)
    site.visitor(address="198.51.100.9").log_in(user_with_key)


# Renaming


def test_a_credential_gets_another_name(site: Site, visitor: Visitor, mallory: Person) -> None:
    visitor.log_in(mallory)
    form = visitor.form(change_page(visitor, "Key", "rename"), "factor-rename-form")
    assert form["label"].value == "Key"

    form["label"] = "Blue key"
    form.submit(status=303)

    assert change_page(visitor, "Blue key", "rename")
    assert site.tags()[-1] == "account:factor:renamed"
    assert site.mails()[-1].subject == "A second factor of your account was renamed"


def test_renaming_ends_no_session(site: Site, visitor: Visitor, mallory: Person) -> None:
    visitor.log_in(mallory)
    session = visitor.cookie("session")
    form = visitor.form(change_page(visitor, "Key", "rename"), "factor-rename-form")

    form["label"] = "Blue key"
    form.submit(status=303)

    assert visitor.cookie("session") == session


@pytest.mark.attack("P-069")
@pytest.mark.parametrize("label", ["", "   ", "x" * 65, "a\u202eb", "a\r\nb", "TABLET"])
def test_a_name_that_cannot_be_is_refused(
    site: Site, visitor: Visitor, user_with_totp: Person, label: str
) -> None:
    visitor.log_in(user_with_totp)
    visitor.enroll_totp(user_with_totp, label="Tablet")
    form = visitor.form(change_page(visitor, "Phone", "rename"), "factor-rename-form")

    form["label"] = label
    page = form.submit(status=422)

    assert page.html.select_one(".error-summary")
    assert change_page(visitor, "Phone", "rename")


@pytest.mark.attack("P-069")
def test_a_name_is_text(visitor: Visitor, user_with_totp: Person) -> None:
    visitor.log_in(user_with_totp)
    form = visitor.form(change_page(visitor, "Phone", "rename"), "factor-rename-form")
    hostile = '"><img src=x onerror=alert(1)>'

    form["label"] = hostile
    form.submit(status=303)

    for act in ("rename", "delete"):
        page = visitor.get(change_page(visitor, hostile, act), status=200)
        assert page.html.select_one("h1 bdi").text == hostile
        assert page.html.select_one("img[onerror]") is None


# Whose they are


@pytest.mark.attack("P-043", "P-071")
@pytest.mark.parametrize("act", ["rename", "delete"])
@pytest.mark.parametrize("label", ["Phone", "Key"])
def test_the_credential_of_somebody_else_is_not_there(
    site: Site, visitor: Visitor, mallory: Person, user_with_totp: Person, act: str, label: str
) -> None:
    visitor.log_in(mallory)
    theirs = change_page(visitor, label, act)
    someone = site.visitor(address="198.51.100.9")
    someone.log_in(user_with_totp)

    someone.get(theirs, status=404)
    someone.post_form(theirs, {"label": "Taken"}, status=404)

    assert change_page(visitor, label, act) == theirs


@pytest.mark.parametrize(
    "path",
    [
        f"{PROVISION_TOTP}/{NOBODYS}/delete",
        f"{PROVISION_KEY}/{NOBODYS}/delete",
        f"{PROVISION_TOTP}/%25/delete",
        f"{PROVISION_TOTP}/nonsense/rename",
        f"/manage/account/recovery-provision/{NOBODYS}/delete",
        f"/manage/account/nonsense-provision/{NOBODYS}/delete",
    ],
)
def test_what_is_not_there_is_not_found(
    visitor: Visitor, user_with_totp: Person, path: str
) -> None:
    visitor.log_in(user_with_totp)

    visitor.get(path, status=404)


@pytest.mark.attack("P-016")
def test_a_stranger_learns_nothing_about_credentials(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    there = change_page(visitor, "Phone", "delete")
    stranger = site.visitor()

    for path in (there, f"{PROVISION_TOTP}/{NOBODYS}/delete"):
        assert "/account/login/" in stranger.get(path, status=303).location
