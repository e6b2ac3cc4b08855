"""Which browser it was, in words of ours."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse_mfa.events.agents import BROWSERS, SYSTEMS, browser_of

UNKNOWN = "Unknown program"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
NAMES = {
    f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/141.0.0.0 Safari/537.36": "Chrome on Linux",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0": "Firefox on Linux",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0.0.0 Safari/537.36 "
    "Edg/141.0.0.0": "Edge on Windows",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/141.0.0.0 Safari/537.36 "
    "OPR/125.0.0.0": "Opera on Windows",
    f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 "
    "Mobile Safari/537.36": "Samsung Internet on Android",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/141.0.0.0 Safari/537.36": (
        "Chrome on ChromeOS"
    ),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.0 Safari/605.1.15": "Safari on macOS",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15": "Firefox on iOS",
    "Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "CriOS/141.0.0.0 Mobile/15E148 Safari/604.1": "Chrome on iPadOS",
    "Firefox/145.0": "Firefox",
    "curl/8.14.1": UNKNOWN,
    "Something (Linux)": "Unknown program on Linux",
    "": UNKNOWN,
}
OURS = {UNKNOWN, *(name for _, name in BROWSERS)}
OUR_ANSWERS = OURS | {f"{program} on {system}" for program in OURS for _, system in SYSTEMS}


def words_for(agent: str | None) -> str:
    return str(browser_of(agent).interpolate())


@pytest.mark.parametrize(("agent", "name"), NAMES.items(), ids=NAMES.values())
def test_a_browser_is_called_by_its_own_name_and_that_of_its_system(agent: str, name: str) -> None:
    assert words_for(agent) == name


def test_a_browser_that_says_nothing_has_no_name() -> None:
    assert words_for(None) == UNKNOWN


@pytest.mark.attack("P-102")
@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=40),
    st.sampled_from([mark for mark, _ in (*BROWSERS, *SYSTEMS)]),
    st.sampled_from(["${browser}", "${system}", "<b>", "\u202e", "\r\n", "\x1b[31m", "%(x)s"]),
)
def test_nothing_that_a_stranger_writes_is_in_the_name(text: str, mark: str, trick: str) -> None:
    assert words_for(f"{trick}{text}{mark}{text}{trick}") in OUR_ANSWERS
