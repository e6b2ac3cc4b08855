"""Operators at work beside a process that serves: freezing, changing keys, restoring a backup."""

import json
import time

import pyotp
import pytest

from tests.common.backup import Backup
from tests.common.commands import Operator
from tests.common.guest import Guest
from tests.common.people import PASSWORD
from tests.common.site import KEYS, NEWER_KEYS

LOG_IN = "/account/login/"
LANDING = "/manage/account/"
UNVERIFIED = "/manage/unverified-account/"
PROVISION = "/manage/account/totp-provision"
ALICE = ("--username", "alice", "--email", "alice@example.org", "--verified", "--password-stdin")
FROZEN = "This account is frozen, so that nobody can log in to it."


def enroll(guest: Guest) -> pyotp.TOTP:
    """Log in as Alice, who has nothing but a password, and enroll an app."""
    guest.submit(LOG_IN, "login-form", username="alice", password=PASSWORD)
    page = guest.get(PROVISION).page
    secret = page.select_one(".secret bdi")
    assert secret is not None
    app = pyotp.TOTP(secret.text.replace(" ", ""))
    fields = {"label": "Phone", "totp_value": app.now()}
    assert guest.submit(PROVISION, "totp-provision-form", **fields).status == 303
    return app


def log_in(guest: Guest, code: str) -> int:
    guest.submit(LOG_IN, "login-form", username="alice", password=PASSWORD)
    return guest.submit("/account/two-factor/", "totp-auth-form", totp_value=code).status


@pytest.mark.attack("P-104")
def test_a_person_who_is_frozen_is_out_with_the_next_request(developer: Operator) -> None:
    with developer.serve() as site:
        alice, other = Guest(site), Guest(site)
        alice.register("alice", PASSWORD)
        other.register("other", PASSWORD)
        before = alice.get(UNVERIFIED).status

        done = developer.run("user", "freeze", "alice")
        after, others = alice.get(UNVERIFIED).status, other.get(UNVERIFIED).status
        refused = Guest(site).submit(LOG_IN, "login-form", username="alice", password=PASSWORD)
        developer.run("user", "unfreeze", "alice")
        again = Guest(site).submit(LOG_IN, "login-form", username="alice", password=PASSWORD)

    assert (done.returncode, done.stderr) == (0, "")
    assert (before, after, others) == (200, 303, 200)
    assert refused.status == 422
    assert FROZEN in refused.text
    assert again.status == 303


def test_keys_are_changed_while_the_site_serves(developer: Operator) -> None:
    # In development it would follow the port, and keys are derived for an origin.
    developer.settings["origin"] = "http://localhost:8000"
    developer.run("db", "upgrade")
    developer.run("user", "create", *ALICE, given=PASSWORD)
    with developer.serve() as site:
        app = enroll(Guest(site))

    developer.settings["secret_keys"] = f"{NEWER_KEYS},{KEYS}"
    with developer.serve() as site:
        rotated = developer.run("keys", "rotate")
        dropped = developer.run("keys", "drop", "test")
        status = log_in(Guest(site), app.at(int(time.time()) + 30))
    developer.settings["secret_keys"] = NEWER_KEYS
    listed = developer.run("keys", "list")

    assert rotated.stdout == "totp_applications: 1 encrypted under the current key.\n"
    assert (dropped.returncode, dropped.stderr) == (0, "")
    assert status == 303
    assert listed.stdout == "newer\tcurrent\ttotp_applications: 1\n"


def test_a_restored_backup_revives_no_session(developer: Operator) -> None:
    with developer.serve() as site:
        alice = Guest(site)
        alice.register("alice", PASSWORD)
        backup = Backup(developer.settings["database_url"])
        kept = dict(alice.cookies)
        alice.submit("/account/logout/", "logout-form")
        port = site.port
        site.end()

    backup.restore()
    done = developer.run("db", "restored")
    with developer.serve(port=port) as site:
        thief = Guest(site)
        thief.cookies = kept
        status = thief.get(UNVERIFIED).status

    assert (done.returncode, done.stderr) == (0, "")
    assert {"Accounts made safe: 1", "Sessions ended: 1"} <= set(done.stdout.splitlines())
    assert status == 303


def test_the_doctor_finds_what_is_wrong_with_a_site_in_production(
    administrator: Operator,
) -> None:
    behind = administrator.run("doctor", "--json")
    administrator.run("db", "upgrade")

    done = administrator.run("doctor", "--json")

    # The PostgreSQL of tests may lose everything, and is told so.
    found = {one["check"] for one in json.loads(done.stdout)} - {"careless-postgresql"}
    assert found == {"unreachable-mail-server"}
    assert (behind.returncode, done.returncode) == (1, 1)
    assert done.stderr.count("\n") == 1
    assert {one["check"] for one in json.loads(behind.stdout)} & {
        "unreachable-database",
        "schema-of-another-release",
    }


def test_the_doctor_finds_nothing_broken_behind_a_site_that_has_served(developer: Operator) -> None:
    with developer.serve() as site:
        Guest(site).register("alice", PASSWORD)
        site.end()

    found = json.loads(developer.run("doctor", "--json").stdout)

    checks = {one["check"] for one in found} - {"careless-postgresql"}
    assert checks == {"cheap-password-hash"}
