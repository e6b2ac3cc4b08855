"""Languages: marked strings, sentences with numbers, times in words."""

from datetime import UTC, datetime, timedelta

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from jinja2 import Environment
from markupsafe import Markup
from pyramid.config import Configurator
from pyramid.i18n import Localizer
from pyramid.request import Request

from warehouse_mfa import i18n
from warehouse_mfa.i18n import LANGUAGES, _, localizer_for, ngettext, speaking
from warehouse_mfa.i18n.languages import negotiate
from warehouse_mfa.i18n.moment_filters import filter_moment
from warehouse_mfa.i18n.moments import ago, time_element
from warehouse_mfa.i18n.rendering import (
    current_localizer,
    filter_bdi,
    filter_isolate,
    filter_translate,
    template_gettext,
    translate,
)

NOON = datetime(2026, 12, 1, 12, 0, 7, tzinfo=UTC)
HELLO = _("Hello ${name}", mapping={"name": "<Alice>"})


def keys(number: int) -> object:
    return ngettext("${n} key of ${name}", "${n} keys of ${name}", number, name="Alice")


@pytest.fixture
def config(tmp_path_factory: pytest.TempPathFactory) -> Configurator:
    """An application that also speaks a little German, with a form of its own for no keys."""
    folder = tmp_path_factory.mktemp("locale")
    catalog = Catalog(locale="de")
    catalog.add("Hello ${name}", "Hallo ${name}")
    catalog.add("never", "nie")
    catalog.add(
        ("${n} key of ${name}", "${n} keys of ${name}"),
        ("${n} Schlüssel von ${name}", "${n} Schlüssel (Mehrzahl) von ${name}"),
    )
    (folder / "de" / "LC_MESSAGES").mkdir(parents=True)
    with (folder / "de" / "LC_MESSAGES" / "warehouse_mfa.mo").open("wb") as file:
        write_mo(file, catalog)
    config = Configurator()
    config.include(i18n)
    config.add_translation_dirs(str(folder))
    config.commit()
    return config


@pytest.fixture
def english(config: Configurator) -> Localizer:
    return localizer_for(config.registry, "en")


@pytest.fixture
def german(config: Configurator) -> Localizer:
    return localizer_for(config.registry, "de")


# Strings


def test_requests_and_mails_share_the_translator_of_a_language(config: Configurator) -> None:
    request = Request.blank("/", headers={"Accept-Language": "fr"})
    request.registry = config.registry

    assert localizer_for(config.registry, "fr") is request.localizer
    assert localizer_for(config.registry, "ar") is localizer_for(config.registry, "ar")


def test_a_marked_string_is_translated_when_it_is_shown(
    english: Localizer, german: Localizer
) -> None:
    assert translate(HELLO, english) == "Hello <Alice>"
    assert translate(HELLO, german) == "Hallo <Alice>"


def test_a_string_without_a_translation_stays_english(german: Localizer) -> None:
    assert translate(_("Nobody translated this"), german) == "Nobody translated this"


def test_a_string_that_nobody_marked_stays_as_it_is(german: Localizer) -> None:
    assert translate("never", german) == "never"
    assert translate("${name}", german) == "${name}"


@pytest.mark.parametrize(
    ("number", "sentence"), [(0, "0 keys of Alice"), (1, "1 key of Alice"), (2, "2 keys of Alice")]
)
def test_a_sentence_with_a_number_has_its_form(
    english: Localizer, number: int, sentence: str
) -> None:
    assert translate(keys(number), english) == sentence


def test_a_sentence_with_a_number_is_translated(german: Localizer) -> None:
    assert translate(keys(1), german) == "1 Schlüssel von Alice"
    assert translate(keys(5), german) == "5 Schlüssel (Mehrzahl) von Alice"


# Who is spoken to


def test_a_mail_speaks_the_language_of_its_recipient(german: Localizer) -> None:
    with speaking(german):
        assert filter_translate(HELLO) == "Hallo <Alice>"


# Values that somebody chose


def test_a_value_keeps_its_direction_to_itself_and_is_escaped(german: Localizer) -> None:
    with speaking(german):
        assert filter_isolate(HELLO) == Markup("Hallo <bdi>&lt;Alice&gt;</bdi>")


def test_a_sentence_is_escaped_too(english: Localizer) -> None:
    with speaking(english):
        assert filter_isolate(_("<b>${name}</b>", mapping={"name": "&"})) == Markup(
            "&lt;b&gt;<bdi>&amp;</bdi>&lt;/b&gt;"
        )


def test_a_value_cannot_bring_the_place_of_another(english: Localizer) -> None:
    values = {"name": "${secret}", "secret": "hush"}

    with speaking(english):
        assert filter_isolate(_("Hello ${name}", mapping=values)) == Markup(
            "Hello <bdi>${secret}</bdi>"
        )


def test_a_sentence_without_values_is_only_translated(german: Localizer) -> None:
    with speaking(german):
        assert filter_isolate(_("never")) == Markup("nie")


def test_speaking_ends_with_the_block_even_when_it_fails(
    english: Localizer, german: Localizer
) -> None:
    def fail() -> None:
        with speaking(german):
            raise RuntimeError

    with speaking(english):
        with pytest.raises(RuntimeError):
            fail()
        assert current_localizer() is english


def test_a_translator_is_made_once(config: Configurator) -> None:
    assert localizer_for(config.registry, "de") is localizer_for(config.registry, "de")


# Times


def test_a_time_is_in_words_and_exact_for_machines(english: Localizer, german: Localizer) -> None:
    with speaking(english):
        shown = filter_moment({}, NOON)
    with speaking(german):
        shown_in_german = filter_moment({}, NOON)

    assert isinstance(shown, Markup)
    assert shown.startswith('<time datetime="2026-12-01T12:00:07+00:00" title="Tuesday, ')
    assert shown.endswith(">Dec 1, 2026, 12:00\N{NARROW NO-BREAK SPACE}PM</time>")
    assert shown_in_german.endswith(">01.12.2026, 12:00</time>")
    assert time_element(NOON, "ar", "UTC").endswith("12:00\N{NO-BREAK SPACE}م</time>")
    assert "Dienstag" in shown_in_german


def test_a_time_is_shown_in_the_time_zone_of_the_reader(english: Localizer) -> None:
    with speaking(english):
        shown = filter_moment({"time_zone": "Asia/Kolkata"}, NOON)
        of_no_zone = filter_moment({"time_zone": "Mars/Olympus"}, NOON)

    assert "5:30:07" in shown
    assert "GMT+05:30" in shown
    assert 'datetime="2026-12-01T12:00:07+00:00"' in shown
    assert of_no_zone == filter_moment_in_utc(english)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59, None),
        (60, "1 minute ago"),
        (119, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (86399, "23 hours ago"),
        (86400, None),
        (-60, None),
    ],
)
def test_within_a_day_it_is_told_how_long_ago_something_was(
    seconds: int, words: str | None
) -> None:
    assert ago(timedelta(seconds=seconds), "en") == words


def test_how_long_ago_is_told_in_every_language() -> None:
    two_minutes = timedelta(minutes=2)

    assert [ago(two_minutes, locale) for locale in ("fr", "ar")] == [
        "il y a 2 minutes",
        "قبل دقيقتين",
    ]


def filter_moment_in_utc(localizer: Localizer) -> str | Markup:
    with speaking(localizer):
        return filter_moment({}, NOON)


def test_no_time_is_never(english: Localizer, german: Localizer) -> None:
    with speaking(english):
        assert filter_moment({}, None) == "never"
    with speaking(german):
        assert filter_moment({}, None) == "nie"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "in 1 second"),
        (timedelta(seconds=1.2), "in 2 seconds"),
        (timedelta(seconds=60), "in 1 minute"),
        (timedelta(seconds=61), "in 2 minutes"),
        (timedelta(minutes=4, seconds=30), "in 5 minutes"),
        (timedelta(minutes=61), "in 2 hours"),
        (timedelta(hours=25), "in 2 days"),
    ],
)
def test_when_to_come_back_is_in_words_and_never_too_early(
    english: Localizer, length: timedelta, words: str
) -> None:
    assert translate(_("Come back ${when}.", mapping={"when": length}), english) == (
        f"Come back {words}."
    )


def test_when_to_come_back_is_in_the_language_of_the_reader(german: Localizer) -> None:
    assert translate(timedelta(minutes=5), german) == "in 5 Minuten"


# Which language


@pytest.mark.parametrize(
    ("cookie", "accepted"),
    [
        ("", ""),
        ("", "de-AT,de;q=0.9,en;q=0.1"),
        ("", "*"),
        ("", "\x00,;;q=q,"),
        ("locale=en", "de"),
        ("locale=xx", "de"),
        ("locale=../../etc/passwd", "en"),
        ("__Host-locale=en; locale=xx", ""),
    ],
)
def test_a_reader_gets_a_language_that_there_is(cookie: str, accepted: str) -> None:
    headers = {"Cookie": cookie, "Accept-Language": accepted}

    assert negotiate(Request.blank("/", headers=headers)) in LANGUAGES


# In templates


@pytest.fixture
def page() -> Environment:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update({"_": template_gettext, "gettext": template_gettext})
    return environment


@pytest.mark.parametrize(
    "template",
    ['{{ _("Hello %(name)s", name=name) }}', "{% trans name=name %}Hello {{ name }}{% endtrans %}"],
)
def test_a_value_in_a_sentence_of_a_page_is_escaped(
    page: Environment, english: Localizer, template: str
) -> None:
    with speaking(english):
        text = page.from_string(template).render(name="<Alice>")

    assert text == "Hello &lt;Alice&gt;"


def test_a_sentence_of_a_plain_text_mail_is_not_escaped(english: Localizer) -> None:
    mail = Environment(autoescape=False)
    mail.globals["_"] = template_gettext

    with speaking(english):
        text = mail.from_string('{{ _("Hello %(name)s", name=name) }}').render(name="<Alice>")

    assert text == "Hello <Alice>"


def test_a_name_stands_apart_in_markup_and_in_a_plain_text_that_runs_to_the_left(
    page: Environment, config: Configurator, english: Localizer
) -> None:
    mail = Environment(autoescape=False)
    arabic = localizer_for(config.registry, "ar")
    for environment in (page, mail):
        environment.filters["bdi"] = filter_bdi

    with speaking(english):
        assert page.from_string("{{ name|bdi }}").render(name="<Alice>") == (
            "<bdi>&lt;Alice&gt;</bdi>"
        )
        assert mail.from_string("{{ name|bdi }}").render(name="<Alice>") == "<Alice>"
    with speaking(arabic):
        assert mail.from_string("{{ name|bdi }}").render(name="Alice") == "\u2068Alice\u2069"


def test_a_percent_sign_is_one_sign_with_and_without_values(
    page: Environment, english: Localizer
) -> None:
    with speaking(english):
        assert page.from_string('{{ _("100%%") }}').render() == "100%"
        assert page.from_string('{{ _("%(n)s%%", n=5) }}').render() == "5%"


def test_each_reader_gets_the_same_template_in_their_language(
    page: Environment, english: Localizer, german: Localizer
) -> None:
    template = page.from_string('{{ _("never") }}')

    for localizer, expected in ((english, "never"), (german, "nie"), (english, "never")):
        with speaking(localizer):
            assert template.render() == expected
