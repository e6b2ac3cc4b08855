"""Every field of every form with what no person types: never a fault, never a change."""

import json
from collections.abc import Iterator, Mapping

import pytest

from tests.common.site import HTTPS, Site
from tests.common.submissions import SUBMISSIONS
from tests.common.tables import dump

# What an attempt leaves behind though it was refused: counts, events, their notices, and the
# challenge that it spent.
ATTEMPTS = {"attempt_counters", "events", "event_private", "mails", "spent_challenges"}

# Fields that may hold anything, or almost: the form is accepted all the same.
FREE = {
    ("give the password", "next"),
    ("give a passkey", "next"),
    ("register", "full_name"),
    ("have another secret", "start_again"),
    ("have the mail sent again", "reverify_email_id"),
    ("enroll an app", "label"),
    ("register a key", "label"),
    ("rename an app", "label"),
    ("ask for a reset link", "username_or_email"),
    ("ask for help", "username"),
    ("ask for help", "password"),
    ("ask for help", "statement"),
    ("choose a language", "next"),
    ("change the profile", "name"),
    ("change the profile", "public_email"),
}
# A field that must be empty.
TRAP = "confirm_form"

ODD: Mapping[str, str] = {
    "empty": "",
    "blank": "  \t ",
    "long": "x" * 60_000,
    "control": "a\x01b\x1b[31m",
    "line break": "a\r\nBcc: x@example.org",
    "right to left": "a\u202eb",
    "not a character": "a\uffffb",
    "astral": "\U0001d54f" * 300,
    "zero width": "\u200b\ufeff",
    "combining": "e" + "\u0301" * 5_000,
    "number": "9" * 5_000,
    "quote": "'\"; DROP TABLE users; --",
    "like": "%_\\",
    "template": "{{ 7 * 7 }}${7*7}%(x)s",
    "markup": "<script>alert(1)</script>",
    "path": "../../../etc/passwd",
    "list": "[]",
}
LIST_LIKE = ["{}[]", "{}[0]", "{}.0", "{}-0", " {}", "{}\u200b"]


@pytest.fixture(scope="module")
def configured_site(database_url: str) -> Iterator[Site]:
    """Ours, but nobody is sent away for having tried too often."""
    attempts = ("login", "code", "webauthn")
    windows = [f"{what}_{of}" for what in attempts for of in ("user", "device")]
    windows += [
        "login_address",
        "passkey_user",
        "factor_address",
        "reset_link",
        "reset_user",
        "recovery_proof",
    ]
    limits = {f"limit_{name}": "100000 per day" for name in windows}
    site = Site(database_url, HTTPS, **limits)
    yield site
    site.close()


@pytest.mark.attack("P-101")
@pytest.mark.parametrize("what", SUBMISSIONS)
def test_odd_values_are_refused_cleanly(site: Site, what: str) -> None:
    submission = SUBMISSIONS[what](site)
    before = dump(site, without=ATTEMPTS)

    for name in submission.fields:
        if (what, name) in FREE:
            continue
        odd = {kind: value for kind, value in ODD.items() if name != TRAP or value.strip()}
        answers = {kind: submission.send(**{name: odd[kind]}).status_int for kind in odd}
        assert set(answers.values()) <= {400, 422}, (name, answers)
        assert dump(site, without=ATTEMPTS) == before, name


@pytest.mark.parametrize("what", SUBMISSIONS)
def test_a_form_without_one_of_its_fields_is_refused_cleanly(site: Site, what: str) -> None:
    submission = SUBMISSIONS[what](site)
    before = dump(site, without=ATTEMPTS)

    for missing in submission.fields:
        if missing == TRAP or ((what, missing) in FREE and missing != "label"):
            continue
        fields = {name: value for name, value in submission.fields.items() if name != missing}
        fields["csrf_token"] = submission.token
        answer = submission.visitor.post(submission.path, fields, status="*")
        assert answer.status_int in (400, 422), missing
        assert dump(site, without=ATTEMPTS) == before, missing


@pytest.mark.attack("P-025")
@pytest.mark.parametrize("what", SUBMISSIONS)
def test_names_like_those_of_lists_are_other_names(site: Site, what: str) -> None:
    submission = SUBMISSIONS[what](site)
    before = dump(site, without=ATTEMPTS)

    for name, value in submission.fields.items():
        if name == TRAP or ((what, name) in FREE and name != "label"):
            continue
        for like in LIST_LIKE:
            fields = {**submission.fields, "csrf_token": submission.token, like.format(name): value}
            del fields[name]
            answer = submission.visitor.post(submission.path, fields, status="*")
            assert answer.status_int in (400, 422), like.format(name)
        assert dump(site, without=ATTEMPTS) == before, name


@pytest.mark.parametrize(("what", "name"), sorted(FREE))
def test_a_field_that_may_hold_anything_does_no_harm(site: Site, what: str, name: str) -> None:
    for kind, value in ODD.items():
        site.reset()
        submission = SUBMISSIONS[what](site)

        answer = submission.send(**{name: value})

        assert answer.status_int in (200, 303, 422), kind
        assert answer.headers.get("Location", site.origin).startswith(site.origin), kind
        assert submission.visitor.get("/manage/account/").maybe_follow().status_int == 200, kind


def test_an_odd_id_of_an_address_sends_no_mail(site: Site) -> None:
    submission = SUBMISSIONS["have the mail sent again"](site)

    answers = [submission.send(reverify_email_id=value).status_int for value in ODD.values()]

    assert set(answers) <= {303, 422}
    assert site.mails() == []


@pytest.mark.parametrize("other", ["00000000-0000-0000-0000-000000000000", "of another account"])
def test_the_id_of_an_address_of_somebody_else_sends_no_mail(site: Site, other: str) -> None:
    site.person("nina", verified=False)
    theirs = str(site.value("SELECT id FROM emails WHERE address = 'nina@example.org'"))
    submission = SUBMISSIONS["have the mail sent again"](site)

    submission.send(303, reverify_email_id=theirs if other == "of another account" else other)

    assert site.mails() == []


# JSON, where a credential is taken

TAKES_CREDENTIALS = [
    "give an assertion",
    "give an assertion without script",
    "register a key",
]


def broken(credential: str) -> dict[str, str]:
    """Return what a credential must not be, by what is wrong with it."""
    whole = json.loads(credential)
    return {
        "cut off": credential[: len(credential) // 2],
        "two": credential + credential,
        "nested lists": "[" * 20_000,
        "nested objects": '{"id":' * 9_000,
        "closed and nested": "[" * 9_000 + "]" * 9_000,
        "null": "null",
        "list": f"[{credential}]",
        "string": json.dumps(credential),
        "number": "5",
        "long number": "9" * 5_000,
        "long number inside": '{"id":' + "9" * 5_000 + "}",
        "exponent": '{"id": 1e999999999}',
        "not a number": '{"id": NaN}',
        "empty": "{}",
        "member twice": credential[:-1] + ', "id": "AAAA"}',
        "lone surrogate": json.dumps({**whole, "id": "\ud800"}),
        "escaped nul": json.dumps({**whole, "id": "\x00"}),
        "long": json.dumps({**whole, "id": "A" * 50_000}),
        "byte order mark": "\ufeff" + credential,
        "utf-16": credential.encode("utf-16-le").decode("latin-1").replace("\x00", "\x01"),
        **{
            f"{member} is {value!r:.20}": json.dumps({**whole, member: value})
            for member in ("id", "rawId", "type", "response")
            for value in (None, [], {}, 5, True, "", "=", "é", ["a"], {"a": "b"})
        },
        **{
            f"without {member}": json.dumps({k: v for k, v in whole.items() if k != member})
            for member in ("id", "rawId", "type", "response")
        },
        **{
            f"response.{member} is {value!r:.20}": json.dumps(
                {**whole, "response": {**whole["response"], member: value}}
            )
            for member in ("clientDataJSON", "authenticatorData", "attestationObject", "signature")
            if member in whole["response"]
            for value in (None, [], {}, 5, "", "=", "é", "AAAA", "A" * 40_000)
            # What the browser says of the authenticator data beside the attestation is not used.
            if (member, "attestationObject" in whole["response"]) != ("authenticatorData", True)
        },
    }


@pytest.mark.attack("P-067")
@pytest.mark.parametrize("what", TAKES_CREDENTIALS)
def test_a_broken_credential_is_refused_cleanly(site: Site, what: str) -> None:
    submission = SUBMISSIONS[what](site)
    credentials = broken(submission.fields["credential"])
    before = dump(site, without=ATTEMPTS)

    answers = {
        kind: submission.send(credential=credential).status_int
        for kind, credential in credentials.items()
    }

    assert set(answers.values()) <= {400, 413, 422}, answers
    assert dump(site, without=ATTEMPTS) == before


@pytest.mark.parametrize("what", SUBMISSIONS)
def test_a_form_is_not_accepted_as_json(site: Site, what: str) -> None:
    submission = SUBMISSIONS[what](site)
    headers = {"X-CSRF-Token": submission.token}
    before = dump(site)

    submission.visitor.post_json(
        submission.path, {**submission.fields}, headers=headers, status=400
    )

    assert dump(site) == before
