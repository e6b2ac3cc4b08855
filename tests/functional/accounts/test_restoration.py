"""A backup was restored: what was spent or ended after it stays so, and people start again."""

import json

import pytest

from tests.common.backup import Backup
from tests.common.jars import copy_cookies
from tests.common.people import Person
from tests.common.registering import NEWTON, register
from tests.common.site import Site
from tests.common.visitor import KEY, TWO_FACTOR, Visitor
from warehouse_mfa.accounts.interfaces import IRestorationService

LANDING = "/manage/account/"
VERIFY = "/account/verify-email/"
EPOCH = "SELECT security_epoch FROM users WHERE username = 'alice'"


def backup(site: Site) -> Backup:
    return Backup(site.settings.database_url.get_secret_value())


def restored(site: Site) -> dict[str, int]:
    with site.scope() as request:
        done: dict[str, int] = request.find_service(IRestorationService).restored()
        return done


def is_logged_in(visitor: Visitor) -> bool:
    return bool(visitor.get(LANDING).status_int == 200)


def test_a_session_that_was_ended_after_the_backup_does_not_live_again(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    copy = copy_cookies(visitor, site.visitor())
    kept = backup(site)
    visitor.form("/account/logout/", "logout-form").submit()

    kept.restore()
    by_the_backup_alone = is_logged_in(copy)
    restored(site)

    assert by_the_backup_alone
    assert not is_logged_in(copy)


def test_a_link_that_was_used_after_the_backup_does_not_work_again(
    site: Site, visitor: Visitor
) -> None:
    register(site.visitor(address="198.51.100.2"))
    (mail,) = site.mails(to=NEWTON["email"])
    kept = backup(site)
    visitor.get(mail.link, status=303)
    visitor.post_form(VERIFY, {"decision": "verify"}, status=200)

    kept.restore()
    restored(site)
    again = site.visitor()
    again.get(mail.link, status=303)
    again.get(VERIFY, status=410)

    assert site.value("SELECT verified_at FROM emails") is None


def test_a_login_that_was_completed_after_the_backup_is_not_completed_again(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.give_password(user_with_totp)
    copy = copy_cookies(visitor, site.visitor())
    form = copy.form(TWO_FACTOR, "totp-auth-form")
    kept = backup(site)
    visitor.give_code(user_with_totp.code())

    kept.restore()
    restored(site)
    form["totp_value"] = user_with_totp.code(1)
    form.submit(status=303)

    assert not is_logged_in(copy)


def test_an_assertion_that_was_taken_after_the_backup_is_not_taken_again(
    site: Site, visitor: Visitor, user_with_key: Person
) -> None:
    visitor.give_password(user_with_key)
    options = visitor.get(f"{KEY}/options", status=200).json
    credential = user_with_key.key.get(options, site.origin)
    copy = copy_cookies(visitor, site.visitor())
    token = copy.csrf_token("/account/webauthn-authenticate/")
    kept = backup(site)
    visitor.send_assertion(credential)

    kept.restore()
    restored(site)
    fields = {"credential": json.dumps(credential), "csrf_token": token}
    copy.post(f"{KEY}/validate", fields, headers={"Accept": "application/json"}, status=401)

    assert not is_logged_in(copy)


def test_a_code_that_was_spent_after_the_backup_is_not_taken_again(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    kept = backup(site)
    visitor.log_in(user_with_totp)
    spent = user_with_totp.code()
    kept.restore()

    restored(site)
    again = site.visitor()
    again.give_password(user_with_totp)
    again.give_code(spent, status=422)
    again.give_code(user_with_totp.code(1), status=422)
    site.clock.advance(seconds=60)
    again.give_code(user_with_totp.code())

    assert is_logged_in(again)


def test_a_restoration_never_takes_a_step_back(site: Site, user_with_totp: Person) -> None:
    """The clock of the machine may be behind what an app has shown."""
    ahead = "UPDATE totp_applications SET last_step = last_step + 1000000"
    site.change(ahead)
    before = site.value("SELECT last_step FROM totp_applications")

    restored(site)

    assert site.value("SELECT last_step FROM totp_applications") == before


def test_the_epoch_rises_beyond_what_it_was_before_the_restoring(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    kept = backup(site)
    visitor.log_in(user_with_totp)
    for _ in range(3):
        site.clock.advance(seconds=60)
        visitor.enroll_totp(user_with_totp, f"App {len(user_with_totp.codes)}")
    lost = site.value(EPOCH)

    kept.restore()
    restored(site)

    assert site.value(EPOCH) > lost


def test_no_browser_is_known_any_more(site: Site, visitor: Visitor, user_with_totp: Person) -> None:
    visitor.log_in(user_with_totp)
    restored(site)
    site.clock.advance(minutes=2)
    before = len(site.mails())

    visitor.log_in(user_with_totp)

    assert len(site.mails()) == before + 1
    assert site.value("SELECT count(*) FROM known_devices") == 1


@pytest.mark.attack("P-105")
def test_a_restoration_says_what_it_did_and_is_recorded_once(
    site: Site, visitor: Visitor, user_with_totp: Person, mallory: Person
) -> None:
    register(site.visitor(address="198.51.100.2"))
    visitor.log_in(user_with_totp)
    site.visitor().give_password(mallory)
    before = len(site.tags()), len(site.mails())
    sessions = site.value("SELECT count(*) FROM sessions")
    pending = site.value("SELECT count(*) FROM pending_logins")
    links = site.value("SELECT count(*) FROM mailed_tokens WHERE used_at IS NULL")

    done = restored(site)

    assert done == {
        "Accounts made safe": 3,
        "Sessions ended": sessions,
        "Known devices forgotten": 1,
        "Pending logins ended": pending,
        "Logins that wait for an approval ended": 0,
        "Mailed links voided": links,
        "Authenticator apps whose present codes count as used": 2,
        "Requests for reset links forgotten": 0,
        "Requests for help forgotten": 0,
        "Recovery codes revoked": 0,
    }
    assert site.tags()[before[0] :] == ["site:database:restored"]
    last = "SELECT subject_id, actor_id FROM events WHERE tag = 'site:database:restored'"
    assert [tuple(row) for row in site.rows(last)] == [(None, None)]
    assert len(site.mails()) == before[1]


def test_a_recovery_code_that_was_used_does_not_come_back(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    visitor.log_in(user_with_totp)
    visitor.make_recovery_codes(user_with_totp)
    before = len(site.mails())

    done = restored(site)

    assert done["Recovery codes revoked"] == 8
    assert site.tags()[-2:] == ["account:recovery-codes:revoked", "site:database:restored"]
    assert [mail.to for mail in site.mails()[before:]] == [user_with_totp.address]
    site.clock.advance(minutes=2)
    someone = site.visitor()
    someone.give_password(user_with_totp)
    someone.post_form(
        "/account/recovery-code/",
        {"recovery_code_value": user_with_totp.recovery_codes[0]},
        status=422,
    )


def test_an_empty_database_can_be_restored(site: Site) -> None:
    assert set(restored(site).values()) == {0}
