"""The page that shows recovery codes once, and the ways to keep them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.common.people import Person
from tests.common.served import ServedSite
from tests.common.surfer import ACCOUNT, OpenBrowser, Surfer
from tests.common.visitor import RECOVERY_CODES

STORED = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, await indexedDB.databases(), await caches.keys(),
])"""


def show(surfer: Surfer, site: ServedSite, person: Person) -> list[str]:
    """Make codes for a person who is logged in, and return what the page shows."""
    surfer.skip_login(site.visitor(), person)
    surfer.make_recovery_codes(person)
    assert len(person.recovery_codes) == 8
    return person.recovery_codes


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_the_file_has_all_eight(
    open_browser: OpenBrowser,
    site: ServedSite,
    user_with_totp: Person,
    tmp_path: Path,
    has_script: bool,
) -> None:
    surfer = open_browser(java_script_enabled=has_script)
    codes = show(surfer, site, user_with_totp)

    with surfer.page.expect_download() as download:
        surfer.follow("Download")

    assert download.value.suggested_filename == "recovery-codes.txt"
    download.value.save_as(tmp_path / "codes.txt")
    assert (tmp_path / "codes.txt").read_text().split() == codes


def test_they_can_be_copied(
    open_browser: OpenBrowser, site: ServedSite, user_with_totp: Person
) -> None:
    surfer = open_browser(permissions=["clipboard-read", "clipboard-write"])
    codes = show(surfer, site, user_with_totp)

    surfer.press("Copy")

    expect(surfer.button("Copied")).to_be_visible()
    expect(surfer.page.locator("[data-copy-status]")).to_have_text("Copied")
    assert surfer.page.evaluate("navigator.clipboard.readText()") == "\n".join(codes)


def test_they_can_be_printed(surfer: Surfer, site: ServedSite, user_with_totp: Person) -> None:
    surfer.context.add_init_script("print = () => { window.wasPrinted = true; }")
    show(surfer, site, user_with_totp)

    surfer.press("Print")

    assert surfer.page.evaluate("window.wasPrinted")


def test_without_script_no_button_does_nothing(
    open_browser: OpenBrowser, site: ServedSite, user_with_totp: Person
) -> None:
    surfer = open_browser(java_script_enabled=False)

    show(surfer, site, user_with_totp)

    expect(surfer.page.locator("[data-copy], [data-print]")).to_have_count(2)
    for button in surfer.page.locator("[data-copy], [data-print]").all():
        expect(button).to_be_hidden()


def test_paper_has_the_codes_and_whose_they_are_and_nothing_else(
    surfer: Surfer, site: ServedSite, user_with_totp: Person
) -> None:
    codes = show(surfer, site, user_with_totp)

    surfer.page.emulate_media(media="print", color_scheme="dark")

    told = re.sub(r"\s+", " ", surfer.page.locator("body").inner_text())
    assert told.strip() == (f"Recovery codes of alice at Package Index {' '.join(codes)}")
    ink = "getComputedStyle(document.querySelector('.codes code')).color"
    assert surfer.page.evaluate(ink) == "rgb(0, 0, 0)"


@pytest.mark.attack("P-048")
def test_the_browser_keeps_none(surfer: Surfer, site: ServedSite, user_with_totp: Person) -> None:
    codes = show(surfer, site, user_with_totp)

    kept = surfer.page.evaluate(STORED) + str(surfer.context.cookies())
    surfer.follow("Later")
    surfer.arrives(ACCOUNT)
    surfer.go(RECOVERY_CODES)

    assert not any(code in kept for code in codes)
    expect(surfer.page.locator("main")).to_contain_text("8 codes left")
    expect(surfer.page.locator("main")).not_to_contain_text(codes[0])


def test_one_pasted_back_proves_that_they_are_kept(
    open_browser: OpenBrowser, site: ServedSite, user_with_totp: Person
) -> None:
    surfer = open_browser(permissions=["clipboard-read", "clipboard-write"])
    codes = show(surfer, site, user_with_totp)

    surfer.page.evaluate("code => navigator.clipboard.writeText(code)", f" {codes[3].lower()}\n")
    surfer.page.get_by_label("Recovery code").focus()
    surfer.page.keyboard.press("Control+V")
    surfer.press("Check this code")

    expect(surfer.page.get_by_role("status")).to_contain_text("Your recovery codes are kept.")
    assert site.tags()[-1] == "account:recovery-codes:proved"
