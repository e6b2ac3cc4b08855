"""Commands in the language of whoever runs them; what machines read stays as it is."""

import json
from inspect import getsourcefile
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from click import core, decorators, exceptions, formatting, parser, types
from translationstring import TranslationString

from tests.common.shell import Shell, commands
from warehouse_mfa.cli.click_sentences import PLURALS, SENTENCES
from warehouse_mfa.cli.speech import spoken
from warehouse_mfa.i18n import LANGUAGES, _, ngettext
from warehouse_mfa.i18n.languages import of_process
from warehouse_mfa.settings import Settings
from warehouse_mfa.strings import in_english

TRANSLATIONS = LANGUAGES[1:]


@pytest.fixture(params=TRANSLATIONS)
def foreign(bare: Shell, request: pytest.FixtureRequest) -> Shell:
    """A shell of somebody who does not speak English."""
    bare.language = request.param
    return bare


# Which language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "ar_EG.UTF-8"}, "ar"),
        ({"LC_MESSAGES": "fr_FR.UTF-8", "LC_ALL": "ar"}, "ar"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "de:fr:ar"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "../../etc"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_says_which_language(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, environment.get(name, ""))

    assert of_process() == language


# Help


@pytest.mark.parametrize("words", [(), *(words for words, _command in commands())], ids=" ".join)
def test_no_word_of_the_help_is_left_in_english(words: tuple[str, ...], bare: Shell) -> None:
    english = {line.strip() for line in bare.run(*words, "--help").stdout.splitlines()}

    for bare.language in TRANSLATIONS:
        shown = {line.strip() for line in bare.run(*words, "--help").stdout.splitlines()}
        # "Options:" is the same in French.
        assert shown & english <= {"", "Options:"}


def test_what_is_typed_wrong_is_answered_in_the_language(foreign: Shell) -> None:
    mistakes = {
        ("nonsense",): "nonsense",
        ("serve", "--port", "http"): "http",
        ("serve", "--port", "65536"): "65536",
        ("serve", "extra"): "extra",
        ("serve", "--port"): "--port",
        ("user", "show"): "USERNAME",
        ("user", "create", "--username", "alice"): "--email",
        ("keys", "generate", "--nonsense"): "--nonsense",
    }

    for words, mistake in mistakes.items():
        told = foreign.run(*words, status=2).stderr
        assert mistake in told
        for english in (
            "Error",
            "Invalid",
            "Missing",
            "No such",
            "Got",
            "requires",
            "Try",
            "Usage",
        ):
            assert english not in told


def test_what_click_says_reads_as_in_click() -> None:
    found: set[object] = set()
    for module in (core, decorators, exceptions, formatting, parser, types):
        source = getsourcefile(module)
        assert source is not None
        found |= {message for _line, message, *_rest in extract_from_file("python", Path(source))}

    assert set(SENTENCES) <= found
    assert {(each.singular, each.plural) for each in PLURALS} <= found


def test_the_explanation_of_every_setting_is_there_to_be_translated() -> None:
    bare = [
        name
        for name, field in Settings.model_fields.items()
        if not isinstance(field.description, TranslationString)
    ]

    assert bare == []


# Results and reasons


def test_a_result_and_a_reason_are_told_in_the_language(foreign: Shell) -> None:
    told = {"fr": ("en est à", "a pas de compte"), "ar": ("المراجعة", "لا يوجد حساب")}
    foreign.settings = {"environment": "development"}

    result = foreign.run("db", "upgrade").stdout
    reason = foreign.run("user", "show", "nobody", status=1).stderr

    assert told[foreign.language][0] in result
    assert told[foreign.language][1] in reason


def test_a_setting_is_explained_and_refused_in_the_language(foreign: Shell) -> None:
    told = {"fr": ("où viennent les e-mails", "écrivez"), "ar": ("العنوان الذي تصدر منه", "يُكتب")}
    foreign.settings = {"session_idle": "soon", "secret_keys": "nonsense"}

    result = foreign.run("settings")

    assert told[foreign.language][0] in result.stdout
    assert told[foreign.language][1] in result.stderr
    assert "WAREHOUSE_MFA_SESSION_IDLE" in result.stderr


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("second_factor", "never", "write one of required, optional, webauthn."),
        ("limit_totp_streak", "many", "write a whole number."),
        ("limit_totp_streak", "101", "write a number of at most 100."),
        ("limit_totp_streak", "0", "write a number of at least 1."),
    ],
)
def test_what_the_library_of_settings_finds_is_told_in_our_words(
    bare: Shell, setting: str, value: str, sentence: str
) -> None:
    bare.settings = {"environment": "development", setting: value}

    assert bare.run("settings").stderr.rstrip().endswith(sentence)


def test_a_reason_within_a_reason_is_translated_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "fr")
    inner = _("There is no key ${key}.", mapping={"key": "k1"})
    outer = _("Nothing was changed: ${reason}", mapping={"reason": inner})

    assert spoken(outer).endswith("\u00a0: Il n\u2019y a pas de clé k1.")
    assert in_english(outer) == "Nothing was changed: There is no key k1."


def test_a_number_has_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [ngettext("${n} problem.", "${n} problems.", number) for number in (1, 2)]

    assert [in_english(each) for each in problems] == ["1 problem.", "2 problems."]
    monkeypatch.setenv("LANGUAGE", "ar")
    assert [spoken(each) for each in problems] == ["مشكلة واحدة.", "مشكلتان."]


# Machines


@pytest.mark.parametrize("words", [("settings", "--json"), ("doctor", "--json")], ids=" ".join)
def test_what_machines_read_is_the_same_in_every_language(
    words: tuple[str, ...], bare: Shell
) -> None:
    status = 1 if words[0] == "doctor" else 0
    told = []
    for bare.language in LANGUAGES:
        told.append(json.loads(bare.run(*words, status=status).stdout))

    assert told[0]
    assert all(each == told[0] for each in told)


def test_a_terminal_that_lacks_letters_shows_the_others(foreign: Shell) -> None:
    result = foreign.run("serve", "--help", charset="latin-1")

    shown = result.stdout_bytes.decode("latin-1")
    assert "?" in shown
    assert "[OPTIONS]" in shown
