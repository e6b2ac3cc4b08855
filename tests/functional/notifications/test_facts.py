"""The facts that a notice tells: when, from where, with which browser."""

import pytest

from tests.common.people import Person
from tests.common.site import Site

LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def test_a_notice_names_browser_and_network_address(site: Site, user_with_totp: Person) -> None:
    site.visitor(address="198.51.100.9", agent=LINUX).log_in(user_with_totp)

    notice = site.mails(to="alice@example.org")[-1]

    for body in (notice.text, notice.html):
        assert "Firefox on Linux" in body
        assert "198.51.100.9" in body


@pytest.mark.attack("P-102")
def test_a_notice_does_not_repeat_what_a_browser_says(site: Site, user_with_totp: Person) -> None:
    agent = "Your account is lost: call evil.example ${browser} <b>Firefox</b>"
    site.visitor(agent=agent).log_in(user_with_totp)

    notice = site.mails(to="alice@example.org")[-1]

    for body in (notice.text, notice.html):
        assert "Unknown program" in body
        assert "evil.example" not in body


def test_each_fact_stands_on_a_line_of_its_own(site: Site, user_with_totp: Person) -> None:
    site.visitor(address="198.51.100.9", agent=LINUX).log_in(user_with_totp)

    lines = site.mails(to="alice@example.org")[-1].text.splitlines()

    facts = [line.strip().partition(": ") for line in lines if line.startswith("  ")]
    assert [title for title, _, _ in facts] == [
        "Account",
        "Second factor",
        "Time",
        "Network address",
        "Browser",
    ]
    assert facts[1][2] == "Phone"
