"""Settings: read once, checked whole, refused with a sentence for every problem."""

import os
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from translationstring import TranslationString

from tests.common.site import KEYS
from warehouse_mfa import settings
from warehouse_mfa.config import CAPABILITIES
from warehouse_mfa.crypto.passwords import RECOMMENDED, HashParameters
from warehouse_mfa.settings import BadSettings, BetaPart, SecondFactorPolicy, Settings

SITE = "https://pypi.example"
PRODUCTION = {
    "ORIGIN": SITE,
    "SECRET_KEYS": KEYS,
    "SMTP_URL": "smtp://robot:secret@mail.example:587?starttls=required",
    "MAIL_FROM": "noreply@pypi.example",
    "SECURITY_CONTACT": "mailto:security@pypi.example",
}
DEVELOPMENT = {"ENVIRONMENT": "development", "SECRET_KEYS": KEYS}


def load(base: dict[str, str] = PRODUCTION, /, **changed: str | None) -> Settings:
    """Load settings; `None` takes one away."""
    values = {name: value for name, value in {**base, **changed}.items() if value is not None}
    return settings.load({f"WAREHOUSE_MFA_{name}": value for name, value in values.items()})


def problems(base: dict[str, str] = PRODUCTION, /, **changed: str | None) -> list[str]:
    with pytest.raises(BadSettings) as refused:
        load(base, **changed)
    return refused.value.problems


# What is needed


def test_production_needs_nothing_more_than_this() -> None:
    loaded = load()

    assert loaded.is_https
    assert not loaded.is_development
    assert loaded.host == loaded.relying_party_id == "pypi.example"


def test_an_empty_environment_is_told_everything_that_production_needs() -> None:
    found = problems({})

    assert [sentence.split()[0] for sentence in found] == [
        "WAREHOUSE_MFA_ORIGIN",
        "WAREHOUSE_MFA_SECRET_KEYS",
        "WAREHOUSE_MFA_SMTP_URL",
        "WAREHOUSE_MFA_MAIL_FROM",
        "WAREHOUSE_MFA_SECURITY_CONTACT",
    ]


def test_development_needs_keys_only() -> None:
    loaded = load(DEVELOPMENT)

    assert loaded.is_development
    assert loaded.origin == "http://localhost:8000"
    assert loaded.host == "localhost:8000"
    assert loaded.relying_party_id == "localhost"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"ORIGIN": None},
            "WAREHOUSE_MFA_ORIGIN is not set: give the address people see, "
            "such as https://pypi.example.",
        ),
        ({"ORIGIN": "http://pypi.example"}, "must be https; http is for localhost in development."),
        ({"ORIGIN": "http://localhost:8000"}, "must be https; http is for localhost"),
        ({"SMTP_URL": None}, "WAREHOUSE_MFA_SMTP_URL is not set: mails could not be sent."),
        ({"MAIL_FROM": None}, "WAREHOUSE_MFA_MAIL_FROM is not set"),
        ({"SECURITY_CONTACT": "security@pypi.example"}, "starts with https: or mailto:"),
        ({"SECURITY_CONTACT": "mailto:"}, "starts with https: or mailto:"),
        ({"SECURITY_CONTACT": "https:"}, "starts with https: or mailto:"),
        ({"SECURITY_CONTACT": "mailto:a@b\nEncryption: x"}, "starts with https: or mailto:"),
        ({"SECURITY_CONTACT": "https://pypi.example/\nx"}, "starts with https: or mailto:"),
        ({"SECURITY_CONTACT": "http://pypi.example/"}, "must be a mailto: or https: address"),
        (
            {"PASSWORD_HASH": "argon2id:m=38911,t=1,p=1"},
            "WAREHOUSE_MFA_PASSWORD_HASH is weaker than argon2id:m=47104,t=1,p=1.",
        ),
        ({"PASSWORD_HASH": "argon2id:m=8,t=1,p=1"}, "is weaker than"),
        ({"SECRET_KEYS": None}, "`warehouse-mfa keys generate` makes one."),
    ],
)
def test_what_is_unsafe_in_production_is_refused(
    changed: dict[str, str | None], sentence: str
) -> None:
    (found,) = problems(**changed)

    assert sentence in found


def test_the_second_choice_of_owasp_is_strong_enough_for_production() -> None:
    assert load(PASSWORD_HASH="argon2id:m=19456,t=2,p=1").password_hash.passes == 2


def test_development_may_hash_cheaply() -> None:
    loaded = load(DEVELOPMENT, PASSWORD_HASH="argon2id:m=8,t=1,p=1")

    assert loaded.password_hash == HashParameters(8, 1, 1)


def test_the_defaults_are_those_of_the_requirements() -> None:
    loaded = load()

    assert loaded.password_hash == RECOMMENDED
    assert loaded.session_idle == timedelta(hours=1)
    assert loaded.session_lifetime == timedelta(hours=12)
    assert loaded.second_factor is SecondFactorPolicy.REQUIRED
    assert [str(item) for item in loaded.limit_code_user] == [
        "5 per 5 minute",
        "20 per 1 hour",
        "50 per 1 day",
    ]
    assert str(loaded.limit_login_address[0]) == "10 per 5 minute"
    assert [delay / timedelta(minutes=1) for delay in loaded.login_delays] == [1, 2, 4, 8, 15]
    assert loaded.limit_totp_streak == 100


def test_the_meaning_of_every_setting_can_be_said_in_other_languages() -> None:
    meanings = {name: field.description for name, field in Settings.model_fields.items()}

    assert [
        name for name, text in meanings.items() if not isinstance(text, TranslationString)
    ] == []


# Every problem, a sentence each


def test_all_problems_are_told_at_once() -> None:
    found = problems(NONSENSE="1", SESSION_IDLE="soon", LIMIT_CODE_USER="many", SMTP_URL="mail")

    assert [sentence.split()[0].rstrip(":") for sentence in found] == [
        "WAREHOUSE_MFA_NONSENSE",
        "WAREHOUSE_MFA_SMTP_URL",
        "WAREHOUSE_MFA_SESSION_IDLE",
        "WAREHOUSE_MFA_LIMIT_CODE_USER",
    ]


def test_a_problem_is_one_line_that_names_the_setting_and_ends() -> None:
    wrong = {name.upper(): "\x01" for name in Settings.model_fields}

    found = problems(wrong, NONSENSE="1")

    assert len(found) >= len(wrong) - 4, "ORIGIN, RP_ID and the keys are looked at afterwards"
    for sentence in found:
        assert sentence.startswith("WAREHOUSE_MFA_")
        assert sentence.endswith(".")
        assert "\n" not in sentence


def test_the_text_of_the_exception_has_every_problem_on_a_line() -> None:
    with pytest.raises(BadSettings) as refused:
        load({})

    assert str(refused.value).splitlines() == refused.value.problems


@pytest.mark.parametrize(
    "name",
    [
        "NONSENSE",
        "ORIGINS",
        "origin",
        "Origin",
        "_ORIGIN",
        "",
        "ORIGIN_FILE",
        "MAIL_FROM_FILE",
        "secret_keys_FILE",
        "NONSENSE_FILE",
        "IS_DEVELOPMENT",
    ],
)
def test_a_name_with_our_prefix_that_is_no_setting_is_refused(name: str) -> None:
    (found,) = problems(**{name: "value"})

    assert found == (f"WAREHOUSE_MFA_{name} is not a setting. `warehouse-mfa settings` lists them.")


@pytest.mark.parametrize("name", ["warehouse_mfa_origin", "Warehouse_MFA_ORIGIN"])
def test_a_setting_in_other_letters_is_refused_and_not_passed_over(name: str) -> None:
    environ = {f"WAREHOUSE_MFA_{key}": value for key, value in PRODUCTION.items()}

    with pytest.raises(BadSettings) as refused:
        settings.load({**environ, name: SITE})

    assert refused.value.problems == [
        f"{name} is not a setting. `warehouse-mfa settings` lists them."
    ]


def test_names_of_others_are_nobodys_business() -> None:
    environ = {f"WAREHOUSE_MFA_{name}": value for name, value in PRODUCTION.items()}

    loaded = settings.load({**environ, "PATH": "/bin", "WAREHOUSE_ORIGIN": "x", "ORIGIN": "y"})

    assert loaded.origin == SITE


def test_no_problem_shows_a_secret() -> None:
    found = problems(
        SECRET_KEYS="new:c2VjcmV0",
        SMTP_URL="smtp://robot:secret@mail.example?starttls=yes",
        DATABASE_URL="mysql://robot:secret@database.example/name",
        REDIS_URL="memcached://:secret@cache.example",
    )

    assert len(found) == 3, "the keys are looked at when the rest can be read"
    assert "secret" not in "".join(found)
    assert "c2VjcmV0" not in "".join(problems(SECRET_KEYS="new:c2VjcmV0"))


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    loaded = load(DATABASE_URL="postgresql+psycopg://robot:hidden@/name")

    shown = f"{loaded!r} {loaded}"

    assert KEYS not in shown
    assert "secret" not in shown.replace("secret_keys", "")
    assert "hidden" not in shown


# Secrets from files


@pytest.mark.parametrize("name", ["SECRET_KEYS", "DATABASE_URL", "REDIS_URL", "SMTP_URL"])
def test_a_secret_may_stand_in_a_file(name: str, tmp_path: Path) -> None:
    values = {
        **PRODUCTION,
        "DATABASE_URL": "sqlite:///elsewhere.sqlite3",
        "REDIS_URL": "redis://:password@cache.example/0",
    }
    file = tmp_path / "secret"
    file.write_text(f"{values[name]}\n")

    loaded = load(values, **{name: None, f"{name}_FILE": str(file)})

    assert getattr(loaded, name.lower()).get_secret_value() == values[name]


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_a_problem(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    if content:
        file.write_bytes(content)

    found = problems(SECRET_KEYS=None, SECRET_KEYS_FILE=str(file))

    assert found[0].startswith("WAREHOUSE_MFA_SECRET_KEYS_FILE names a file that cannot be read")


def test_a_secret_that_is_given_twice_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(KEYS)

    (found,) = problems(SECRET_KEYS_FILE=str(file))

    assert found == (
        "WAREHOUSE_MFA_SECRET_KEYS_FILE is given, and WAREHOUSE_MFA_SECRET_KEYS, too: give one."
    )


# Origins


@pytest.mark.parametrize(
    "origin",
    [
        "https://pypi.example",
        "https://test.pypi.example",
        "https://pypi.example:8443",
        "https://pypi.example:1",
        "https://pypi.example:65535",
        "https://localhost",
        "https://xn--pypi-0ra.example",
        "https://a-b.c1.example",
        "https://1.example",
    ],
)
def test_a_good_origin(origin: str) -> None:
    loaded = load(ORIGIN=origin)

    assert loaded.origin == origin
    assert loaded.host == origin.removeprefix("https://")


@pytest.mark.parametrize("origin", ["http://localhost", "http://localhost:8000"])
def test_an_origin_that_is_good_for_development(origin: str) -> None:
    assert not load(DEVELOPMENT, ORIGIN=origin).is_https
    assert problems(ORIGIN=origin)


BAD_ORIGINS = [
    "pypi.example",
    "//pypi.example",
    "https:pypi.example",
    "https:/pypi.example",
    "https://",
    "https://:8443",
    "https://pypi.example/",
    "https://pypi.example/index",
    "https://pypi.example?",
    "https://pypi.example?a=b",
    "https://pypi.example#",
    "https://pypi.example:",
    "https://pypi.example:443",
    "https://pypi.example:0",
    "https://pypi.example:08443",
    "https://pypi.example:65536",
    "https://pypi.example:+8443",
    "https://pypi.example:eight",
    "https://pypi.example:8443/",
    "https://PyPI.example",
    "HTTPS://pypi.example",
    "https://user@pypi.example",
    "https://user:password@pypi.example",
    "https://pypi.example\\@evil.example",
    "https://pypi.example.",
    "https://.pypi.example",
    "https://pypi..example",
    "https://-pypi.example",
    "https://pypi_index.example",
    "https://pypi example",
    " https://pypi.example",
    "https://pypi.example ",
    "https://pypi.example\n",
    "https://pypi.example\0",
    "https://pypi.example\r\nX: y",
    "https://pypi.example\N{LINE SEPARATOR}",
    "https://b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example",
    "https://pypi\N{FULLWIDTH FULL STOP}example",
    "https://*.pypi.example",
    "https://%70ypi.example",
    "https://192.0.2.1",
    "https://192.0.2.1:8443",
    "https://3221225985",
    "https://[2001:db8::1]",
    "https://[::1",
    "ftp://pypi.example",
    "file:///etc",
    "javascript:alert(1)",
    "null",
    "*",
]


@pytest.mark.parametrize("origin", BAD_ORIGINS)
def test_a_bad_origin(origin: str) -> None:
    (found,) = problems(ORIGIN=origin)

    assert found.startswith("WAREHOUSE_MFA_ORIGIN ")


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost:80", "http://pypi"]
)
def test_an_origin_that_is_bad_for_development_too(origin: str) -> None:
    (found,) = problems(DEVELOPMENT, ORIGIN=origin)

    assert found.startswith("WAREHOUSE_MFA_ORIGIN ")


@pytest.mark.parametrize("rp_id", ["pypi.example", "example"])
def test_the_relying_party_may_be_the_host_or_a_parent_of_it(rp_id: str) -> None:
    assert load(RP_ID=rp_id).relying_party_id == rp_id


def test_the_port_is_no_part_of_the_relying_party() -> None:
    assert load(ORIGIN="https://pypi.example:8443").relying_party_id == "pypi.example"


@pytest.mark.parametrize(
    "rp_id", ["ypi.example", "PYPI.example", ".example", "evil.example", "a.pypi.example", SITE]
)
def test_another_relying_party_is_refused(rp_id: str) -> None:
    (found,) = problems(RP_ID=rp_id)

    assert (
        found
        == "WAREHOUSE_MFA_RP_ID must be the host of WAREHOUSE_MFA_ORIGIN or a parent domain of it."
    )


# Values with a notation


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30 s", timedelta(seconds=30)),
        ("30s", timedelta(seconds=30)),
        ("5 min", timedelta(minutes=5)),
        (" 12 h ", timedelta(hours=12)),
        ("30 d", timedelta(days=30)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, duration: timedelta) -> None:
    assert load(SESSION_IDLE=text).session_idle == duration


@pytest.mark.parametrize(
    "text",
    ["", "1", "h", "-1 h", "+1 h", "0 h", "1.5 h", "1 hour", "1 m", "1 H", "1 h 5 min", "٣ h"],
)
def test_another_duration_is_refused(text: str) -> None:
    (found,) = problems(SESSION_LIFETIME=text)

    assert found == (
        "WAREHOUSE_MFA_SESSION_LIFETIME: "
        "write a number and a unit, such as 30 s, 5 min, 12 h or 30 d."
    )


@pytest.mark.parametrize("name", ["SESSION_IDLE", "SESSION_LIFETIME", "REMEMBER_DEVICE"])
def test_a_duration_for_which_there_may_be_no_date_is_refused(name: str) -> None:
    """Of one that is longer than the years that were, all pages of a session failed."""
    assert load(**{name: "3660 d"})

    (found,) = problems(**{name: "999999 d"})

    assert found == f"WAREHOUSE_MFA_{name}: no duration may be longer than ten years."


def test_limits_are_read_shortest_window_first() -> None:
    limits = load(LIMIT_CODE_USER="50/day, 5 per 5 minutes; 20 per hour").limit_code_user

    assert [(item.amount, item.get_expiry()) for item in limits] == [
        (5, 300),
        (20, 3600),
        (50, 86400),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "write it like 5 per 5 minutes; 20 per hour."),
        ("5", "write it like 5 per 5 minutes; 20 per hour."),
        ("five per hour", "write it like 5 per 5 minutes; 20 per hour."),
        ("-5 per hour", "write it like 5 per 5 minutes; 20 per hour."),
        ("5 per fortnight", "write it like 5 per 5 minutes; 20 per hour."),
        ("5 per hour;", "write it like 5 per 5 minutes; 20 per hour."),
        ("5 per hour and 6 per day", "write it like 5 per 5 minutes; 20 per hour."),
        ("0 per hour", "allow from 1 to 1000000 attempts."),
        ("5 per minute; 1000001 per hour", "allow from 1 to 1000000 attempts."),
        ("5 per hour; 20 per hour", "give each length of time once."),
        ("5 per 60 minutes; 20 per hour", "give each length of time once."),
        ("5 per 2 years", "no window may be longer than a year."),
    ],
)
def test_limits_that_cannot_be_kept_are_refused(text: str, sentence: str) -> None:
    (found,) = problems(LIMIT_LOGIN_USER=text)

    assert found == f"WAREHOUSE_MFA_LIMIT_LOGIN_USER: {sentence}"


def test_delays_are_read_one_after_the_other() -> None:
    assert load(LOGIN_DELAYS="30 s, 1 min,1 min, 1 h").login_delays == (
        timedelta(seconds=30),
        timedelta(minutes=1),
        timedelta(minutes=1),
        timedelta(hours=1),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "write a number and a unit, such as 30 s, 5 min, 12 h or 30 d."),
        ("1 min,", "write a number and a unit, such as 30 s, 5 min, 12 h or 30 d."),
        ("0 min, 1 min", "write a number and a unit, such as 30 s, 5 min, 12 h or 30 d."),
        ("2 min, 1 min", "no delay may be shorter than the one before."),
        ("1 min, 2 h", "no delay may be longer than an hour."),
    ],
)
def test_delays_that_cannot_be_kept_are_refused(text: str, sentence: str) -> None:
    (found,) = problems(LOGIN_DELAYS=text)

    assert found == f"WAREHOUSE_MFA_LOGIN_DELAYS: {sentence}"


@pytest.mark.parametrize("text", ["0", "101", "ten"])
def test_a_row_of_failed_codes_is_stopped_after_a_hundred_at_most(text: str) -> None:
    (found,) = problems(LIMIT_TOTP_STREAK=text)

    assert found.startswith("WAREHOUSE_MFA_LIMIT_TOTP_STREAK: ")


def test_trusted_proxies_are_networks() -> None:
    assert load(TRUSTED_PROXIES="10.0.0.0/8, 2001:db8::/32, 192.0.2.1").trusted_proxies == (
        ip_network("10.0.0.0/8"),
        ip_network("2001:db8::/32"),
        ip_network("192.0.2.1/32"),
    )


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.1/8", "10.0.0.0/33", "*"])
def test_other_proxies_are_refused(text: str) -> None:
    (found,) = problems(TRUSTED_PROXIES=text)

    assert found.startswith("WAREHOUSE_MFA_TRUSTED_PROXIES: write networks such as")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///var/index.sqlite3",
        "sqlite:////srv/index.sqlite3",
        "postgresql+psycopg://robot:secret@database.example:5432/index",
        "postgresql+psycopg://robot@/index?host=/run/postgresql",
        "postgresql://robot@database.example/index",
    ],
)
def test_databases_that_it_runs_on(url: str) -> None:
    assert load(DATABASE_URL=url).database_url.get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "index.sqlite3",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite+aiosqlite:///index.sqlite3",
        "mysql://database.example/index",
        "postgresql+asyncpg://database.example/index",
        "postgresql+psycopg2://database.example/index",
        "postgresql+psycopg://database.example:port/index",
        "postgresql+psycopg://database.example",
    ],
)
def test_another_database_is_refused(url: str) -> None:
    (found,) = problems(DATABASE_URL=url)

    assert found == (
        "WAREHOUSE_MFA_DATABASE_URL: write sqlite:///path or postgresql+psycopg://user@host/name."
    )


@pytest.mark.parametrize(
    "url", ["", "redis://cache.example", "redis://:secret@cache.example:6379/0", "rediss://cache"]
)
def test_redis_and_valkey_are_reached_by_their_addresses(url: str) -> None:
    assert load(REDIS_URL=url).redis_url.get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "cache.example",
        "redis://",
        "redis://cache:port",
        "http://cache",
        "redis://[::1",
        "redis://cache/0 ",
        "redis://cache\n",
    ],
)
def test_another_cache_is_refused(url: str) -> None:
    (found,) = problems(REDIS_URL=url)

    assert found.startswith("WAREHOUSE_MFA_REDIS_URL: write redis://")


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example",
        "smtp://mail.example:25",
        "smtps://robot:p%40ss@mail.example",
        "smtp://robot:secret@mail.example:587?starttls=required",
    ],
)
def test_mail_servers_are_reached_by_their_addresses(url: str) -> None:
    assert load(SMTP_URL=url).smtp_url.get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "mail.example:587",
        "smtp://",
        "smtp://mail.example:port",
        "http://mail.example",
        "smtp://mail.example?starttls=require",
        "smtp://mail.example?starttls=Required",
        "smtp://mail.example?StartTLS=required",
        "smtp://mail.example?tls=required",
        "smtp://mail.example?starttls=required&starttls=off",
        "smtp://mail.example/starttls=required",
        "smtps://mail.example?starttls=required",
        "smtp://mail.example#starttls=required",
        "smtp://mail.example ",
    ],
)
def test_a_mail_server_that_is_misspelled_is_refused_and_never_used_without_tls(url: str) -> None:
    (found,) = problems(SMTP_URL=url)

    assert found.startswith("WAREHOUSE_MFA_SMTP_URL: write smtp://user:password@host:587")


@pytest.mark.parametrize(
    "sender",
    [
        "noreply",
        "@pypi.example",
        "noreply@",
        "Index <noreply@pypi.example>",
        "a@pypi.example, b@pypi.example",
        "a@b@pypi.example",
        "noreply@pypi.example\nBcc: everybody@pypi.example",
        " noreply@pypi.example",
    ],
)
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    (found,) = problems(MAIL_FROM=sender)

    assert found == "WAREHOUSE_MFA_MAIL_FROM: write one address, such as noreply@pypi.example."


@pytest.mark.parametrize("name", ["Package Index", "Índice", "索引", "x" * 64, "A & B <c>"])
def test_the_site_may_have_almost_any_name(name: str) -> None:
    assert load(SITE_NAME=name).site_name == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "x" * 65, "a:b", "a\nb", "a\tb", "a\x7fb", "a\x85b", "a\u2028b", "a\u202eb", "\0"],
)
def test_a_name_that_breaks_mails_or_applications_is_refused(name: str) -> None:
    (found,) = problems(SITE_NAME=name)

    assert found.startswith("WAREHOUSE_MFA_SITE_NAME: write a name of at most 64 characters")


# Whatever is given

NAMES = [f"{name.upper()}{end}" for name in Settings.model_fields for end in ("", "_FILE")]
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from([*BAD_ORIGINS, *PRODUCTION.values(), "development", "1 h", "5 per hour"]),
    st.from_regex(r"(https?|smtps?|rediss?|sqlite|postgresql)://[ -~]{0,30}", fullmatch=True),
    st.from_regex(r"[0-9]{1,30} (per|/) [0-9]{0,30} ?[a-z]{1,8}", fullmatch=True),
    st.from_regex(r"argon2id:m=[0-9]{1,8},t=[0-9]{1,4},p=[0-9]{1,3}", fullmatch=True),
)


@given(given_=st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=20)), TEXTS))
@example(given_={"SECRET_KEYS_FILE": "\0"})
@example(given_={"ORIGIN": "https://\ud800"})
@hypothesis_settings(max_examples=300, deadline=None)
def test_whatever_is_given_settings_load_or_say_why_not(given_: dict[str, str]) -> None:
    try:
        loaded = load({**PRODUCTION, **given_})
    except BadSettings as error:
        told = error.problems
    else:
        told = [f"WAREHOUSE_MFA_ORIGIN is {loaded.origin}, for {loaded.relying_party_id}."]

    assert told
    assert all(problem.startswith("WAREHOUSE_MFA_") for problem in told)


# `.env`


def test_a_dotenv_file_stands_below_the_environment(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# comment\n"
        "\n"
        "A=from file\n"
        " B = 'quoted' \n"
        'C="with = inside"\n'
        "#D=commented\n"
        "no assignment\n"
    )

    found = settings.read_dotenv(file, {"A": "from environment"})

    assert found == {"A": "from environment", "B": "quoted", "C": "with = inside"}


def test_without_a_dotenv_file_the_environment_is_all(tmp_path: Path) -> None:
    assert settings.read_dotenv(tmp_path / ".env", {"A": "b"}) == {"A": "b"}


def test_a_file_of_settings_is_read_whatever_an_editor_made_of_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"\xef\xbb\xbfA=with a mark\nB=caf\xe9\nC=c\n")

    assert settings.read_dotenv(file, {}) == {"A": "with a mark", "B": "caf\ufffd", "C": "c"}


@pytest.mark.parametrize(
    ("line", "is_read"),
    [
        ("WAREHOUSE_MFA_ENVIRONMENT=development", True),
        ("WAREHOUSE_MFA_ENVIRONMENT=production", False),
        ("", False),
    ],
)
def test_the_dotenv_file_is_read_in_development_only(
    line: str, is_read: bool, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"{line}\nWAREHOUSE_MFA_SITE_NAME=From the file\n")
    before = Path.cwd()

    os.chdir(tmp_path)
    try:
        found = settings.from_process()
    finally:
        os.chdir(before)

    assert ("WAREHOUSE_MFA_SITE_NAME" in found) is is_read


# What operators say of their site


@pytest.mark.parametrize("text", ["", "https://help.example/a?b=c", "mailto:help@pypi.example"])
def test_an_address_of_help_is_a_page_or_a_mailbox(text: str) -> None:
    assert load(SUPPORT_URL=text, BUGS_URL=text).support_url == text


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "help.example", "mailto:", "mailto:a b@c.d", "/help", "data:,x"]
)
def test_nothing_else_becomes_a_link(text: str) -> None:
    refused = "WAREHOUSE_MFA_BUGS_URL: write an address that starts with https: or mailto:."

    assert problems(BUGS_URL=text) == [refused]


def test_parts_are_marked_as_beta_by_their_names() -> None:
    assert load(BETA="webauthn, totp").beta == ("webauthn", "totp")
    assert load(BETA="").beta == ()


def test_a_part_that_there_is_not_cannot_be_beta() -> None:
    refused = "WAREHOUSE_MFA_BETA: write one of totp, webauthn, recovery."

    assert problems(BETA="webauthn,uploads") == [refused]


def test_what_can_be_beta_is_a_capability() -> None:
    capabilities = {name.rpartition(".")[2] for name in CAPABILITIES}

    assert set(BetaPart) <= capabilities
    assert load(TEST_SITE="on").is_test_site
    assert problems(TEST_SITE="yes") == ["WAREHOUSE_MFA_TEST_SITE: write one of off, on."]


# Cookies of sites on one host


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("https://pypi.example", "__Host-session"),
        ("https://pypi.example:8443", "__Host-session-8443"),
        ("https://pypi.example:8000", "__Host-session-8000"),
    ],
)
def test_the_name_of_a_cookie_says_the_port_on_https(origin: str, name: str) -> None:
    assert load(ORIGIN=origin).cookie_names % "session" == name


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("http://localhost:8000", "session"),
        ("http://localhost:8001", "session-8001"),
        ("http://localhost", "session-80"),
    ],
)
def test_the_name_of_a_cookie_says_the_port_on_http(origin: str, name: str) -> None:
    assert load(DEVELOPMENT, ORIGIN=origin).cookie_names % "session" == name
