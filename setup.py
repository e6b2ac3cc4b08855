"""Compile the catalogues of translations while building; everything else stands in setup.cfg."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.build_py import build_py

CATALOGUES = "warehouse_mfa/locale/*/LC_MESSAGES/*.po"


class BuildWithCatalogues(build_py):
    def run(self) -> None:
        for path in sorted(Path().glob(CATALOGUES)):
            with path.open("rb") as source:
                catalogue = read_po(source, locale=path.parts[2], abort_invalid=True)
            with path.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, catalogue)
        super().run()


setup(cmdclass={"build_py": BuildWithCatalogues})
