"""What the site keeps about a person, handed to that person."""

import json
from dataclasses import fields
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import Column

from tests.common.happenings import events
from tests.common.people import Person
from tests.common.site import Site
from tests.common.visitor import PROVISION_KEY, Visitor
from warehouse_mfa.db import Base
from warehouse_mfa.events.interfaces import Personal

PAGE = "/manage/account/export/"
LEFT_OUT = {
    # whose row it is: the account's, as every row of the file
    "events.subject_id",
    *("emails.user_id", "sessions.user_id", "known_devices.user_id", "remembered_devices.user_id"),
    *("totp_applications.user_id", "webauthn_credentials.user_id", "recovery_codes.user_id"),
    *("asked_acts.user_id", "lost_requests.user_id"),
    *("pending_logins.user_id", "mailed_tokens.user_id", "notices.user_id"),
    "held_logins.user_id",
    # secrets, and what is made of secrets
    *("users.password_hash", "sessions.digest", "known_devices.digest"),
    *("remembered_devices.digest", "totp_applications.sealed_secret", "recovery_codes.digest"),
    *("pending_logins.digest", "held_logins.digest", "mailed_tokens.digest"),
    # the same again, as it is looked up
    *("users.username_key", "emails.address_key"),
    *("totp_applications.label_key", "webauthn_credentials.label_key"),
    # how the site tells what has ended, and with which key
    *("users.security_epoch", "sessions.security_epoch", "remembered_devices.security_epoch"),
    *("pending_logins.security_epoch", "mailed_tokens.security_epoch", "mailed_tokens.about_id"),
    "held_logins.security_epoch",
    *("sessions.family_id", "totp_applications.key_id", "totp_applications.last_step"),
    *("asked_acts.security_epoch", "asked_acts.family_id", "recovery_codes.key_id"),
    # it stands among the facts
    "asked_acts.nonce",
    # of accounts that are gone, whose people nobody knows any more
    *("retired_names.username_key", "retired_names.former_id", "retired_names.retired_at"),
}
# How a column is called that says whose row it is, with or without a foreign key.
OWNERS = {"user_id", "subject_id", "former_id", "owner_id", "account_id"}


@pytest.fixture
def alice(visitor: Visitor, user_with_totp: Person) -> Person:
    """Alice, logged in as `visitor`, with something in every section."""
    visitor.give_password(user_with_totp)
    form = visitor.form("/account/two-factor/", "totp-auth-form")
    form["totp_value"], form["remember_device"] = user_with_totp.code(), True
    form.submit(status=303)
    visitor.make_recovery_codes(user_with_totp)
    return user_with_totp


def download(visitor: Visitor) -> dict[str, Any]:
    answer = visitor.form(PAGE, "export-form").submit(status=200)
    assert answer.content_type == "application/json"
    exported: dict[str, Any] = answer.json
    return exported


def test_the_file_is_as_its_description_says(visitor: Visitor, alice: Person) -> None:
    exported = download(visitor)

    path = exported["$schema"].removeprefix(visitor.origin)
    schema = visitor.get(path, status=200).json
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(exported)


def test_it_tells_what_there_is(visitor: Visitor, alice: Person) -> None:
    exported = download(visitor)

    assert exported["account"][0]["username"] == alice.username
    assert [one["address"] for one in exported["email_addresses"]] == [alice.address]
    assert [one["label"] for one in exported["authenticator_apps"]] == ["Phone"]
    assert len(exported["recovery_codes"]) == 8
    assert len(exported["remembered_browsers"]) == 1
    assert exported["sessions"][0]["factor"] == "totp"
    assert "account:exported" in [one["tag"] for one in exported["events"]]


def test_it_says_nothing_of_anybody_else(
    site: Site, visitor: Visitor, alice: Person, user_with_key: Person
) -> None:
    site.visitor().log_in(user_with_key)

    exported = download(visitor)

    assert len(exported["sessions"]) < site.value("SELECT count(*) FROM sessions")
    assert user_with_key.username not in json.dumps(exported)
    assert user_with_key.address not in json.dumps(exported)


def test_it_is_sent_as_a_file_that_nobody_keeps(visitor: Visitor, alice: Person) -> None:
    answer = visitor.form(PAGE, "export-form").submit(status=200)

    assert answer.headers["Content-Disposition"] == f'attachment; filename="{alice.username}.json"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_its_owner_is_told(site: Site, visitor: Visitor, alice: Person) -> None:
    download(visitor)

    assert site.mails(alice.address)[-1].subject == "What we keep about you was downloaded"


def test_every_column_about_a_person_is_exported_or_left_out_on_purpose(site: Site) -> None:
    exported = {
        f"{column.table.name}.{column.name}"
        for statement in site.registry["personal_data"].values()
        for column in statement.selected_columns
        if isinstance(column, Column)
    }

    about_people = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        if table.name == "users"
        or any(key.column.table.name == "users" for key in table.foreign_keys)
        or OWNERS & set(table.columns.keys())
        for column in table.columns
    }

    assert about_people - exported == LEFT_OUT


def test_everything_that_an_event_keeps_apart_is_exported(site: Site) -> None:
    exported = set(site.registry["personal_data"]["events"].selected_columns.keys())

    apart = {one.name for event in events() for one in fields(event) if one.type == Personal}
    assert {*apart, "address", "agent"} <= exported


def test_whoever_confirmed_something_gets_the_evidence(site: Site, visitor: Visitor) -> None:
    carol = site.person("carol", totp=True, key=True)
    visitor.give_password(carol)
    visitor.give_key(carol)
    id_ = UUID(str(site.value("SELECT id FROM webauthn_credentials")))
    visitor.remove_last_key(f"{PROVISION_KEY}/{id_}/delete", carol)

    exported = download(visitor)

    schema = visitor.get(exported["$schema"].removeprefix(visitor.origin), status=200).json
    Draft202012Validator(schema).validate(exported)
    (evidence,) = exported["evidence"]
    assert evidence["factor"] == "webauthn"
    assert evidence["signature"]
    assert [one["confirmed_at"] is None for one in exported["asked_acts"]] == [False]
