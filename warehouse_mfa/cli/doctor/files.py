"""Checks of files: who can read secrets, what is missing, how much room there is."""

import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from warehouse_mfa.cli.context import KEYS_FILE
from warehouse_mfa.cli.doctor.patient import Patient
from warehouse_mfa.i18n import LANGUAGES, _
from warehouse_mfa.settings import FILE_SUFFIX, PREFIX, Settings

DOTENV = Path(".env")
SAMPLES = 64
LONGEST_LINE = 64
DIGEST_LINE = re.compile(rb"[0-9A-F]{40}(:|\s|$)")
FOR_OTHERS = stat.S_IRWXO | stat.S_IWGRP
READABLE_BY_OTHERS = stat.S_IROTH | stat.S_IWOTH


def secrets_that_others_can_read(patient: Patient) -> Iterator[str]:
    for path in _secret_files(patient):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & FOR_OTHERS:
            yield _(
                "Others can use the secret in ${path} (mode ${mode}). Run chmod 600 ${path}.",
                mapping={"path": path, "mode": f"{mode:o}"},
            )


def _secret_files(patient: Patient) -> Iterator[Path]:
    candidates = [
        Path(value)
        for name, value in patient.environ.items()
        if name.startswith(PREFIX) and name.endswith(FILE_SUFFIX) and not _is_setting(name)
    ]
    # In development keys and settings stand in files of the folder.
    return (path for path in (*candidates, KEYS_FILE, DOTENV) if path.is_file())


def _is_setting(name: str) -> bool:
    """Tell whether a variable is a setting itself, not the file of a secret one."""
    return name.removeprefix(PREFIX).lower() in Settings.model_fields


def missing_folders(patient: Patient) -> Iterator[str]:
    for name, folder in patient.folders.items():
        if not folder.is_dir() or not any(folder.iterdir()):
            yield _(
                "The folder ${name} of this installation is not there. Install it again.",
                mapping={"name": name},
            )
    locale = patient.folders["locale"]
    for language in LANGUAGES:
        if locale.is_dir() and not (locale / language).is_dir():
            yield _(
                "The sentences in the language ${language} are not there. Install it again.",
                mapping={"language": language},
            )


def unsorted_breach_file(patient: Patient) -> Iterator[str]:
    file = patient.settings.breach_file
    if file is not None and not _looks_sorted(file):
        yield _(
            "${file} is not a sorted list of SHA-1 digests, so that stolen passwords are not found "
            "in it. Take the list that is ordered by hash.",
            mapping={"file": file},
        )


def _looks_sorted(file: Path) -> bool:
    """Look at some of the lines: there may be a thousand million."""
    size = file.stat().st_size
    with file.open("rb") as lines:
        seen = []
        for part in range(SAMPLES):
            lines.seek(size * part // SAMPLES)
            if part:
                lines.readline(LONGEST_LINE)
            seen.append(lines.readline(LONGEST_LINE).upper())
    seen = [line for line in seen if line]
    return bool(seen) and seen == sorted(seen) and all(DIGEST_LINE.match(line) for line in seen)


def database_that_others_can_read(patient: Patient) -> Iterator[str]:
    file = patient.sqlite_file
    if file is None or not file.exists():
        return
    mode, folder = (stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent))
    if folder & stat.S_IXOTH and mode & READABLE_BY_OTHERS:
        yield _(
            "Everybody on this machine can read ${file} (mode ${mode}), and the password hashes "
            "in it. Run chmod 700 ${folder}.",
            mapping={"file": file, "mode": f"{mode:o}", "folder": file.parent},
        )
    if folder & stat.S_IWOTH and not folder & stat.S_ISVTX:
        yield _(
            "Everybody on this machine can replace ${file}. Run chmod 700 ${folder}.",
            mapping={"file": file, "folder": file.parent},
        )


def little_disk_space(patient: Patient) -> Iterator[str]:
    file = patient.sqlite_file
    if file is None or not file.parent.is_dir():
        return
    free = shutil.disk_usage(file.parent).free
    if free < patient.least_free_bytes:
        yield _(
            "The disk of ${file} has ${number} MiB left. A full one refuses logins.",
            mapping={"file": file, "number": free // 2**20},
        )
