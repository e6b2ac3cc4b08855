"""Two browsers at once: of what can happen once, one does it, and nobody meets an error of ours."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from tests.common import approving
from tests.common.jars import at_once, copy_cookies
from tests.common.losing import confirm, help_link
from tests.common.people import Person
from tests.common.saying import NOT_ME, REPAIR, not_me_link, say_not_me
from tests.common.site import Site
from tests.common.visitor import RECOVERY_CODES, Visitor

TABS = 6


@pytest.fixture
def alice(visitor: Visitor, user_with_totp: Person) -> Person:
    """Alice, logged in as `visitor`."""
    visitor.log_in(user_with_totp)
    return user_with_totp


def press(
    site: Site, visitor: Visitor, path: str, fields: Sequence[dict[str, str]]
) -> Counter[int]:
    """Send these forms in tabs of one browser, released together; return how often each status came."""
    token = visitor.csrf_token(path if path.startswith("/account/") else "/account/logout/")
    tabs = [copy_cookies(visitor, site.visitor()) for _ in fields]
    calls: list[Callable[[], Any]] = [
        partial(tab.post, path, {**one, "csrf_token": token}, status="*")
        for tab, one in zip(tabs, fields, strict=True)
    ]
    return Counter(answer.status_int for answer in at_once(calls))


def test_of_profiles_sent_at_once_one_is_kept_whole(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    form = visitor.form("/manage/account/emails/", "add-email-form")
    form["email"] = "alice@example.net"
    form.submit(status=303)
    site.change("UPDATE emails SET verified_at = created_at")
    sent = [
        {"name": address, "public_email": address, "language": "en", "time_zone": "UTC"}
        for address in (alice.address, "alice@example.net") * 4
    ]

    statuses = press(site, visitor, "/manage/account/", sent)

    assert set(statuses) == {303}
    shown = site.rows("SELECT address FROM emails WHERE is_public")
    assert shown == site.rows("SELECT name FROM users")


def test_of_two_apps_given_one_name_at_once_one_gets_it(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.enroll_totp(alice, "Tablet")
    ids = [UUID(str(row[0])) for row in site.rows("SELECT id FROM totp_applications")]
    token = visitor.csrf_token("/account/logout/")
    calls = [
        partial(
            copy_cookies(visitor, site.visitor()).post,
            f"/manage/account/totp-provision/{id_}/rename",
            {"label": "Mine", "csrf_token": token},
            status="*",
        )
        for id_ in ids
    ]

    statuses = [answer.status_int for answer in at_once(calls)]

    assert sorted(statuses) == [303, 422]
    assert site.tags().count("account:factor:renamed") == 1


def test_codes_shown_to_be_kept_at_once_are_used_up_one_each(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.make_recovery_codes(alice)
    sent = [{"recovery_code_value": code} for code in alice.recovery_codes[:TABS]]

    statuses = press(site, visitor, f"{RECOVERY_CODES}burn", sent)

    assert statuses == {303: TABS}
    assert site.tags().count("account:recovery-codes:proved") == TABS
    assert site.value("SELECT count(*) FROM recovery_codes WHERE redeemed_at IS NULL") == 8 - TABS


def test_one_code_shown_to_be_kept_at_once_counts_once(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    visitor.make_recovery_codes(alice)
    sent = [{"recovery_code_value": alice.recovery_codes[0]}] * 4

    statuses = press(site, visitor, f"{RECOVERY_CODES}burn", sent)

    assert statuses == {303: 1, 422: 3}
    assert site.tags().count("account:recovery-codes:proved") == 1


def test_logging_out_in_many_tabs_at_once_is_one_event(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    statuses = press(site, visitor, "/account/logout/", [{}] * TABS)

    assert max(statuses) < 500
    assert site.tags().count("account:logout") == 1


def test_this_was_not_me_said_many_times_at_once_is_said_once(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    stranger = site.visitor("198.51.100.7")
    stranger.get(not_me_link(site, alice.address), status=303)

    statuses = press(site, stranger, NOT_ME, [{}] * TABS)

    assert statuses == {200: 1, 410: TABS - 1}
    assert site.tags().count("account:not-me:said") == 1


def test_a_hold_that_is_lifted_while_it_is_set_again_stays_set(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    """Whoever comes first, the last word is that of the mail."""
    say_not_me(site.visitor(), not_me_link(site, alice.address))
    site.clock.advance(seconds=60)
    visitor.log_in(alice)
    stranger = site.visitor("198.51.100.7")
    stranger.get(not_me_link(site, alice.address), status=303)
    again = {"csrf_token": stranger.csrf_token(NOT_ME)}
    in_order = {"csrf_token": visitor.csrf_token("/account/logout/")}

    answers = at_once(
        [
            partial(stranger.post, NOT_ME, again, status="*"),
            partial(visitor.post, f"{REPAIR}finish", in_order, status="*"),
        ]
    )

    assert answers[0].status_int == 200
    assert answers[1].status_int < 500
    assert site.value("SELECT count(*) FROM users WHERE publishing_held_at IS NOT NULL") == 1
    visitor.get("/manage/account/", status=303)


def test_everything_is_in_order_once_however_often_it_is_said_at_once(
    site: Site, visitor: Visitor, alice: Person
) -> None:
    say_not_me(site.visitor(), not_me_link(site, alice.address))
    site.clock.advance(seconds=60)
    visitor.log_in(alice)

    statuses = press(site, visitor, f"{REPAIR}finish", [{}] * TABS)

    assert statuses == {303: TABS}
    assert site.tags().count("account:not-me:lifted") == 1


def test_a_request_for_help_that_is_confirmed_many_times_at_once_counts_once(
    site: Site, user_with_totp: Person
) -> None:
    link = help_link(site, user_with_totp, user_with_totp.address)
    visitors = [site.visitor(f"198.51.100.{n}") for n in range(TABS)]

    answers = at_once([partial(confirm, one, link, "*") for one in visitors])

    statuses = Counter(answer.status_int for answer in answers)
    assert statuses == {200: 1, 410: TABS - 1}
    assert site.tags().count("account:help:asked") == 1


def test_a_login_that_is_approved_and_refused_at_once_is_one_of_both(
    site: Site, visitor: Visitor, user_with_totp: Person
) -> None:
    link = approving.hold(site, visitor, user_with_totp)
    reader = site.visitor("198.51.100.7")
    reader.get(link, status=303)

    statuses = press(
        site, reader, approving.CONFIRM, [{"decision": "approve"}, {"decision": "refuse"}] * 3
    )

    assert statuses == {200: 1, 410: 5}
    decided = [
        tag for tag in site.tags() if tag in ("account:login:approved", "account:login:disowned")
    ]
    assert len(decided) == 1
