"""`settings`: every setting with its meaning."""

import json
from datetime import timedelta
from typing import Any

import click
from pydantic import SecretStr
from translationstring import TranslationString

from warehouse_mfa import settings as settings_module
from warehouse_mfa.cli.context import takes_development_keys
from warehouse_mfa.cli.speech import command, option, spoken
from warehouse_mfa.crypto.keys import generate_key
from warehouse_mfa.entropy import SystemEntropy
from warehouse_mfa.i18n import _
from warehouse_mfa.settings import FILE_SUFFIX, PREFIX, BadSettings, Settings, written
from warehouse_mfa.strings import in_english

HIDDEN = "(hidden)"


@command(help=_("List every setting: name, value, default, meaning. Secrets are hidden."))
@option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def settings(as_json: bool) -> None:
    given, problems = _read()
    rows = [
        {
            "name": f"{PREFIX}{name.upper()}",
            "value": _shown(field.annotation, given[name]) if name in given else None,
            "default": _shown(field.annotation, field.default),
            "meaning": field.description,
        }
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        english = [{**row, "meaning": in_english(row["meaning"])} for row in rows]
        told = [in_english(problem) for problem in problems]
        click.echo(json.dumps({"settings": english, "problems": told}, indent=2))
        return
    for row in rows:
        value = row["value"]
        if value is None:
            value = _("${value} (default)", mapping={"value": row["default"]})
        click.echo(f"{row['name']}\n    {spoken(row['meaning'])}\n    {spoken(value)}")
    for problem in problems:
        click.echo(f"! {spoken(problem)}", err=True)


def _read() -> tuple[dict[str, str], list[TranslationString]]:
    environ = settings_module.from_process()
    given = {
        name.removeprefix(PREFIX).lower().removesuffix(FILE_SUFFIX.lower()): value
        for name, value in environ.items()
        if name.startswith(PREFIX)
    }
    if takes_development_keys(environ):
        # Looking at settings writes no file: what `serve` would write is not needed here.
        environ[f"{PREFIX}SECRET_KEYS"] = generate_key(SystemEntropy(), "development")
    try:
        settings_module.load(environ)
    except BadSettings as error:
        return given, error.messages
    return given, []


def _shown(annotation: Any, value: Any) -> str:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if annotation is SecretStr and text:
        # Only what may hold a password is secret; the default of the database is not.
        return str(text) if str(text).startswith("sqlite:") else HIDDEN
    if isinstance(value, timedelta):
        return written(value)
    return "" if text in ((), None) else str(text)
