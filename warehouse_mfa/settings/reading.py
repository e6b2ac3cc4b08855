"""Reading the settings: from the environment, its files of secrets, and in development `.env`."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr, ValidationError

from warehouse_mfa.settings.declared import PREFIX, Environment, Settings
from warehouse_mfa.settings.safety import problems_of

FILE_SUFFIX = "_FILE"


class BadSettings(Exception):
    """The settings cannot be used; `problems` has one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(environ: Mapping[str, str]) -> Settings:
    """Read and check the settings. :raises BadSettings: with a sentence for every problem."""
    given, problems = _given(environ)
    if given.get("environment") == Environment.DEVELOPMENT:
        given = _development_defaults(given)
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
        problems += [PREFIX + problem for problem in problems_of(settings)]
    except ValidationError as error:
        problems += [
            f"{PREFIX}{item['loc'][0]}".upper()
            + f": {item['msg'].removeprefix('Value error, ').rstrip('.')}."
            for item in error.errors(include_input=False, include_context=False)
        ]
    if problems:
        raise BadSettings(problems)
    return settings


def _given(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return what the environment gives, secrets also by file, and what is wrong with it."""
    given: dict[str, str] = {}
    problems: list[str] = []
    for name, value in environ.items():
        if not name.startswith(PREFIX):
            continue
        field = name.removeprefix(PREFIX).lower()
        secret = field.removesuffix(FILE_SUFFIX.lower())
        if field in Settings.model_fields and name.isupper():
            given[field] = value
        elif secret != field and _is_secret(secret) and name.isupper():
            if PREFIX + secret.upper() in environ:
                problems.append(f"{name} is given, and {PREFIX}{secret.upper()}, too: give one.")
            try:
                given[secret] = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, ValueError) as error:
                problems.append(f"{name} names a file that cannot be read: {error}.")
        else:
            problems.append(f"{name} is not a setting. `warehouse-mfa settings` lists them.")
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
        for line in path.read_text(encoding="utf-8").splitlines():
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
