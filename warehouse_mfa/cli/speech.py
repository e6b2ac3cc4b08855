"""What commands say: in the language of the process, as `LANG` and its kind name it.

A sentence is marked with `_()` and said with `say`; help texts are translated when they are shown. What
machines read (`--json`, names, exit statuses) stays as it is. Click takes its own sentences
from the catalogue by gettext; `click_sentences` lists them.
"""

import gettext
import io
import sys
from functools import cache, partial
from typing import Any

import click
from pyramid.i18n import Localizer, make_localizer

from warehouse_mfa.cli.click_sentences import SHOW_HELP
from warehouse_mfa.i18n import languages
from warehouse_mfa.i18n.rendering import translate
from warehouse_mfa.strings import DOMAIN, in_english


@cache
def localizer_of(language: str) -> Localizer:
    return make_localizer(language, [str(languages.CATALOGUES)])


def spoken(text: Any) -> str:
    """Return a marked string in the language of the process; any other value as it is."""
    return translate(text, localizer_of(languages.of_process()))


def say(text: Any, *, err: bool = False) -> None:
    click.echo(spoken(text), err=err)


class CommandFailed(click.ClickException):
    """A command could not do its work. The reason is one line; the exit status is 1."""

    def __init__(self, reason: Any) -> None:
        super().__init__(in_english(reason))
        self.reason = reason

    def format_message(self) -> str:
        return spoken(self.reason)


class _Helped:
    """What has a help text. Click makes it plain, so that it is found by its words."""

    _help: str | None = None

    @property
    def help(self) -> str | None:
        if self._help is None:
            return None
        return localizer_of(languages.of_process()).translate(self._help, domain=DOMAIN)

    @help.setter
    def help(self, text: str | None) -> None:
        self._help = text


class Option(_Helped, click.Option):
    pass


class Command(_Helped, click.Command):
    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            # Click makes it once, in the language of that moment.
            option.help = spoken(SHOW_HELP)
        return option


class Group(Command, click.Group):
    command_class = Command
    group_class = type


class Program(Group):
    """The command that all others belong to."""

    def main(self, *args: Any, **options: Any) -> Any:
        gettext.bindtextdomain(DOMAIN, str(languages.CATALOGUES))
        gettext.textdomain(DOMAIN)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # Not every terminal has every letter of a name or a sentence.
                stream.reconfigure(errors="replace")
        return super().main(*args, **options)


option = partial(click.option, cls=Option)
group = partial(click.group, cls=Group)
command = partial(click.command, cls=Command)
