"""What the check of the catalogues refuses: each by a catalogue that is bad in one way."""

import shutil
from pathlib import Path

import pytest
from babel.messages import Catalog

from dev import translations

KEYS = ("%(num)s key of %(name)s", "%(num)s keys of %(name)s")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the catalogues, with which nothing is wrong."""
    return Path(shutil.copytree(translations.FOLDER, tmp_path / "locale"))


def edit(folder: Path, language: str, old: str, new: str) -> None:
    path = folder / language / "LC_MESSAGES" / "warehouse_mfa.po"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def wrong(language: str, message: str | tuple[str, str], *forms: str) -> list[str]:
    """Return what is wrong with one sentence of a language."""
    catalogue = Catalog(locale=language)
    catalogue.add(message, forms if isinstance(message, tuple) else forms[0])
    return [problem.split(": ", 1)[1] for problem in translations.wrong(catalogue)]


# The files


def test_catalogues_that_are_as_they_should_be_are_taken(folder: Path) -> None:
    assert translations.check(folder) == []


def test_a_sentence_that_the_code_does_not_have_is_stale(folder: Path) -> None:
    edit(folder, "fr", 'msgid "Skip to the content"', 'msgid "Leap to the content"')

    problems = translations.check(folder)

    assert any("fr/LC_MESSAGES/warehouse_mfa.po is out of date" in each for each in problems)


def test_a_sentence_that_is_kept_although_nobody_says_it_is_stale(folder: Path) -> None:
    path = folder / "ar" / "LC_MESSAGES" / "warehouse_mfa.po"
    path.write_text(path.read_text(encoding="utf-8") + '\n#~ msgid "Ago"\n#~ msgstr "قبل"\n')

    assert any("is out of date" in each for each in translations.check(folder))


def test_a_template_of_catalogues_of_yesterday_is_stale(folder: Path) -> None:
    path = folder / "warehouse_mfa.pot"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Skip to the content", "Leap to the content"))

    assert any("warehouse_mfa.pot is out of date" in each for each in translations.check(folder))


def test_a_language_without_a_catalogue_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "ar")

    assert any("warehouse_mfa.po is out of date" in each for each in translations.check(folder))


def test_a_guess_is_refused(folder: Path) -> None:
    edit(folder, "fr", 'msgid "Skip to the content"', '#, fuzzy\nmsgid "Skip to the content"')

    assert any(each.endswith("is only guessed (fuzzy).") for each in translations.check(folder))


def test_a_sentence_without_a_translation_is_refused(folder: Path) -> None:
    edit(folder, "fr", 'msgstr "Aller au contenu"', 'msgstr ""')

    assert any(each.endswith("is not translated.") for each in translations.check(folder))


def test_a_sentence_that_is_added_changes_no_date(folder: Path) -> None:
    edit(folder, "fr", 'msgid "Skip to the content"', 'msgid "Leap to the content"')
    before = dates(folder)

    translations.update(folder)

    assert dates(folder) == before


def dates(folder: Path) -> list[str]:
    lines = (folder / "fr" / "LC_MESSAGES" / "warehouse_mfa.po").read_text("utf-8").splitlines()
    return [line for line in lines if "-Date:" in line]


# One sentence


@pytest.mark.parametrize("forms", [("", "x"), ("%(num)s clé de %(name)s", "")])
def test_every_plural_form_is_needed(forms: tuple[str, ...]) -> None:
    assert "is not translated." in wrong("fr", KEYS, *forms)


def test_a_language_has_as_many_plural_forms_as_it_needs() -> None:
    assert wrong("ar", KEYS, "%(num)s %(name)s", "%(num)s %(name)s") != []


@pytest.mark.parametrize(
    ("message", "translation"),
    [
        ("Hello %(name)s", "Bonjour"),
        ("Hello %(name)s", "Bonjour %(nom)s"),
        ("Hello %(name)s", "Bonjour %(name)s %(name)s"),
        ("Hello ${name}", "Bonjour ${nom}"),
        ("Hello ${name}", "Bonjour {name}"),
        ("So far {count}", "Encore {nombre}"),
        ("Hello {name!r}", "Bonjour {name}"),
        ("Hello <bdi>%(name)s</bdi>", "Bonjour %(name)s"),
        ("Hello <bdi>%(name)s</bdi>", "Bonjour <bdi>%(name)s"),
        ("Hello", "Bonjour <b>à vous</b>"),
        ("Hello", "Bonjour %(name)s"),
    ],
)
def test_a_translation_keeps_placeholders_and_markup(message: str, translation: str) -> None:
    assert any("placeholders or markup" in each for each in wrong("fr", message, translation))


def test_a_number_may_be_a_word_where_it_is_always_the_same() -> None:
    one, two, others = "مفتاح واحد %(name)s", "مفتاحان %(name)s", "%(num)s مفتاح %(name)s"

    assert wrong("ar", KEYS, others, one, two, others, others, others) == []
    assert wrong("ar", KEYS, others, one, two, two, others, others) != []
    assert wrong("fr", KEYS, "une clé de %(name)s", "%(num)s clés de %(name)s") != []


@pytest.mark.parametrize(
    ("language", "translation"),
    [
        ("fr", "Vraiment ?"),
        ("fr", "Vraiment?"),
        ("fr", "Ici ; là"),
        ("fr", "Ici : là"),
        ("fr", "Il dit « oui »"),
        ("fr", "L'adresse"),
        ("fr", 'La "clé"'),
        ("fr", "Une fin "),
        ("ar", "هل هذا أنت?"),
        ("ar", "أولا, ثم"),
        ("ar", "أولا; ثم"),
        ("ar", '"نعم"'),
        ("ar", "مثل 2026-12-24."),
    ],
)
def test_a_translation_is_written_as_its_language_is(language: str, translation: str) -> None:
    assert wrong(language, "Sentence", translation) != []


@pytest.mark.parametrize(
    ("message", "translation"),
    [
        ("Run `serve --port; x`", "Exécutez `serve --port; x`"),
        ("Really?", "Vraiment\u202f?"),
        ("Here: “there”; yes!", "Ici\u00a0: «\u00a0là\u00a0»\u202f; oui\u202f!"),
        ('<b class="strong">%(name)s</b>', '<b class="strong">%(name)s</b>'),
    ],
)
def test_what_is_right_is_taken(message: str, translation: str) -> None:
    assert wrong("fr", message, translation) == []


def test_a_date_in_an_isolate_is_taken() -> None:
    assert wrong("ar", "Sentence", "مثل \u20662026-12-24\u2069.") == []
