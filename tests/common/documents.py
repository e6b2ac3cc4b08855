"""The documents of the project: the commands and the code that stand in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warehouse_mfa.paths import PACKAGE

ROOT = PACKAGE.parent
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "dev").glob("*.md"))
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^`(\w+/[\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`((?:warehouse-mfa|make) [a-z][^`]*)`")


@dataclass(frozen=True)
class Document:
    """One of them."""

    name: str

    @property
    def text(self) -> str:
        return (ROOT / self.name).read_text(encoding="utf-8")

    def blocks(self, language: str) -> list[str]:
        """Return what stands in the blocks of a language."""
        return [block for found, block in BLOCK.findall(self.text) if found == language]

    def commands(self) -> list[list[str]]:
        """Return the words of every command that a reader may copy, in order."""
        lines = (line for block in self.blocks("console") for line in block.splitlines())
        return [
            shlex.split(line.removeprefix("$ "), comments=True)
            for line in lines
            if line.startswith("$ ")
        ]

    def quoted(self) -> Iterator[list[str]]:
        """Yield the words of every command that a sentence names."""
        for command in QUOTED.findall(self.text):
            yield command.replace("…", "").split()

    def files(self) -> dict[str, str]:
        """Return the files of an example: a path on a line of its own, then a block."""
        return dict(FILE.findall(self.text))

    def snippets(self) -> list[str]:
        """Return the Python that is not a file of an example."""
        return [block for block in self.blocks("python") if block not in self.files().values()]


def write_files(document: Document, folder: Path) -> None:
    """Write the files of an example below a folder."""
    for name, content in document.files().items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
