"""Codes and time steps, against the published vectors."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.common import vectors
from warehouse_mfa.totp import algorithm

RFC4226 = vectors.load("totp")["rfc4226"]
RFC6238 = vectors.load("totp")["rfc6238"]
SECRET = bytes.fromhex(RFC4226["secret_hex"])
SHA1 = [vector for vector in RFC6238["vectors"] if vector["algorithm"] == "SHA1"]
OTHERS = [vector for vector in RFC6238["vectors"] if vector["algorithm"] != "SHA1"]
NOON = datetime(2026, 12, 1, 12, 0, 0, tzinfo=UTC)

SECRETS = st.binary(min_size=20, max_size=20)
TIMES = st.integers(86_400, 2**33).map(lambda second: datetime.fromtimestamp(second, UTC))
NAMES = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cc"]), min_size=1
).filter(lambda name: name.strip() == name and ":" not in name)


def time_of(vector: Any) -> datetime:
    return datetime.fromtimestamp(vector["time"], UTC)


def id_of(vector: Any) -> str:
    return f"{vector['algorithm']}-{vector['time']}"


# Vectors


@pytest.mark.parametrize("vector", RFC4226["vectors"], ids=lambda vector: str(vector["counter"]))
def test_code_of_gives_the_codes_of_rfc_4226(vector: Any) -> None:
    assert algorithm.code_of(SECRET, vector["counter"]) == vector["hotp"]


@pytest.mark.parametrize("vector", RFC4226["vectors"], ids=lambda vector: str(vector["counter"]))
def test_code_of_gives_eight_digits_of_the_truncated_value_of_rfc_4226(vector: Any) -> None:
    expected = f"{vector['truncated_decimal'] % 10**8:08d}"

    assert algorithm.code_of(SECRET, vector["counter"], digits=8) == expected


@pytest.mark.parametrize("vector", SHA1, ids=id_of)
def test_code_of_gives_the_eight_digits_of_rfc_6238(vector: Any) -> None:
    step = algorithm.step_at(time_of(vector))

    assert algorithm.code_of(SECRET, step, digits=8) == vector["totp"]


@pytest.mark.parametrize("vector", SHA1, ids=id_of)
def test_code_of_gives_the_six_digits_of_rfc_6238(vector: Any) -> None:
    step = algorithm.step_at(time_of(vector))

    assert algorithm.code_of(SECRET, step) == vector["totp_6_digits"]


@pytest.mark.parametrize("vector", RFC6238["vectors"], ids=id_of)
def test_step_at_gives_the_steps_of_rfc_6238(vector: Any) -> None:
    step = algorithm.step_at(time_of(vector))

    assert (step, f"{step:016X}") == (vector["step"], vector["step_hex"])


@pytest.mark.parametrize("vector", SHA1, ids=id_of)
def test_matching_step_takes_the_codes_of_rfc_6238(vector: Any) -> None:
    at = time_of(vector)

    assert algorithm.matching_step(SECRET, vector["totp_6_digits"], at) == vector["step"]


@pytest.mark.parametrize("vector", OTHERS, ids=id_of)
def test_matching_step_refuses_the_codes_of_other_hash_functions(vector: Any) -> None:
    secret = bytes.fromhex(RFC6238["secrets"][vector["algorithm"]]["hex"])

    assert algorithm.matching_step(secret, vector["totp_6_digits"], time_of(vector)) is None


def test_to_base32_gives_the_secret_of_the_vectors() -> None:
    assert algorithm.to_base32(SECRET) == RFC4226["secret_base32"]


# Time steps


@pytest.mark.parametrize("drift", [-1, 0, 1])
@pytest.mark.parametrize("seconds", [0, 1, 29.999], ids=["first", "second", "last"])
def test_matching_step_takes_the_step_before_this_and_the_next(drift: int, seconds: float) -> None:
    at = NOON + timedelta(seconds=seconds)
    code = algorithm.code_of(SECRET, algorithm.step_at(NOON) + drift)

    assert algorithm.matching_step(SECRET, code, at) == algorithm.step_at(NOON) + drift


@pytest.mark.parametrize("drift", [-20, -3, -2, 2, 3, 20])
def test_matching_step_refuses_steps_further_away(drift: int) -> None:
    code = algorithm.code_of(SECRET, algorithm.step_at(NOON) + drift)

    assert algorithm.matching_step(SECRET, code, NOON) is None


@pytest.mark.parametrize("digits", [7, 8])
def test_matching_step_refuses_other_numbers_of_digits(digits: int) -> None:
    code = algorithm.code_of(SECRET, algorithm.step_at(NOON), digits=digits)

    assert algorithm.matching_step(SECRET, code, NOON) is None


def test_matching_step_refuses_the_digits_of_another_script() -> None:
    code = algorithm.code_of(SECRET, algorithm.step_at(NOON))
    fullwidth = "".join(chr(ord("\uff10") + int(digit)) for digit in code)

    assert algorithm.matching_step(SECRET, fullwidth, NOON) is None


def test_step_at_changes_every_thirty_seconds() -> None:
    step = algorithm.step_at(NOON)

    assert algorithm.step_at(NOON - timedelta(microseconds=1)) == step - 1
    assert algorithm.step_at(NOON + timedelta(seconds=29, microseconds=999_999)) == step
    assert algorithm.step_at(NOON + timedelta(seconds=30)) == step + 1


@settings(deadline=None)
@given(secret=SECRETS, at=TIMES, drift=st.integers(-3, 3))
def test_a_matching_step_is_near_and_has_that_code(secret: bytes, at: datetime, drift: int) -> None:
    now = algorithm.step_at(at)
    code = algorithm.code_of(secret, now + drift)

    step = algorithm.matching_step(secret, code, at)

    assert step is not None or abs(drift) > 1
    assert step is None or (abs(step - now) <= 1 and algorithm.code_of(secret, step) == code)


# What was typed


@pytest.mark.parametrize(
    "text",
    ["123456", " 123456 ", "123 456", "12 34 56", "1 2 3 4 5 6", "123\t456", "123\u00a0456"],
)
def test_parse_code_forgives_blanks(text: str) -> None:
    assert algorithm.parse_code(text) == "123456"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "12345",
        "1234567",
        "-12345",
        "+12345",
        "1e5000",
        "0x1234",
        "12345.",
        "123-456",
        "123_456",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "12345\uff16",
        "١٢٣٤٥٦",
        "12345²",
        "null",
        "[]",
        "123456\0",
        "123456\u200b",
        "1" * 100_000,
    ],
)
def test_parse_code_refuses_everything_but_six_ascii_digits(text: str) -> None:
    assert algorithm.parse_code(text) is None


@settings(deadline=None)
@given(st.text() | st.text(st.sampled_from("0123456789٣\uff16 \t\n\u2003-")))
def test_parse_code_gives_six_ascii_digits_or_nothing(text: str) -> None:
    code = algorithm.parse_code(text)

    assert code is None or (re.fullmatch("[0-9]{6}", code) and code == "".join(text.split()))


# Links


@pytest.mark.attack("P-040")
@pytest.mark.parametrize("account", ["alice", "al:ice", "al&ice", "al%ice", "al ice?#/", "ålice"])
@pytest.mark.parametrize("issuer", ["Package Index", "Tom & Co", "100%", "A/B?c=d#e", "Índex"])
def test_provisioning_uri_escapes_issuer_and_account(account: str, issuer: str) -> None:
    uri = algorithm.provisioning_uri(SECRET, account=account, issuer=issuer)

    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("otpauth", "totp", "")
    assert [unquote(part) for part in parts.path[1:].split(":")] == [issuer, account]
    assert parse_qs(parts.query, strict_parsing=True) == {
        "secret": [RFC4226["secret_base32"]],
        "issuer": [issuer],
    }
    assert uri.isascii()


@settings(deadline=None)
@given(secret=SECRETS, account=NAMES, issuer=NAMES)
def test_an_application_reads_from_the_uri_what_was_put_into_it(
    secret: bytes, account: str, issuer: str
) -> None:
    read = pyotp.parse_uri(algorithm.provisioning_uri(secret, account=account, issuer=issuer))

    assert isinstance(read, pyotp.TOTP)
    assert (read.name, read.issuer, read.byte_secret()) == (account, issuer, secret)
    assert (read.digits, read.interval, read.digest().name) == (6, 30, "sha1")
