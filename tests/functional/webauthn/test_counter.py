"""The sign count: it rises, or somebody may have a copy of the key."""

import pytest

from tests.common import cose
from tests.common.authenticator import SoftwareAuthenticator, decode_base64url
from tests.common.cose import EDDSA
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import KEY, TWO_FACTOR, Visitor

STEP = "/account/webauthn-authenticate/"
COUNT = "SELECT sign_count FROM webauthn_credentials"
SUSPENDED = "SELECT suspended_at IS NOT NULL FROM webauthn_credentials ORDER BY id"
SENTENCE = "This security key was stopped, because its counter went back"
NOTHING_LEFT = "None of your second factors can be used any more."


def log_in(site: Site, person: Person, status: int = 200, **overrides: object) -> Visitor:
    """Give password and key in a new jar."""
    visitor = site.visitor()
    visitor.give_password(person)
    visitor.give_key(person, status=status, **overrides)
    return visitor


def clone(site: Site, person: Person) -> Visitor:
    """Log in with count 5, then with the same count from a copy of the key."""
    log_in(site, person, sign_count=5)
    return log_in(site, person, status=422, sign_count=5)


# Rising


@pytest.mark.attack("P-077")
def test_a_count_that_rises_is_recorded(site: Site, bob: Person) -> None:
    for count in (1, 5, 6, 2**32 - 1):
        visitor = log_in(site, bob, sign_count=count)

        visitor.get("/manage/account/", status=200)
        assert site.value(COUNT) == count


@pytest.mark.attack("P-077")
def test_a_key_that_always_says_zero_keeps_working(site: Site, bob: Person) -> None:
    for _ in range(5):
        log_in(site, bob, sign_count=0).get("/manage/account/", status=200)

    assert site.value(COUNT) == 0
    assert [bool(row[0]) for row in site.rows(SUSPENDED)] == [False]


def test_a_key_registered_with_a_count_begins_from_there(site: Site) -> None:
    fred = site.person("fred")
    setting_up = site.visitor()
    setting_up.give_password(fred)
    setting_up.register_key(fred, sign_count=7)

    log_in(site, fred, sign_count=8).get("/manage/account/", status=200)
    log_in(site, fred, status=422, sign_count=8)

    assert site.value(COUNT) == 8


# Not rising


@pytest.mark.attack("P-077")
@pytest.mark.parametrize("count", [5, 4, 1, 0])
def test_a_count_that_does_not_rise_is_refused_and_stops_the_key(
    site: Site, bob: Person, count: int
) -> None:
    log_in(site, bob, sign_count=5)
    completed = site.tags().count("account:login:completed")

    visitor = log_in(site, bob, status=422, sign_count=count)

    assert site.tags().count("account:login:completed") == completed
    assert [bool(row[0]) for row in site.rows(SUSPENDED)] == [True]
    assert site.value(COUNT) == 5
    visitor.get("/manage/account/", status=303)


@pytest.mark.attack("P-077")
def test_the_answer_says_what_happened_and_what_to_do(site: Site, bob: Person) -> None:
    log_in(site, bob, sign_count=5)
    visitor = site.visitor()
    visitor.give_password(bob)

    answer = visitor.give_key(bob, status=422, sign_count=5)

    assert answer.json["fail"]["errors"][0].startswith(SENTENCE)
    assert "Log in another way" in answer.json["fail"]["errors"][0]


@pytest.mark.attack("P-077")
def test_a_possible_clone_is_one_event_and_one_mail(site: Site, bob: Person) -> None:
    log_in(site, bob, sign_count=5)
    before = len(site.tags())

    log_in(site, bob, status=422, sign_count=5)

    mails = [mail for mail in site.mails(to=bob.address) if "suspended" in mail.subject]
    assert site.tags()[before:] == ["account:password:accepted", "account:webauthn:possible-clone"]
    assert len(mails) == 1
    assert "Key" in mails[0].text
    facts = site.value("SELECT CAST(facts AS TEXT) FROM events ORDER BY id DESC LIMIT 1")
    assert "5" in facts


@pytest.mark.attack("P-077")
def test_a_possible_clone_counts_against_the_budget(site: Site, carol: Person) -> None:
    log_in(site, carol, sign_count=5)
    visitor = log_in(site, carol, status=422, sign_count=5)

    statuses = []
    for _ in range(5):
        token = visitor.csrf_token(TWO_FACTOR)
        fields = {"credential": "{}", "csrf_token": token}
        answer = visitor.post(f"{KEY}/validate", fields, expect_errors=True)
        statuses.append(answer.status_int)

    assert statuses == [422] * 4 + [429]


@pytest.mark.attack("P-077")
def test_a_stranger_without_the_key_cannot_have_it_stopped(site: Site, bob: Person) -> None:
    log_in(site, bob, sign_count=5)

    log_in(site, bob, status=422, sign_count=4, signing_key=cose.generate_key(EDDSA))

    assert [bool(row[0]) for row in site.rows(SUSPENDED)] == [False]
    log_in(site, bob, sign_count=6).get("/manage/account/", status=200)


@pytest.mark.attack("P-077")
@pytest.mark.parametrize(
    "overrides",
    [
        {"user_present": False},
        {"cross_origin": True},
        {"client_data": {"origin": "https://evil.example"}},
        {"rp_id": "evil.example"},
        {"backup_eligible": True},
        {"user_handle": b"somebody else"},
    ],
    ids=["presence", "frame", "origin", "RP ID", "backup", "handle"],
)
def test_a_count_is_looked_at_only_when_all_else_is_right(
    site: Site, bob: Person, overrides: dict[str, object]
) -> None:
    log_in(site, bob, sign_count=5)

    log_in(site, bob, status=422, sign_count=4, **overrides)

    assert [bool(row[0]) for row in site.rows(SUSPENDED)] == [False]
    assert "account:webauthn:possible-clone" not in site.tags()


# Stopped


@pytest.mark.attack("P-077")
def test_a_stopped_key_logs_in_no_more_whatever_it_counts(site: Site, carol: Person) -> None:
    log_in(site, carol, sign_count=5)
    options = {}
    visitor = site.visitor()
    visitor.give_password(carol)
    options = visitor.get(f"{KEY}/options").json
    log_in(site, carol, status=422, sign_count=5)

    visitor.send_assertion(carol.key.get(options, site.origin, sign_count=99), status=422)

    visitor.get("/manage/account/", status=303)
    assert site.value(COUNT) == 5
    assert site.tags().count("account:webauthn:possible-clone") == 1


@pytest.mark.attack("P-077")
def test_a_stopped_key_is_not_asked_for(site: Site, carol: Person) -> None:
    clone(site, carol)
    visitor = site.visitor()

    answer = visitor.give_password(carol)

    assert answer.location.endswith(TWO_FACTOR)
    assert visitor.get(f"{KEY}/options", status=422).json["fail"]["reason"] == "not-set-up"
    page = visitor.get(TWO_FACTOR, status=200)
    assert not page.html.select('.ways a[href*="webauthn"]')


@pytest.mark.attack("P-077")
def test_of_two_keys_the_other_one_is_asked_for(site: Site, carol: Person) -> None:
    stopped = carol.key
    setting_up = site.visitor()
    setting_up.log_in(carol)
    carol.key = SoftwareAuthenticator()
    setting_up.register_key(carol, "Spare")
    spare, carol.key = carol.key, stopped
    clone(site, carol)
    visitor = site.visitor()

    visitor.give_password(carol)

    allowed = visitor.get(f"{KEY}/options", status=200).json["allowCredentials"]
    assert [decode_base64url(each["id"]) for each in allowed] == list(spare.credentials)
    carol.key = spare
    visitor.give_key(carol)
    visitor.get("/manage/account/", status=200)


@pytest.mark.attack("P-077")
def test_the_page_after_a_possible_clone_offers_what_is_left(site: Site, carol: Person) -> None:
    visitor = clone(site, carol)

    page = visitor.get(STEP, status=303).follow(status=200)

    assert page.request.path == TWO_FACTOR
    site.clock.advance(seconds=60)
    visitor.give_code(carol.code())
    visitor.get("/manage/account/", status=200)


@pytest.mark.attack("P-077")
def test_the_page_says_so_when_nothing_is_left(site: Site, bob: Person) -> None:
    visitor = clone(site, bob)

    page = visitor.get(STEP, status=200)

    assert NOTHING_LEFT in page
    assert not page.html.select("#webauthn-auth-form, .ways")


@pytest.mark.attack("P-077")
def test_a_stopped_key_does_not_make_the_password_enough(site: Site, bob: Person) -> None:
    clone(site, bob)
    visitor = site.visitor()

    visitor.give_password(bob)

    assert visitor.cookie("session") is None
    assert NOTHING_LEFT in visitor.get(STEP, status=200)
    visitor.get("/manage/account/two-factor/", status=303)
    visitor.get("/manage/account/totp-provision", status=303)
    visitor.get("/manage/account/webauthn-provision/options", status=401)


@pytest.mark.attack("P-077")
def test_the_account_says_that_a_key_is_stopped(site: Site, carol: Person) -> None:
    clone(site, carol)
    site.clock.advance(seconds=60)
    visitor = site.visitor()
    visitor.log_in(carol)

    page = visitor.get("/manage/account/two-factor/", status=200)

    assert page.html.select_one(".factor-webauthn .credential-suspended")
    assert not page.html.select(".factor-totp .credential-suspended")


@pytest.mark.attack("P-077")
def test_a_stopped_key_is_neither_a_spare_nor_protection_from_phishing(
    site: Site, carol: Person
) -> None:
    clone(site, carol)
    site.clock.advance(seconds=60)
    visitor = site.visitor()
    visitor.log_in(carol)
    visitor.make_recovery_codes(carol)
    visitor.prove_recovery_code(carol)

    page = visitor.get("/manage/account/", status=200)

    assert "Next: protection from phishing" in page
    assert "One lost device locks you out." in page


def test_a_stopped_key_is_not_registered_again(site: Site, carol: Person) -> None:
    clone(site, carol)
    site.clock.advance(seconds=60)
    visitor = site.visitor()
    visitor.log_in(carol)
    (own,) = carol.key.credentials

    options = visitor.get("/manage/account/webauthn-provision/options").json
    answer = visitor.register_key(carol, "Again", status=422, credential_id=own)

    assert [decode_base64url(each["id"]) for each in options["excludeCredentials"]] == [own]
    assert answer.json["fail"]["reason"] == "already-registered"
    assert [bool(row[0]) for row in site.rows(SUSPENDED)] == [True]


def test_sessions_of_a_stopped_key_go_on(site: Site, carol: Person) -> None:
    # What the owner did with the key before stays; the thief never got in.
    owner = log_in(site, carol, sign_count=5)

    log_in(site, carol, status=422, sign_count=5)

    owner.get("/manage/account/", status=200)
