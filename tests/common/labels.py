"""Names that people give to their applications and keys: what is shown, and what is refused."""

from html import escape

from webtest import TestResponse

from tests.common.site import Mail

SHOWN = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} %(username)s {0} ${x}",
    "& &amp; &#60;",
    "\U0001f4f1 phone \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u05de\u05e4\u05ea\u05d7",
    "x" * 64,
    "\U0001f511" * 64,
]
REFUSED = {
    "empty": "",
    "blank": "   ",
    "65 characters": "x" * 65,
    "8000 characters": "x" * 8_000,
    "line break": "one\r\ntwo",
    "line feed": "one\ntwo",
    "mail header": "one\r\nBcc: evil@example.org",
    "tab": "one\ttwo",
    "escape": "\x1b[31mred",
    "delete": "one\x7ftwo",
    "C1 control": "one\x9btwo",
    "right-to-left override": "one\u202etwo",
    "isolate": "one\u2066two",
    "line separator": "one\u2028two",
    "byte order mark": "one\ufefftwo",
}


def assert_shown(page: TestResponse, factor: str, label: str) -> None:
    """Assert that the page of all factors shows a name as it was typed, and nothing else of it."""
    assert page.html.select_one(f".factor-{factor} .credential-label").text == label
    assert str(escape(label, quote=False)) in page.text.replace("&#34;", '"').replace("&#39;", "'")
    assert not page.html.select("img[onerror], script:not([src]), [onmouseover]")


def assert_told(mail: Mail, label: str) -> None:
    """Assert that a mail names what was set up, as text."""
    assert label in mail.text
    assert "<script" not in mail.html
    assert "<img" not in mail.html
    assert label not in mail.subject
