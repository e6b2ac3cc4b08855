"""Logging in with a passkey: no name, no password, and every lie that a password login refuses."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.common import cose, lies
from tests.common.authenticator import ABSENT, SoftwareAuthenticator
from tests.common.cose import EDDSA
from tests.common.jars import at_once, copy_cookies
from tests.common.people import Person
from tests.common.site import Site
from tests.common.tables import dump
from tests.common.visitor import KEY, PASSKEY, PROVISION_KEY, REAUTHENTICATE, Visitor
from tests.common.watching import statements

ACCOUNT = "/manage/account/"
SESSIONS = "SELECT count(*) FROM sessions"
SPENT = "SELECT count(*) FROM spent_challenges"
COUNTS = "SELECT sign_count FROM webauthn_credentials"
COMPLETED = "account:login:completed"
Lie = Callable[[str], dict[str, Any]]


def one_of_each(*tables: dict[str, Lie]) -> pytest.MarkDecorator:
    """The first lies of each kind: the ceremony is that of the second step, which hears them all."""
    cases = [pytest.param(lie, id=name) for table in tables for name, lie in [*table.items()][:2]]
    return pytest.mark.parametrize("lie", cases)


@pytest.fixture
def carol(site: Site) -> Person:
    """Carol has an authenticator app and a passkey."""
    return site.person("carol", totp=True, passkey=True)


@pytest.fixture
def bob(site: Site) -> Person:
    """Bob has a security key, which happens to be discoverable."""
    return site.person("bob", key=True)


def assert_refused(site: Site, visitor: Visitor, answer: Any, reason: str = "rejected") -> None:
    assert answer.json["fail"]["reason"] == reason
    assert site.tags()[-1] == "account:factor:failed"
    assert visitor.cookie("session") is None
    visitor.get(ACCOUNT, status=303)
    assert site.rows(COUNTS) == [(0,)]


# Logging in


def test_a_passkey_logs_in_without_a_name_or_a_password(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    answer = visitor.give_passkey(carol)

    assert answer.json["redirect_to"] == ACCOUNT
    assert "carol" in visitor.get(ACCOUNT, status=200).text
    assert site.tags()[-1] == COMPLETED


def test_a_passkey_leads_to_the_page_that_was_wanted(visitor: Visitor, carol: Person) -> None:
    answer = visitor.give_passkey(carol, next="/manage/account/history/")

    assert answer.json["redirect_to"] == "/manage/account/history/"


@pytest.mark.attack("P-012")
@pytest.mark.parametrize("next", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_a_passkey_leads_to_no_other_site(visitor: Visitor, carol: Person, next: str) -> None:
    assert visitor.give_passkey(carol, next=next).json["redirect_to"] == ACCOUNT


def test_the_trail_says_that_it_was_a_passkey(site: Site, visitor: Visitor, carol: Person) -> None:
    visitor.give_passkey(carol)

    (row,) = site.rows(
        "SELECT e.factor, e.subject_id = e.actor_id, e.session_id = s.id, s.factor"
        " FROM events e JOIN sessions s ON s.id = e.session_id WHERE e.tag = :tag",
        tag=COMPLETED,
    )
    assert (row[0], bool(row[1]), bool(row[2]), row[3]) == ("passkey", True, True, "webauthn")
    lines = visitor.get("/manage/account/history/", status=200).html.find(id="account-events").text
    assert "You logged in with the passkey Passkey, without a password." in " ".join(lines.split())


def test_a_passkey_is_the_strongest_proof_and_a_fresh_one(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    visitor.give_passkey(carol)

    visitor.get("/manage/account/password/", status=200)
    assert not site.value("SELECT is_reduced FROM sessions ORDER BY created_at DESC LIMIT 1")


def test_a_passkey_is_asked_for_again_when_it_is_a_while_ago(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    visitor.give_passkey(carol)
    site.clock.advance(minutes=31)

    visitor.get("/manage/account/password/", status=303)

    options = visitor.get(f"{REAUTHENTICATE}options?factor=webauthn-authenticate").json
    fields = {"credential": json.dumps(carol.key.get(options, site.origin))}
    fields["csrf_token"] = visitor.csrf_token(REAUTHENTICATE)
    visitor.post(f"{REAUTHENTICATE}validate?factor=webauthn-authenticate", fields, status=200)
    visitor.get("/manage/account/password/", status=200)


def test_a_passkey_is_a_second_factor_too(site: Site, visitor: Visitor, carol: Person) -> None:
    visitor.give_password(carol)
    visitor.give_key(carol)

    visitor.get(ACCOUNT, status=200)
    assert site.value("SELECT factor FROM events WHERE tag = :tag", tag=COMPLETED) == "webauthn"


def test_where_only_safe_factors_count_a_passkey_is_enough(database_url: str) -> None:
    site = Site(database_url, "https://pypi.example", second_factor="webauthn")
    try:
        carol, visitor = site.person("carol", passkey=True), site.visitor()

        visitor.give_passkey(carol)

        visitor.get(ACCOUNT, status=200)
    finally:
        site.reset()
        site.close()


def test_a_login_with_a_passkey_from_a_new_browser_is_told_by_mail(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    visitor.give_passkey(carol)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    visitor.give_passkey(carol)

    (mail,) = [mail for mail in site.mails(carol.address) if "new browser" in mail.subject]
    assert "Passkey" in mail.text
    assert "somebody has a passkey of yours" in mail.text
    assert "somebody has your password" not in mail.text


def test_a_passkey_ends_the_row_of_failures_that_stopped_the_app(database_url: str) -> None:
    site = Site(database_url, "https://pypi.example", limit_totp_streak="2")
    try:
        carol, visitor = site.person("carol", totp=True, passkey=True), site.visitor()
        visitor.give_password(carol)
        for _ in range(3):
            visitor.give_code(carol.wrong_code(), status=422)

        site.visitor().give_passkey(carol)

        visitor.give_code(carol.code())
    finally:
        site.reset()
        site.close()


def test_a_passkey_whose_sign_count_stays_zero_goes_on_working(site: Site) -> None:
    dora = site.person("dora")
    dora.key = SoftwareAuthenticator(counts=False, is_backed_up=True, transports=["internal"])
    setting_up = site.visitor()
    setting_up.give_password(dora)
    setting_up.register_passkey(dora)

    for _ in range(2):
        site.visitor().give_passkey(dora)

    assert site.tags().count(COMPLETED) == 2


@pytest.mark.attack("P-027", "P-084")
def test_a_login_with_a_passkey_gives_another_session_and_another_token(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    before = visitor.csrf_token()
    anonymous = visitor.cookie("csrf")

    visitor.give_passkey(carol)

    assert visitor.cookie("session") is not None
    assert visitor.cookie("csrf") != anonymous
    assert visitor.csrf_token(ACCOUNT) != before


def test_a_pending_login_is_forgotten_when_a_passkey_logs_in(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    mallory = site.person("mallory", totp=True)
    visitor.give_password(mallory)

    visitor.give_passkey(carol)

    assert visitor.cookie("login") is None
    assert "carol" in visitor.get(ACCOUNT, status=200).text


# Options


@pytest.mark.attack("P-082")
def test_the_options_name_nobody_and_no_key(site: Site, visitor: Visitor, carol: Person) -> None:
    options = visitor.get(f"{PASSKEY}/options?username=carol", status=200).json

    del options["challenge"]
    assert options == {
        "rpId": site.settings.relying_party_id,
        "timeout": 300_000,
        "userVerification": "required",
        "allowCredentials": [],
    }


@pytest.mark.attack("P-082")
def test_the_options_are_as_long_for_everybody(site: Site, visitor: Visitor) -> None:
    alone = visitor.get(f"{PASSKEY}/options").json["challenge"]
    site.person("carol", passkey=True)
    visitor.give_password(Person("carol", clock=site.clock))

    assert len(visitor.get(f"{PASSKEY}/options").json["challenge"]) == len(alone)


def test_asking_for_options_asks_the_database_nothing(site: Site, visitor: Visitor) -> None:
    visitor.get("/account/login/")

    with statements(site) as sent:
        visitor.get(f"{PASSKEY}/options", status=200)

    assert sent == []


def test_every_challenge_is_another_one(visitor: Visitor) -> None:
    challenges = {visitor.get(f"{PASSKEY}/options").json["challenge"] for _ in range(5)}

    assert len(challenges) == 5


@pytest.mark.attack("P-090")
def test_the_options_are_kept_nowhere(visitor: Visitor) -> None:
    assert visitor.get(f"{PASSKEY}/options").headers["Cache-Control"] == "no-store"


# Whose answer, and to what


@pytest.mark.attack("P-081")
@pytest.mark.parametrize(
    "handle",
    [ABSENT, None, b"", b"unknown" * 9, "*", "=", 5, [], {}, "A" * 20_000],
    ids=["absent", "null", "empty", "unknown", "odd", "pad", "number", "list", "object", "long"],
)
def test_another_user_handle_is_refused(
    site: Site, visitor: Visitor, carol: Person, handle: object
) -> None:
    assert_refused(site, visitor, visitor.give_passkey(carol, status=422, user_handle=handle))


@pytest.mark.attack("P-081")
def test_the_user_handle_of_another_account_is_refused(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    site.person("bob")
    bobs = bytes(site.value("SELECT user_handle FROM users WHERE username = 'bob'"))

    assert_refused(site, visitor, visitor.give_passkey(carol, status=422, user_handle=bobs))


@pytest.mark.attack("P-081")
def test_a_user_handle_of_a_megabyte_is_refused(visitor: Visitor, carol: Person) -> None:
    visitor.give_passkey(carol, status=413, user_handle="A" * 2**20)


@pytest.mark.attack("P-076")
def test_somebody_elses_passkey_logs_in_to_their_own_account_only(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    mallory = site.person("mallory", passkey=True)
    (carols,) = carol.key.credentials

    answer = visitor.give_passkey(mallory, status=422, outer_id=carols)

    assert answer.json["fail"]["reason"] == "rejected"
    assert visitor.cookie("session") is None
    owner = site.value(
        "SELECT username FROM events e JOIN users u ON u.id = e.subject_id"
        " WHERE e.tag = 'account:factor:failed'"
    )
    assert owner == "carol"


@pytest.mark.attack("P-076")
def test_a_signature_of_another_key_is_refused(site: Site, visitor: Visitor, carol: Person) -> None:
    foreign = cose.generate_key(EDDSA)

    assert_refused(site, visitor, visitor.give_passkey(carol, status=422, signing_key=foreign))


def test_a_passkey_that_nobody_registered_is_said_to_be_unknown(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    answer = visitor.give_passkey(carol, status=422, outer_id=b"unknown id" * 3)

    assert_refused(site, visitor, answer, "unknown-passkey")
    assert site.value("SELECT subject_id FROM events WHERE tag = 'account:factor:failed'") is None


@pytest.mark.attack("P-080")
def test_a_passkey_that_was_removed_meanwhile_is_refused(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    options = visitor.get(f"{PASSKEY}/options").json
    credential = carol.key.get(options, site.origin)
    site.change("DELETE FROM webauthn_credentials")

    answer = visitor.send_passkey(credential, status=422)

    assert answer.json["fail"]["reason"] == "unknown-passkey"
    assert visitor.cookie("session") is None


def test_a_security_key_logs_nobody_in_without_the_password(
    site: Site, visitor: Visitor, bob: Person
) -> None:
    (credential,) = bob.key.credentials.values()
    handle = credential.user_handle

    answer = visitor.give_passkey(
        bob, status=422, credential=credential, user_handle=handle, user_verified=True
    )

    assert_refused(site, visitor, answer)
    assert "security key" in answer.json["fail"]["errors"][0]


@pytest.mark.attack("P-077")
def test_a_passkey_whose_counter_went_back_is_stopped(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    visitor.give_passkey(carol, sign_count=5)
    other = site.visitor()

    other.give_passkey(carol, status=422, sign_count=4)

    assert site.tags()[-1] == "account:webauthn:possible-clone"
    other.give_passkey(carol, status=422, sign_count=9)
    assert other.cookie("session") is None
    assert "copy" in site.mails(carol.address)[-1].text


# Every lie


@pytest.mark.attack("P-081")
def test_a_person_who_was_not_verified_is_refused(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    assert_refused(site, visitor, visitor.give_passkey(carol, status=422, user_verified=False))


@pytest.mark.attack("P-078")
@one_of_each(lies.ORIGINS, lies.RP_IDS, lies.TYPES, lies.FRAMES, lies.PRESENCE, lies.BACKUP)
def test_a_lie_is_refused(site: Site, visitor: Visitor, carol: Person, lie: Lie) -> None:
    assert_refused(site, visitor, visitor.give_passkey(carol, status=422, **lie(site.origin)))


@pytest.mark.attack("P-078")
def test_a_changed_backup_eligibility_is_refused(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    assert_refused(site, visitor, visitor.give_passkey(carol, status=422, backup_eligible=True))


@pytest.mark.attack("P-079")
@pytest.mark.parametrize("bit", [0, 63])
def test_a_flipped_bit_of_the_signature_is_refused(
    site: Site, visitor: Visitor, carol: Person, bit: int
) -> None:
    def flip(signature: bytes) -> bytes:
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)

    assert_refused(site, visitor, visitor.give_passkey(carol, status=422, mutate_signature=flip))


@pytest.mark.attack("P-067")
@pytest.mark.parametrize(
    ("credential", "status"),
    [
        ("{}", 422),
        ('{"rawId": "*", "id": "*"}', 422),
        ('{"rawId": 5, "id": 5, "response": []}', 422),
        ('{"response": {"clientDataJSON": "bnVsbA"}}', 422),
        ("null", 400),
        ("[]", 400),
        ("[" * 20_000, 400),
        ("", 422),
    ],
    ids=["empty", "odd id", "numbers", "null data", "null", "list", "deep", "nothing"],
)
def test_what_no_browser_sends_is_refused(
    site: Site, visitor: Visitor, carol: Person, credential: str, status: int
) -> None:
    visitor.post_form(f"{PASSKEY}/validate", {"credential": credential}, status=status)

    assert visitor.cookie("session") is None
    assert site.rows(COUNTS) == [(0,)]


# Challenges


@pytest.mark.attack("P-074")
def test_an_answer_sent_again_is_refused_in_the_same_jar(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    kept = site.visitor()
    visitor.get("/account/login/")
    copy_cookies(visitor, kept)
    options = visitor.get(f"{PASSKEY}/options").json
    credential = carol.key.get(options, site.origin)
    visitor.send_passkey(credential)

    answer = kept.send_passkey(credential, status=422)

    assert answer.json["fail"]["reason"] == "rejected"
    assert kept.cookie("session") is None
    assert site.tags().count(COMPLETED) == 1


@pytest.mark.attack("P-074")
def test_an_answer_sent_again_after_logging_out_is_refused(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    options = visitor.get(f"{PASSKEY}/options").json
    credential = carol.key.get(options, site.origin)
    visitor.send_passkey(credential)
    visitor.form("/account/logout/", "logout-form").submit(status=303)

    visitor.send_passkey(credential, status=422)

    assert visitor.cookie("session") is None


@pytest.mark.attack("P-075")
def test_of_many_answers_to_one_challenge_at_once_one_logs_in(site: Site, carol: Person) -> None:
    first = site.visitor()
    options = first.get(f"{PASSKEY}/options").json
    credential, token = carol.key.get(options, site.origin), first.csrf_token()
    fields = {"credential": json.dumps(credential), "csrf_token": token}
    jars = [copy_cookies(first, site.visitor()) for _ in range(5)]  # as many as the limit takes

    answers = at_once(
        [lambda jar=jar: jar.post(f"{PASSKEY}/validate", fields, status="*") for jar in jars]
    )

    assert sorted(answer.status_int for answer in answers) == [200] + [422] * 4
    assert site.tags().count(COMPLETED) == 1


@pytest.mark.attack("P-072", "P-011")
def test_a_challenge_of_another_browser_is_refused(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    """Nobody is logged in to the account of whoever prepared an answer for them."""
    theirs = site.visitor().get(f"{PASSKEY}/options").json

    answer = visitor.send_passkey(carol.key.get(theirs, site.origin), status=422)

    assert_refused(site, visitor, answer)
    assert site.value(SPENT) == 1, "that of the registration"


@pytest.mark.attack("P-057")
def test_a_challenge_is_too_old_after_five_minutes(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    options = visitor.get(f"{PASSKEY}/options").json
    site.clock.advance(minutes=5)

    assert_refused(
        site, visitor, visitor.send_passkey(carol.key.get(options, site.origin), status=422)
    )


def test_a_challenge_lives_until_autofill_renews_it(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    options = visitor.get(f"{PASSKEY}/options").json
    site.clock.advance(minutes=4, seconds=59)

    visitor.send_passkey(carol.key.get(options, site.origin))


@pytest.mark.attack("P-072")
def test_a_challenge_for_the_second_step_is_none_for_the_first(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    visitor.give_password(carol)
    second = visitor.get(f"{KEY}/options").json
    options = visitor.get(f"{PASSKEY}/options").json | {"challenge": second["challenge"]}

    visitor.send_passkey(carol.key.get(options, site.origin), status=422)

    assert visitor.cookie("session") is None


@pytest.mark.attack("P-072")
def test_a_challenge_for_the_first_step_is_none_for_the_second(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    first = visitor.get(f"{PASSKEY}/options").json
    visitor.give_password(carol)
    options = visitor.get(f"{KEY}/options").json | {"challenge": first["challenge"]}

    visitor.send_assertion(carol.key.get(options, site.origin), status=422)

    visitor.get(ACCOUNT, status=303)


@pytest.mark.attack("P-072")
def test_a_challenge_for_a_registration_is_none_for_a_login(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    registering = site.visitor()
    registering.log_in(carol)
    theirs = registering.get(f"{PROVISION_KEY}/options?kind=passkey").json
    options = visitor.get(f"{PASSKEY}/options").json | {"challenge": theirs["challenge"]}

    visitor.send_passkey(carol.key.get(options, site.origin), status=422)

    assert visitor.cookie("session") is None


@pytest.mark.attack("P-072")
@pytest.mark.parametrize("challenge", [b"", b"\0", b"x" * 90, bytes(90)], ids=len)
def test_a_challenge_that_is_none_of_ours_is_refused(
    site: Site, visitor: Visitor, carol: Person, challenge: bytes
) -> None:
    assert_refused(site, visitor, visitor.give_passkey(carol, status=422, challenge=challenge))


# Who may not


@pytest.mark.attack("P-010", "P-104")
def test_a_frozen_account_is_told_so_and_not_let_in(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    site.change("UPDATE users SET frozen_at = created_at")
    sessions = site.value(SESSIONS)

    answer = visitor.give_passkey(carol, status=422)

    assert "frozen" in answer.json["fail"]["errors"][0]
    assert (site.tags()[-1], site.value(SESSIONS)) == ("account:login:refused", sessions)


@pytest.mark.attack("P-010")
def test_without_the_passkey_nobody_learns_that_an_account_is_frozen(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    before = visitor.give_passkey(carol, status=422, signature=b"").json
    site.change("UPDATE users SET frozen_at = created_at")

    assert visitor.give_passkey(carol, status=422, signature=b"").json == before


@pytest.mark.attack("P-013")
def test_nobody_logs_in_on_top_of_a_session(site: Site, visitor: Visitor, carol: Person) -> None:
    options = visitor.get(f"{PASSKEY}/options").json
    credential = json.dumps(carol.key.get(options, site.origin))
    mallory = site.person("mallory", totp=True)
    visitor.log_in(mallory)
    fields = {"credential": credential, "csrf_token": visitor.csrf_token(ACCOUNT)}

    visitor.get(f"{PASSKEY}/options", status=409)
    answer = visitor.post(f"{PASSKEY}/validate", fields, status=409)

    assert answer.json["fail"]["redirect_to"] == ACCOUNT
    assert "mallory" in visitor.get(ACCOUNT, status=200).text


# Limits


@pytest.mark.attack("P-036")
def test_failures_of_an_account_are_limited_wherever_they_come_from(
    site: Site, carol: Person
) -> None:
    for number in range(5):
        stranger = site.visitor(address=f"198.51.100.{number}")
        stranger.give_passkey(carol, status=422, signature=b"")

    answer = site.visitor(address="198.51.100.9").give_passkey(carol, status=429)

    assert answer.headers["Retry-After"]
    assert site.tags()[-1] == "account:passkey:limited"
    assert site.tags().count("account:factor:failed") == 5


@pytest.mark.attack("P-006")
def test_strangers_who_use_up_the_passkey_leave_the_password_and_the_key(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    for number in range(6):
        stranger = site.visitor(address=f"198.51.100.{number}")
        stranger.give_passkey(carol, status="*", signature=b"")

    visitor.give_password(carol)
    visitor.give_key(carol)

    visitor.get(ACCOUNT, status=200)


@pytest.mark.attack("P-006")
def test_strangers_do_not_lock_the_passkey_of_a_known_browser(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    visitor.give_passkey(carol)
    visitor.form("/account/logout/", "logout-form").submit(status=303)
    for number in range(6):
        stranger = site.visitor(address=f"198.51.100.{number}")
        stranger.give_passkey(carol, status="*", signature=b"")

    visitor.give_passkey(carol)

    visitor.get(ACCOUNT, status=200)


def test_failures_from_one_address_are_limited_whoever_they_are_about(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    for number in range(10):
        visitor.give_passkey(carol, status=422, outer_id=b"unknown id %d" % number * 2)

    visitor.give_passkey(carol, status=429, outer_id=b"unknown id again")

    assert site.tags().count("account:factor:failed") == 10


def test_a_success_counts_as_no_attempt(site: Site, visitor: Visitor, carol: Person) -> None:
    for _ in range(12):
        visitor.give_passkey(carol)
        visitor.form("/account/logout/", "logout-form").submit(status=303)
        visitor.reset()

    assert site.tags().count(COMPLETED) == 12


def test_a_refusal_leaves_a_count_an_event_and_the_spent_challenge(
    site: Site, visitor: Visitor, carol: Person
) -> None:
    before = dump(site)

    visitor.give_passkey(carol, status=422, signature=b"")

    after = dump(site)
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"attempt_counters", "event_private", "events", "spent_challenges"}
