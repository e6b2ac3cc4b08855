"""Many at once: whatever may happen once happens once, and the others are refused cleanly."""

from collections import Counter
from functools import partial

from tests.common.jars import at_once, copy_cookies
from tests.common.registering import NEWTON, REGISTER, register
from tests.common.site import Site
from tests.common.visitor import Visitor

PAGE = "/account/verify-email/"
WAITING = "/manage/unverified-account/"


def statuses(acts: list[partial]) -> Counter[int]:
    return Counter(answer.status_int for answer in at_once(acts))


def test_of_registrations_of_one_name_at_once_one_makes_an_account(site: Site) -> None:
    acts = []
    for n in range(10):
        visitor = site.visitor()
        spelling = "NEWTON" if n % 2 else "newton"
        fields = {**NEWTON, "username": spelling, "email": f"newton{n}@example.org"}
        fields["csrf_token"] = visitor.csrf_token()
        acts.append(partial(visitor.post, REGISTER, fields, status="*"))

    found = statuses(acts)

    assert found == {303: 1, 422: 9}
    assert site.value("SELECT count(*) FROM users") == 1
    assert site.tags() == ["account:registered"]
    assert len(site.mails()) == 1


def test_a_verification_link_pressed_twenty_times_at_once_verifies_once(site: Site) -> None:
    newton = site.visitor()
    register(newton)
    (mail,) = site.mails()
    newton.get(mail.link, status=303)
    fields = {"decision": "verify", "csrf_token": newton.csrf_token(PAGE)}
    tabs = [copy_cookies(newton, site.visitor()) for _ in range(20)]

    found = statuses([partial(tab.post, PAGE, fields, status="*") for tab in tabs])

    assert found == {303: 1, 410: 19}
    assert site.tags() == ["account:registered", "account:email:verified"]


def test_a_link_that_is_verified_and_disowned_at_once_does_one_of_both(site: Site) -> None:
    newton = site.visitor()
    register(newton)
    (mail,) = site.mails()
    newton.get(mail.link, status=303)
    token = newton.csrf_token(PAGE)
    acts = [
        partial(
            copy_cookies(newton, site.visitor()).post,
            PAGE,
            {"decision": decision, "csrf_token": token},
            status="*",
        )
        for decision in ("verify", "disown") * 5
    ]

    found = statuses(acts)

    assert found in ({303: 1, 410: 9}, {200: 1, 410: 9})
    assert len(site.tags()) == 2


def test_of_accounts_that_verify_one_address_at_once_one_gets_it(site: Site) -> None:
    visitors = []
    for n in range(6):
        visitor = site.visitor()
        register(visitor, username=f"newton{n}")
        visitor.get(site.mails()[-1].link, status=303)
        visitors.append(visitor)
    acts = [
        partial(
            visitor.post,
            PAGE,
            {"decision": "verify", "csrf_token": visitor.csrf_token(PAGE)},
            status="*",
        )
        for visitor in visitors
    ]

    found = statuses(acts)

    assert found == {303: 1, 410: 5}
    assert site.value("SELECT count(*) FROM emails WHERE verified_at IS NOT NULL") == 1
    assert site.value("SELECT count(*) FROM users WHERE verified_at IS NOT NULL") == 1
    assert site.tags().count("account:email:verified") == 1


def test_an_address_that_is_changed_many_times_at_once_ends_as_one(site: Site) -> None:
    newton = site.visitor()
    register(newton)
    token = newton.csrf_token(WAITING)
    acts = [
        partial(
            copy_cookies(newton, site.visitor()).post,
            WAITING,
            {"email": f"isaac{n}@example.org", "csrf_token": token},
            status="*",
        )
        for n in range(10)
    ]

    found = statuses(acts)

    assert found[303] >= 1
    assert set(found) <= {303, 422}
    assert site.value("SELECT count(*) FROM emails") == 1
    assert site.tags().count("account:email:claimed") == found[303]


def test_an_address_that_is_verified_while_it_is_changed_is_not_lost(
    site: Site, visitor: Visitor
) -> None:
    register(visitor)
    (mail,) = site.mails()
    visitor.get(mail.link, status=303)
    verify = {"decision": "verify", "csrf_token": visitor.csrf_token(PAGE)}
    change = {"email": "isaac@example.org", "csrf_token": visitor.csrf_token(WAITING)}
    acts = [
        partial(copy_cookies(visitor, site.visitor()).post, path, fields, status="*")
        for path, fields in ((PAGE, verify), (WAITING, change)) * 4
    ]

    found = statuses(acts)

    assert set(found) <= {200, 303, 410, 422}
    (address, verified_at), *others = site.rows("SELECT address, verified_at FROM emails")
    assert others == []
    assert (address == "newton@example.org") == (verified_at is not None)
