"""The catalogues of translations: `python -m dev.translations update`, or `check`.

`update` collects the sentences of Python and of the templates in the template of catalogues, and
brings the catalogue of every language up to date, or makes it. `check` fails when that would change
a file, and for a sentence that is not translated, or breaks a rule of `dev/sentences.py`.
"""

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from dev import sentences
from warehouse_mfa.i18n import LANGUAGES
from warehouse_mfa.strings import DOMAIN

FOLDER = Path("warehouse_mfa/locale")
MAPPING = Path("dev/babel.cfg")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HEADER = (
    "# The sentences of warehouse_mfa. `make translations` writes this file.\n"
    "# It is distributed under the license of the project."
)
# Two people who add sentences at the same time would always disagree about the date.
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
# What changes although no sentence does.
VOLATILE = re.compile(rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By): .*\n', re.MULTILINE)


def extract() -> Catalog:
    """Return the template of all catalogues: every marked sentence, and the files it is in."""
    with MAPPING.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    template = Catalog(project=DOMAIN, version="", header_comment=HEADER, creation_date=NO_DATE)
    for name, line, message, comments, context in extract_from_dir(
        ".", methods, options, KEYWORDS, comment_tags=("Translators:",)
    ):
        template.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return template


def update(folder: Path) -> list[Path]:
    """Bring the files in `folder` up to date, and return those that changed."""
    template = extract()
    changed = [_write(folder / f"{DOMAIN}.pot", template)]
    for language in LANGUAGES:
        path = _path(folder, language)
        catalogue = _read(path, language)
        catalogue.update(template, no_fuzzy_matching=True)
        changed.append(_write(path, catalogue))
    return [path for path in changed if path is not None]


def check(folder: Path = FOLDER) -> list[str]:
    """Return what is wrong with the catalogues in `folder`, a sentence each."""
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "locale"
        shutil.copytree(folder, copy)
        stale = [path.relative_to(copy) for path in update(copy)]
    problems = [f"{folder / path} is out of date: run `make translations`." for path in stale]
    for language in LANGUAGES[1:]:
        path = _path(folder, language)
        problems += [f"{path}:{problem}" for problem in wrong(_read(path, language))]
    return problems


def wrong(catalogue: Catalog) -> Iterator[str]:
    """Yield what is wrong with the translations of a catalogue, each with its line."""
    for message, errors in catalogue.check():
        yield from (f"{message.lineno}: {error}" for error in errors)
    for message in catalogue:
        if message.id:
            for problem in sentences.problems(message, catalogue):
                yield f"{message.lineno}: {problem}"


def _path(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _read(path: Path, language: str) -> Catalog:
    locale = Locale.parse(language, sep="-" if "-" in language else "_")
    if not path.exists():
        return Catalog(locale, domain=DOMAIN, project=DOMAIN, version="", header_comment=HEADER)
    with path.open("rb") as file:
        return read_po(file, locale=locale, domain=DOMAIN, abort_invalid=True)


def _write(path: Path, catalogue: Catalog) -> Path | None:
    """Write the catalogue unless the file says the same; return the path if it was written."""
    written = BytesIO()
    # Without line numbers, which change with every edit of a file.
    write_po(written, catalogue, width=100, include_lineno=False, ignore_obsolete=True)
    if path.exists() and _lasting(path.read_bytes()) == _lasting(written.getvalue()):
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written.getvalue())
    return path


def _lasting(written: bytes) -> bytes:
    return VOLATILE.sub(b"", written)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.translations")
    parser.add_argument("command", choices=("update", "check"))
    if parser.parse_args().command == "update":
        for path in update(FOLDER):
            print(f"Wrote {path}.")
        return
    problems = check()
    if problems:
        sys.exit("\n".join(problems))
    print("The catalogues are up to date.")


if __name__ == "__main__":
    main()
