"""Reading the settings: from the environment, its files of secrets, and in development `.env`."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from translationstring import TranslationString

from warehouse_mfa.settings.declared import PREFIX, Environment, Settings
from warehouse_mfa.settings.safety import problems_of
from warehouse_mfa.strings import Unreadable, _, in_english

FILE_SUFFIX = "_FILE"


class BadSettings(Exception):
    """The settings cannot be used; `messages` has one sentence each, marked, `problems` in English."""

    def __init__(self, messages: list[TranslationString]) -> None:
        self.messages = messages
        self.problems = [in_english(message) for message in messages]
        super().__init__("\n".join(self.problems))


def load(environ: Mapping[str, str]) -> Settings:
    """Read and check the settings. :raises BadSettings: with a sentence for every problem."""
    given, problems = _given(environ)
    if given.get("environment") == Environment.DEVELOPMENT:
        given = _development_defaults(given)
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
        problems += problems_of(settings)
    except ValidationError as error:
        problems += [_refusal(item) for item in error.errors(include_input=False)]
    if problems:
        raise BadSettings(problems)
    return settings


def _refusal(item: ErrorDetails) -> TranslationString:
    """Return what pydantic found as a sentence that says how to write the value."""
    name = f"{PREFIX}{item['loc'][0]}".upper()
    known = item.get("ctx", {})
    reason: object = item["msg"]
    if isinstance(known.get("error"), Unreadable):
        reason = known["error"].message
    elif item["type"] == "enum":
        choices = ", ".join(re.findall(r"'([^']+)'", known["expected"]))
        reason = _("write one of ${choices}", mapping={"choices": choices})
    elif item["type"].startswith("int"):
        reason = _("write a whole number")
    elif "le" in known:
        reason = _("write a number of at most ${most}", mapping={"most": known["le"]})
    elif "ge" in known:
        reason = _("write a number of at least ${least}", mapping={"least": known["ge"]})
    return _("${name}: ${reason}.", mapping={"name": name, "reason": reason})


def _given(environ: Mapping[str, str]) -> tuple[dict[str, str], list[TranslationString]]:
    """Return what the environment gives, secrets also by file, and what is wrong with it."""
    given: dict[str, str] = {}
    problems: list[TranslationString] = []
    for name, value in environ.items():
        if not name.upper().startswith(PREFIX):
            continue
        field = name[len(PREFIX) :].lower()
        secret = field.removesuffix(FILE_SUFFIX.lower())
        if field in Settings.model_fields and name.isupper():
            given[field] = value
        elif secret != field and _is_secret(secret) and name.isupper():
            if PREFIX + secret.upper() in environ:
                problems.append(
                    _(
                        "${name} is given, and ${other}, too: give one.",
                        mapping={"name": name, "other": PREFIX + secret.upper()},
                    )
                )
            try:
                given[secret] = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, ValueError) as error:
                problems.append(
                    _(
                        "${name} names a file that cannot be read: ${reason}.",
                        mapping={"name": name, "reason": error},
                    )
                )
        else:
            problems.append(
                _(
                    "${name} is not a setting. `warehouse-mfa settings` lists them.",
                    mapping={"name": name},
                )
            )
    return given, problems


def _is_secret(field: str) -> bool:
    return field in Settings.model_fields and Settings.model_fields[field].annotation is SecretStr


def _development_defaults(given: dict[str, str]) -> dict[str, str]:
    return {
        "origin": "http://localhost:8000",
        "mail_from": "noreply@localhost",
        "security_contact": "mailto:security@localhost",
        **given,
    }


def read_dotenv(path: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with the `NAME=value` lines of a file below it: the environment wins."""
    values: dict[str, str] = {}
    if path.is_file():
        # It is read before anybody knows whether it counts: in production nobody heeds it.
        for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
            name, separator, value = line.partition("=")
            if separator and not name.lstrip().startswith("#"):
                values[name.strip()] = value.strip().strip("\"'")
    return {**values, **environ}


def from_process() -> dict[str, str]:
    """Return the environment of this process; in development `.env` is read below it."""
    environ = dict(os.environ)
    together = read_dotenv(Path(".env"), environ)
    is_development = together.get(f"{PREFIX}ENVIRONMENT") == Environment.DEVELOPMENT
    return together if is_development else environ
