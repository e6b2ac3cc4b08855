"""What the ceremonies ask for, and whom."""

import pytest

from tests.common.authenticator import SoftwareAuthenticator, decode_base64url
from tests.common.jars import copy_cookies, drop_cookie
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import KEY, PROVISION_KEY, TWO_FACTOR, Visitor, first_options

REGISTER = f"{PROVISION_KEY}/options"
LOGIN = f"{KEY}/options"


# Registration


@pytest.mark.attack("P-054")
def test_every_registration_has_a_challenge_of_its_own(newcomer: Visitor) -> None:
    challenges = [newcomer.get(REGISTER).json["challenge"] for _ in range(20)]

    assert len(set(challenges)) == 20
    assert all(len(decode_base64url(challenge)) >= 16 for challenge in challenges)


@pytest.mark.attack("P-054")
def test_registration_asks_for_what_is_documented(site: Site, newcomer: Visitor) -> None:
    options = newcomer.get(REGISTER, status=200).json

    assert options["rp"] == {"id": site.settings.relying_party_id, "name": "Package Index"}
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-8, -7, -257, -48, -49, -50]
    assert options["timeout"] == 300_000
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["userVerification"] == "discouraged"
    assert options["authenticatorSelection"]["residentKey"] == "discouraged"
    assert options["excludeCredentials"] == []


@pytest.mark.attack("P-054")
@pytest.mark.parametrize(
    "header", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "SERVER_NAME"]
)
def test_the_relying_party_is_that_of_the_settings(
    site: Site, newcomer: Visitor, header: str
) -> None:
    value = "host=evil.example" if header == "HTTP_FORWARDED" else "evil.example"
    jar = {"HTTP_COOKIE": "; ".join(f"{name}={text}" for name, text in newcomer.cookies.items())}

    options = newcomer.get(REGISTER, extra_environ={header: value, **jar}, status=200).json

    assert options["rp"]["id"] == site.settings.relying_party_id
    assert "evil" not in str(options)


@pytest.mark.attack("P-054")
def test_the_user_handle_is_opaque_and_stays(site: Site, newcomer: Visitor, dave: Person) -> None:
    first = newcomer.get(REGISTER).json["user"]
    newcomer.register_key(dave)

    second = newcomer.get(REGISTER).json["user"]
    handle = decode_base64url(first["id"])
    assert first == second
    assert len(handle) == 64
    assert b"dave" not in handle
    assert dave.user_id is not None
    assert dave.user_id.bytes not in handle
    assert (first["name"], first["displayName"]) == ("dave", "Dave Example")


@pytest.mark.attack("P-054")
def test_user_handles_of_two_accounts_differ(
    site: Site, newcomer: Visitor, user_with_totp: Person
) -> None:
    other = site.visitor()
    other.log_in(user_with_totp)

    assert newcomer.get(REGISTER).json["user"]["id"] != other.get(REGISTER).json["user"]["id"]


@pytest.mark.attack("P-054")
def test_all_own_keys_are_excluded_and_no_others(
    site: Site, newcomer: Visitor, dave: Person, bob: Person
) -> None:
    newcomer.register_key(dave, "Blue")
    second = Person("dave", clock=site.clock, key=SoftwareAuthenticator(transports=["nfc", "usb"]))
    newcomer.register_key(second, "Green")

    excluded = newcomer.get(REGISTER).json["excludeCredentials"]
    ids = [decode_base64url(each["id"]) for each in excluded]
    assert ids == [*dave.key.credentials, *second.key.credentials]
    assert [each["transports"] for each in excluded] == [["usb"], ["nfc", "usb"]]


def test_asking_for_a_registration_writes_nothing(site: Site, newcomer: Visitor) -> None:
    tables = ("events", "spent_challenges", "webauthn_credentials", "attempt_counters")
    count = " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    before = site.value(f"SELECT {count}")

    answer = newcomer.get(REGISTER, status=200)

    assert site.value(f"SELECT {count}") == before
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nobody_registers_without_a_session(visitor: Visitor) -> None:
    answer = visitor.get(REGISTER, status=401)

    assert answer.json["fail"]["reason"] == "not-logged-in"
    assert answer.headers["Cache-Control"] == "no-store"


def test_nobody_registers_with_an_address_that_is_not_verified(
    visitor: Visitor, user_unverified: Person
) -> None:
    visitor.give_password(user_unverified)

    assert visitor.get(REGISTER, status=401).json["fail"]["reason"] == "not-verified"


@pytest.mark.attack("P-022")
def test_nobody_registers_between_the_password_and_the_second_factor(pending: Visitor) -> None:
    assert pending.get(REGISTER, status=401).json["fail"]["reason"] == "not-logged-in"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_options_are_only_asked_for(newcomer: Visitor, method: str) -> None:
    token = newcomer.csrf_token(PROVISION_KEY)

    answer = newcomer.request(
        REGISTER, method=method, headers={"X-CSRF-Token": token}, expect_errors=True
    )

    assert answer.status_int == 405
    assert "challenge" not in answer.json


# Authentication


@pytest.mark.attack("P-073")
def test_nobody_is_asked_for_a_key_without_the_password(site: Site, visitor: Visitor) -> None:
    answer = visitor.get(LOGIN, status=401)

    assert answer.json["fail"]["reason"] == "no-pending-login"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.attack("P-073")
@pytest.mark.parametrize(
    "change",
    [
        lambda value: "",
        lambda value: "A" * 43,
        lambda value: value[:-1],
        lambda value: ("B" if value[0] != "B" else "C") + value[1:],
        lambda value: value[:20] + ("B" if value[20] != "B" else "C") + value[21:],
        lambda value: value + "A",
        lambda value: value.swapcase(),
    ],
    ids=["empty", "zeros", "cut", "first", "middle", "longer", "case"],
)
def test_nobody_is_asked_for_a_key_with_a_changed_pending_login(
    site: Site, pending: Visitor, change: object
) -> None:
    secret = pending.cookie("login")
    drop_cookie(pending, "login")
    name = "__Host-login" if site.settings.is_https else "login"
    pending.set_cookie(name, change(secret))  # type: ignore[operator]

    answer = pending.get(LOGIN, status=401)

    assert "challenge" not in answer.json
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.attack("P-073")
def test_the_session_of_one_login_is_no_pending_login(site: Site, carol: Person) -> None:
    visitor = site.visitor()
    visitor.log_in(carol)
    session = copy_cookies(visitor, site.visitor(), "session").cookie("session")
    name = "__Host-login" if site.settings.is_https else "login"
    visitor.set_cookie(name, session or "")

    visitor.get(LOGIN, status=401)


@pytest.mark.attack("P-073")
def test_only_own_keys_are_asked_for(
    site: Site, pending: Visitor, bob: Person, mallory: Person
) -> None:
    answer = pending.get(LOGIN, status=200)

    allowed = answer.json["allowCredentials"]
    assert [decode_base64url(each["id"]) for each in allowed] == list(bob.key.credentials)
    assert answer.json["rpId"] == site.settings.relying_party_id
    assert answer.json["timeout"] == 300_000
    assert answer.json["userVerification"] == "discouraged"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.attack("P-073")
@pytest.mark.parametrize("query", ["username=mallory", "user_id=1", "name=mallory"])
def test_whose_keys_are_asked_for_comes_from_the_login_only(
    pending: Visitor, bob: Person, mallory: Person, query: str
) -> None:
    allowed = pending.get(f"{LOGIN}?{query}", status=200).json["allowCredentials"]

    assert [decode_base64url(each["id"]) for each in allowed] == list(bob.key.credentials)


@pytest.mark.attack("P-073")
def test_somebody_without_a_key_is_asked_for_none(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)

    answer = visitor.get(LOGIN, status=422)

    assert answer.json["fail"]["reason"] == "not-set-up"
    assert "challenge" not in answer.json


@pytest.mark.attack("P-073")
def test_a_pending_login_that_ended_asks_for_nothing(site: Site, pending: Visitor) -> None:
    site.clock.advance(minutes=5)

    pending.get(LOGIN, status=401)


def test_every_authentication_has_a_challenge_of_its_own(pending: Visitor) -> None:
    challenges = {pending.get(LOGIN).json["challenge"] for _ in range(20)}

    assert len(challenges) == 20


# What comes with the page


@pytest.mark.attack("P-073")
def test_the_page_brings_what_would_be_asked_for_first(pending: Visitor) -> None:
    asked = pending.get(LOGIN, status=200).json

    page = pending.get(f"{KEY}/", status=200)
    brought = first_options(page)

    assert page.headers["Cache-Control"] == "no-store"
    assert brought.pop("challenge") != asked.pop("challenge")
    assert brought == asked


@pytest.mark.attack("P-054")
def test_every_page_has_a_challenge_of_its_own(pending: Visitor) -> None:
    pages = [pending.get(f"{KEY}/", status=200) for _ in range(20)]

    assert len({first_options(page)["challenge"] for page in pages}) == 20


def test_a_page_writes_nothing_for_it(site: Site, pending: Visitor) -> None:
    before = site.value("SELECT count(*) FROM spent_challenges")

    pending.get(f"{KEY}/", status=200)

    assert site.value("SELECT count(*) FROM spent_challenges") == before


def test_a_page_that_asks_for_no_key_brings_none(site: Site, carol: Person) -> None:
    visitor = site.visitor()
    visitor.give_password(carol)

    page = visitor.get(TWO_FACTOR, status=200)

    assert "data-first-options" not in page
    assert "challenge" not in page


@pytest.mark.attack("P-077")
def test_a_key_that_was_stopped_is_not_asked_for_by_the_page(site: Site, bob: Person) -> None:
    visitor = site.visitor()
    visitor.give_password(bob)
    site.change("UPDATE webauthn_credentials SET suspended_at = created_at")

    page = visitor.get(f"{KEY}/", status=200)

    assert "data-first-options" not in page
