"""Photograph every page in every state: `python -m dev.screenshots [NAME …] [--looks LOOK …]`.

What there is to photograph is listed in tests/browser/states.py; a NAME is one of its functions, or
a pattern such as "reset*". Mails that were sent on the way are photographed, too. The pictures go
to var/screenshots/, named after the state and the look.
"""

import argparse
import logging
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.states import STATES, State
from tests.common.browser import LAUNCH_ARGS, find_chromium
from tests.common.databases import migrated_database
from tests.common.served import ServedSite
from tests.common.site import Mail
from tests.common.surfer import Surfer
from warehouse_mfa import logs

FOLDER = Path("var/screenshots")
PICTURES = Path("dev/pictures")
PATIENCE_MS = 20_000


class Look(NamedTuple):
    """How wide the page is, and what the browser says that its person prefers."""

    width: int
    media: dict[str, Any]
    language: str = "en"


LIGHT, DARK = {"color_scheme": "light"}, {"color_scheme": "dark"}
LOOKS = {
    "desktop-light": Look(1280, LIGHT),
    "desktop-dark": Look(1280, DARK),
    "phone-light": Look(390, LIGHT),
    "phone-dark": Look(390, DARK),
    "desktop-arabic": Look(1280, LIGHT, language="ar"),
    "phone-arabic": Look(390, LIGHT, language="ar"),
    # By their name only.
    "tablet": Look(820, LIGHT),
    "wide": Look(1920, LIGHT),
    "narrowest": Look(320, LIGHT),
    "contrast-light": Look(1280, {**LIGHT, "contrast": "more"}),
    "contrast-dark": Look(1280, {**DARK, "contrast": "more"}),
    "forced-light": Look(1280, {**LIGHT, "forced_colors": "active"}),
    "forced-dark": Look(1280, {**DARK, "forced_colors": "active"}),
    "paper": Look(794, {**LIGHT, "media": "print"}),
    "phone-french": Look(390, LIGHT, language="fr"),
}
USUAL = list(LOOKS)[:6]
# What the README shows: states, and how large the window is.
DESKTOP, PHONE = (1100, 720), (390, 780)
SHOWN = {
    "home": DESKTOP,
    "overview_with_codes": DESKTOP,
    "enroll_totp": DESKTOP,
    "use_key": PHONE,
    "repair": PHONE,
    "overview_with_nothing_left_to_do": PHONE,
}
# What the mode for one page leaves to the next.
NORMAL = {"media": "screen", "forced_colors": "none", "contrast": "no-preference"}
WITHOUT_SCRIPT = ("add_key", "use_key", "step_up_with_key", "reset_with_key")


def main() -> None:
    options = _options()
    logs.configure(logging.ERROR)
    logging.disable(logging.WARNING)
    expect.set_options(timeout=PATIENCE_MS)
    with _everything() as (chromium, site):
        if options.readme:
            _photograph_for_readme(chromium, site)
        else:
            _photograph_all(chromium, site, options)


def _photograph_all(chromium: Browser, site: ServedSite, options: argparse.Namespace) -> None:
    states = [one for one in STATES if _is_wanted(one.reach.__name__, options.names)]
    looks = {name: LOOKS[name] for name in options.looks}
    FOLDER.mkdir(parents=True, exist_ok=True)
    mails: dict[str, tuple[str, Mail]] = {}
    for state in states:
        for language in dict.fromkeys(look.language for look in looks.values()):
            _photograph(chromium, site, state, language, looks)
            # Most people of the tests have chosen no language, and get English mails all the same.
            for mail in site.mails():
                mails.setdefault(mail.subject, (language, mail))
            site.reset()
        if state.reach.__name__ in WITHOUT_SCRIPT:
            _photograph_without_script(chromium, site, state)
            site.reset()
    for language, mail in mails.values():
        _photograph_mail(chromium, language, mail, looks)
    print(f"{len(states)} states and {len(mails)} mails are in {FOLDER}/.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dev.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a state, or a pattern of them")
    parser.add_argument("--looks", nargs="+", choices=LOOKS, default=USUAL, metavar="LOOK",
                        help=f"of {', '.join(LOOKS)}; without it the first six")  # fmt: skip
    parser.add_argument("--readme", action="store_true",
                        help=f"only the pictures of the README, into {PICTURES}/")  # fmt: skip
    return parser.parse_args()


def _is_wanted(name: str, patterns: Iterable[str]) -> bool:
    return not patterns or any(fnmatch(name, pattern) for pattern in patterns)


@contextmanager
def _everything() -> Iterator[tuple[Browser, ServedSite]]:
    with (
        TemporaryDirectory() as folder,
        migrated_database("sqlite", Path(folder)) as url,
        ServedSite(url) as site,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=LAUNCH_ARGS)
        yield chromium, site
        chromium.close()


def _photograph(
    chromium: Browser, site: ServedSite, state: State, language: str, looks: dict[str, Look]
) -> None:
    with _browser(chromium, site, language) as surfer:
        state.reach(surfer, site)
        for look_name, look in looks.items():
            if look.language == language:
                _take(surfer.page, look, f"{state.reach.__name__}-{look_name}")


def _photograph_for_readme(chromium: Browser, site: ServedSite) -> None:
    """Take what fits into the window, in light, as small as a picture in a README is shown."""
    PICTURES.mkdir(exist_ok=True)
    for state in STATES:
        name = state.reach.__name__
        if name in SHOWN:
            width, height = SHOWN[name]
            viewport = {"width": width, "height": height}
            with _browser(chromium, site, viewport=viewport, color_scheme="light") as surfer:
                state.reach(surfer, site)
                # Playwright writes PNG, which would be twice as large.
                session = surfer.context.new_cdp_session(surfer.page)
                taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": 85})
                (PICTURES / f"{name}.webp").write_bytes(b64decode(taken["data"]))
            site.reset()


def _photograph_without_script(chromium: Browser, site: ServedSite, state: State) -> None:
    with _browser(chromium, site, java_script_enabled=False) as surfer:
        state.reach(surfer, site)
        for look_name in ("desktop-light", "phone-dark"):
            name = f"{state.reach.__name__}-without-script-{look_name}"
            _take(surfer.page, LOOKS[look_name], name)


@contextmanager
def _browser(
    chromium: Browser, site: ServedSite, language: str = "en", **options: Any
) -> Iterator[Surfer]:
    context = chromium.new_context(locale=language, reduced_motion="reduce", **options)
    yield Surfer(context, site.origin, language)
    context.close()


def _photograph_mail(chromium: Browser, language: str, mail: Mail, looks: dict[str, Look]) -> None:
    name = "mail-" + re.sub(r"[\W_]+", "-", mail.subject.lower()).strip("-")
    (FOLDER / f"{name}.txt").write_text(f"{mail.subject}\n\n{mail.text}")
    page = chromium.new_page()
    page.set_content(mail.html)
    for look_name, look in looks.items():
        if look.language == language:
            _take(page, look, f"{name}-{look_name}")
    page.close()


def _take(page: Page, look: Look, name: str) -> None:
    page.set_viewport_size({"width": look.width, "height": 800})
    page.emulate_media(**{**NORMAL, **look.media})
    page.wait_for_load_state()
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True)


if __name__ == "__main__":
    main()
