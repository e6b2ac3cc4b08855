"""What operators say of their site: a test site, beta parts, where help is."""

from collections.abc import Iterator

import pytest

from tests.common.resetting import ask
from tests.common.site import Site
from tests.common.visitor import PROVISION_KEY, PROVISION_TOTP, RECOVERY_CODES

FACTORS = "/manage/account/two-factor/"
BANNER = "This is a test site."
HELP, BUGS = "https://help.example/?a=1&b=2", "mailto:bugs@pypi.example"


@pytest.fixture
def trial(database_url: str) -> Iterator[Site]:
    """A test site that has everything to say."""
    site = Site(database_url, test_site="on", beta="webauthn", support_url=HELP, bugs_url=BUGS)
    yield site
    site.reset()
    site.close()


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/account/login/", 200), ("/nowhere/", 404)]
)
def test_every_page_of_a_test_site_says_so_and_where_help_is(
    trial: Site, path: str, status: int
) -> None:
    page = trial.visitor().get(path, status=status).html

    assert BANNER in page.select_one("header .test-site").text
    links = [link["href"] for link in page.select(".footer-links a")]
    assert links == [HELP, BUGS]


def test_an_error_of_the_person_leads_to_help(trial: Site) -> None:
    page = trial.visitor().get("/nowhere/", status=404).html

    assert page.select_one(".card a[href^='https://help']")["href"] == HELP


def test_where_help_is_stands_below_the_list_of_what_to_look_at(trial: Site) -> None:
    visitor = trial.visitor()
    visitor.log_in(trial.person("alice", totp=True))

    page = visitor.get("/manage/account/repair/", status=200).html

    assert page.select_one(".account-content > .aside a")["href"] == HELP


def test_its_mails_say_so_in_the_subject_and_the_text(trial: Site) -> None:
    alice = trial.person("alice", totp=True)

    ask(trial.visitor(), alice.username)
    trial.run_task("login.reset")

    mail = trial.mails(alice.address)[-1]
    assert mail.subject == "Test: Choose another password"
    for text in (mail.text, mail.html):
        assert BANNER in text
        assert BUGS in text
    assert HELP in mail.text
    assert mail.link.startswith("/account/reset-password/?token=")


def test_what_is_beta_is_marked_and_nothing_else(trial: Site) -> None:
    visitor = trial.visitor()
    visitor.log_in(trial.person("alice", totp=True))

    marked = [
        panel.select_one("h2").text
        for panel in visitor.get(FACTORS, status=200).html.select(".factor:has(.badge-plain)")
    ]
    notes = {
        path: [link["href"] for link in visitor.get(path, status=200).html.select(".beta a")]
        for path in (PROVISION_KEY, PROVISION_TOTP, RECOVERY_CODES)
    }

    assert marked == ["Security key or passkey"]
    assert notes == {PROVISION_KEY: [BUGS], PROVISION_TOTP: [], RECOVERY_CODES: []}


def test_a_site_that_says_nothing_shows_nothing(site: Site) -> None:
    visitor = site.visitor()
    alice = site.person("alice", totp=True)
    visitor.log_in(alice)

    pages = [visitor.get(path, status=200) for path in ("/", FACTORS, PROVISION_TOTP)]

    for page in pages:
        assert not page.html.select(".test-site, .footer-links, .beta, .badge-plain")
    assert not site.mails(alice.address)[-1].subject.startswith("Test")
