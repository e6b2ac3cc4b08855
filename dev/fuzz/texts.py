"""Odd values, and ways to change a text or bytes in a few places."""

from collections.abc import Callable, Sequence
from random import Random

ODD = (
    "",
    " ",
    "\t \u200b\ufeff",
    "0",
    "-1",
    "1e999",
    "9" * 400,
    "NaN",
    "null",
    "true",
    "[]",
    "{}",
    "None",
    "a\r\nSet-Cookie: x=y",
    "a\x00b",
    "a\x01b\x1b[31m\x7f",
    "\ud800",
    "\uffff",
    "\U0001d54f\U0010ffff",
    "e" + "\u0301" * 300,
    "\u202eabc",
    "\u0130\u0131\u017f\u1e9e",  # letters that change in number when their case does
    "\uff11\uff12\uff13\uff14\uff15\uff16",
    "\ufdfa" * 60,  # each is eighteen characters after NFKC
    "'\"; DROP TABLE users; --",
    "%s%n{0}{{7*7}}${x}",
    "%00%ff%c0%80%",
    "../../../etc/passwd",
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "<script>alert(1)</script>",
    "00000000-0000-0000-0000-000000000000",
    "{00000000-0000-0000-0000-000000000000}",
    "urn:uuid:00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "a@" + "b" * 250 + ".example",
    "x@xn--.example",
    '"a b"@example.org',
    "=?utf-8?q?a?=@example.org",
    "A" * 43,
    "A" * 22,
    "_" * 43,
    "=" * 8,
    "A" * 5000,
    "x" * 60_000,
)
ALPHABETS = (
    "0123456789",
    "0123456789abcdef-",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    " \t\r\n;,=&%+\"'\\/<>{}[]()#?@:",
    "\x00\x01\x7f\x80\xff\u0100\u0301\u200b\u202e\ud800\ufeff\uffff\U0001f600",
)


def odd_text(random: Random) -> str:
    if random.random() < 0.7:
        return random.choice(ODD)
    alphabet = random.choice(ALPHABETS)
    return "".join(random.choice(alphabet) for _ in range(random.randrange(40)))


def changed_text(random: Random, text: str) -> str:
    """Return the text with something put in, cut out, replaced, repeated or cased otherwise."""
    return random.choice(TEXT_CHANGES)(random, text)


def _put_in(random: Random, text: str) -> str:
    place = random.randint(0, len(text))
    return text[:place] + random.choice(random.choice(ALPHABETS)) + text[place:]


def _cut_out(random: Random, text: str) -> str:
    place = random.randint(0, len(text))
    return text[:place] + text[place + random.randint(1, 4) :]


def _replaced(random: Random, text: str) -> str:
    place = random.randint(0, len(text))
    return text[:place] + random.choice(random.choice(ALPHABETS)) + text[place + 1 :]


def _cut_off(random: Random, text: str) -> str:
    return text[: random.randint(0, len(text))]


def _repeated(random: Random, text: str) -> str:
    return text * random.randint(2, 5) if len(text) < 5000 else text


def _joined(random: Random, text: str) -> str:
    return text + odd_text(random) if random.random() < 0.5 else odd_text(random) + text


def _cased(random: Random, text: str) -> str:
    return text.swapcase()


TEXT_CHANGES: Sequence[Callable[[Random, str], str]] = (
    _put_in,
    _cut_out,
    _replaced,
    _cut_off,
    _repeated,
    _joined,
    _cased,
)


def changed_bytes(random: Random, data: bytes) -> bytes:
    """Return bytes with a few of them flipped, cut out, put in, or set to a border value."""
    changed = bytearray(data)
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(changed) + 1)
        match random.randrange(5):
            case 0 if place < len(changed):
                changed[place] ^= 1 << random.randrange(8)
            case 1:
                del changed[place : place + random.randint(1, 8)]
            case 2:
                changed[place:place] = random.randbytes(random.randint(1, 8))
            case 3 if place < len(changed):
                changed[place] = random.choice((0x00, 0x7F, 0x80, 0xFF, 0x1B, 0x3B, 0x5F, 0x9F))
            case 4:
                del changed[place:]
    return bytes(changed)
