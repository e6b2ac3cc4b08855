"""Registering a passkey, and telling it apart from a security key."""

import json

import pytest

from tests.common.authenticator import SoftwareAuthenticator
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PASSKEY, PROVISION_KEY, Visitor

PAGE = f"{PROVISION_KEY}?kind=passkey"
FACTORS = "/manage/account/two-factor/"
KINDS = "SELECT is_passkey FROM webauthn_credentials ORDER BY id"


def kinds(site: Site) -> list[bool]:
    return [bool(row[0]) for row in site.rows(KINDS)]


def notes(visitor: Visitor) -> list[str]:
    """Return what the page says of each key and passkey."""
    page = visitor.get(FACTORS, status=200)
    return [" ".join(each.text.split()) for each in page.html.select(".factor-webauthn li")]


# Registering


def test_a_passkey_registers_and_logs_in(
    site: Site, newcomer: Visitor, visitor: Visitor, dave: Person
) -> None:
    newcomer.register_passkey(dave)

    assert kinds(site) == [True]
    visitor.give_passkey(dave)
    visitor.get("/manage/account/", status=200)


def test_a_passkey_is_told_by_event_and_mail(site: Site, newcomer: Visitor, dave: Person) -> None:
    newcomer.register_passkey(dave, "Laptop")

    assert site.tags()[-1] == "account:passkey:registered"
    mail = site.mails(dave.address)[-1]
    assert mail.subject == "A passkey was added to your account"
    assert "Laptop" in mail.text
    assert "without your password" in mail.text


def test_a_key_is_no_passkey_even_if_it_is_discoverable(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    newcomer.register_key(dave, members={"clientExtensionResults": {"credProps": {"rk": True}}})

    assert kinds(site) == [False]


@pytest.mark.attack("P-081")
def test_a_passkey_that_did_not_verify_its_user_is_refused(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    answer = newcomer.register_passkey(dave, status=422, user_verified=False)

    assert answer.json["fail"]["reason"] == "refused"
    assert kinds(site) == []


def test_what_is_not_discoverable_is_no_passkey(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    results = {"clientExtensionResults": {"credProps": {"rk": False}}}

    answer = newcomer.register_passkey(dave, status=422, members=results)

    assert answer.json["fail"]["reason"] == "no-passkey"
    assert kinds(site) == []


@pytest.mark.attack("P-072")
def test_the_answer_to_the_options_of_a_key_registers_no_passkey(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    options = newcomer.get(f"{PROVISION_KEY}/options").json
    credential = dave.key.create(options, site.origin, user_verified=True)

    newcomer.send_registration(credential, status=422, query="?kind=passkey")

    assert kinds(site) == []


@pytest.mark.attack("P-072")
def test_the_answer_to_the_options_of_a_passkey_registers_no_key(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    options = newcomer.get(f"{PROVISION_KEY}/options?kind=passkey").json

    newcomer.send_registration(dave.key.create(options, site.origin), status=422)

    assert kinds(site) == []


@pytest.mark.parametrize("address", [PROVISION_KEY, f"{PROVISION_KEY}/options"])
@pytest.mark.parametrize("kind", ["", "Passkey", "resident", "key,passkey"])
def test_there_are_no_other_kinds(newcomer: Visitor, address: str, kind: str) -> None:
    newcomer.get(f"{address}?kind={kind}", status=404)


def test_a_passkey_is_not_made_twice_in_one_place(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    newcomer.register_passkey(dave)

    options = newcomer.get(f"{PROVISION_KEY}/options?kind=passkey").json

    assert len(options["excludeCredentials"]) == 1


@pytest.mark.attack("P-070")
def test_a_passkey_is_added_with_a_fresh_proof_only(site: Site, visitor: Visitor) -> None:
    carol = site.person("carol", totp=True)
    visitor.log_in(carol)
    site.clock.advance(minutes=31)

    answer = visitor.get(f"{PROVISION_KEY}/options?kind=passkey", status=403)

    back = "%2Fmanage%2Faccount%2Fwebauthn-provision%3Fkind%3Dpasskey"
    assert answer.json["fail"]["redirect_to"] == f"/account/reauthenticate/?next={back}"


# Pages


def test_the_page_asks_in_plain_words_which_of_both_it_shall_be(newcomer: Visitor) -> None:
    key = newcomer.get(PROVISION_KEY, status=200)
    passkey = newcomer.get(PAGE, status=200)

    assert key.html.h1.text == "Add a security key"
    assert key.click("Add a passkey").html.h1.text == "Add a passkey"
    assert passkey.click("Add a security key").html.h1.text == "Add a security key"


BITWARDEN = bytes.fromhex("d548826e79b4db40a3d811116f7e8349")


def test_a_passkey_without_a_name_is_called_after_what_keeps_it(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    for label, aaguid in (
        ("", BITWARDEN),
        ("bitwarden 2", bytes(16)),
        ("  ", BITWARDEN),
        ("", bytes(16)),
        ("", bytes(16)),
    ):
        # What keeps one passkey of an account refuses to make another.
        dave.key = SoftwareAuthenticator()
        newcomer.register_passkey(dave, label, aaguid=aaguid)

    labels = [row[0] for row in site.rows("SELECT label FROM webauthn_credentials ORDER BY id")]
    assert labels == ["Bitwarden", "bitwarden 2", "Bitwarden 3", "Passkey", "Passkey 2"]
    assert "Bitwarden 3" in site.mails(dave.address)[2].text


def test_a_key_wants_a_name_all_the_same(site: Site, newcomer: Visitor, dave: Person) -> None:
    newcomer.register_key(dave, "", status=422)

    assert kinds(site) == []


def test_what_is_no_name_is_refused_of_a_passkey_too(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    newcomer.register_passkey(dave, "k" * 65, status=422)
    newcomer.register_passkey(dave, "one\u202etwo", status=422)

    assert kinds(site) == []


def test_the_page_says_that_a_passkey_needs_no_name(newcomer: Visitor) -> None:
    page = newcomer.get(PAGE, status=200)

    assert page.forms["webauthn-provision-form"]["label"].value == ""
    assert "(optional)" in page.html.select_one("label").text


def test_the_form_of_a_passkey_asks_for_one(newcomer: Visitor) -> None:
    form = newcomer.get(PAGE, status=200).html.find(id="webauthn-provision-form")

    assert form["data-options"].endswith("/options?kind=passkey")
    assert form["data-validate"].endswith("/validate?kind=passkey")


def test_without_script_the_page_stays_that_of_a_passkey(newcomer: Visitor) -> None:
    form = newcomer.form(PAGE, "webauthn-provision-form")
    form["label"] = "Laptop"

    page = form.submit(status=422)

    assert page.html.h1.text == "Add a passkey"
    assert page.forms["webauthn-provision-form"]["label"].value == "Laptop"


def test_keys_and_passkeys_are_told_apart(site: Site, newcomer: Visitor, dave: Person) -> None:
    newcomer.register_key(dave, "Blue")
    dave.key = SoftwareAuthenticator()
    newcomer.register_passkey(dave, "Laptop")

    key, passkey = notes(newcomer)

    assert key.startswith("Blue Security key")
    assert "passkey" not in key.lower()
    assert passkey.startswith("Laptop Passkey")


@pytest.mark.attack("P-066")
def test_the_page_says_whether_a_passkey_is_backed_up(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    newcomer.register_passkey(dave, "Alone", backup_eligible=True)
    dave.key = SoftwareAuthenticator(is_backed_up=True)
    newcomer.register_passkey(dave, "Synced")

    alone, synced = notes(newcomer)

    assert "Not backed up" in alone
    assert "Backed up" in synced


@pytest.mark.parametrize(
    ("aaguid", "name"),
    [
        ("d548826e79b4db40a3d811116f7e8349", "Bitwarden"),
        ("ea9b8d664d011d213ce4b6b48cb575d4", "Google Password Manager"),
        ("00000000000000000000000000000000", None),
        ("6f70656e2d736f6674776172652d6b79", None),
    ],
)
def test_what_keeps_a_passkey_is_named_when_it_is_well_known(
    newcomer: Visitor, dave: Person, aaguid: str, name: str | None
) -> None:
    newcomer.register_passkey(dave, "Mine", aaguid=bytes.fromhex(aaguid))

    (passkey,) = notes(newcomer)

    assert passkey.removeprefix("Mine Passkey ").startswith(name or "Not backed up")


# What follows


@pytest.mark.attack("P-030")
def test_a_passkey_that_is_the_last_factor_stays(
    site: Site, newcomer: Visitor, dave: Person
) -> None:
    newcomer.register_passkey(dave)
    remove = newcomer.get(FACTORS).html.find("a", href=lambda href: href.endswith("/delete"))

    newcomer.form(remove["href"], "factor-remove-form").submit(status=303)

    assert kinds(site) == [True]


@pytest.mark.attack("P-086")
def test_a_removed_passkey_logs_nobody_in(site: Site, visitor: Visitor) -> None:
    carol = site.person("carol", totp=True, passkey=True)
    visitor.give_passkey(carol)
    page = visitor.get(FACTORS).html
    remove = page.select_one(".factor-webauthn a[href$=delete]")["href"]
    visitor.remove_last_key(remove, carol)
    other = site.visitor()

    answer = other.give_passkey(carol, status=422)

    assert answer.json["fail"]["reason"] == "unknown-passkey"


@pytest.mark.attack("P-086")
def test_a_session_of_a_passkey_ends_when_the_account_changes(site: Site, visitor: Visitor) -> None:
    carol = site.person("carol", totp=True, passkey=True)
    visitor.give_passkey(carol)
    other = site.visitor()
    other.give_passkey(carol)

    other.make_recovery_codes(carol)

    visitor.get("/manage/account/", status=303)


def test_a_passkey_is_named_in_the_history(
    newcomer: Visitor, visitor: Visitor, dave: Person
) -> None:
    newcomer.register_passkey(dave, "Laptop")
    visitor.give_passkey(dave, status=422, signature=b"")

    text = " ".join(newcomer.get("/manage/account/history/").html.text.split())

    assert "You added the passkey Laptop." in text
    assert "Somebody tried to log in with a passkey of yours, and failed." in text


def test_no_key_of_anybody_else_is_named_in_the_options_of_a_login(
    site: Site, newcomer: Visitor, visitor: Visitor, dave: Person
) -> None:
    newcomer.register_passkey(dave)

    options = json.dumps(visitor.get(f"{PASSKEY}/options").json)

    assert '"allowCredentials": []' in options
