"""How the schema of a database stands to this release, told without Alembic.

A process that serves asks for no more, and Alembic would cost it 10 MB and a tenth of its start.
"""

import re
from enum import Enum, auto
from functools import cache

from sqlalchemy import Engine, inspect, text

from warehouse_mfa.paths import data_dir

REVISION = re.compile(r"^revision = [\"'](\w+)[\"']$", re.MULTILINE)
FOLLOWS = re.compile(r"^down_revision = (?:None|[\"'](\w+)[\"'])$", re.MULTILINE)


class Standing(Enum):
    """How the schema of a database stands to this release."""

    LEVEL = auto()
    BEHIND = auto()
    """It lacks what this release needs."""
    AHEAD = auto()
    """A newer release migrated it, so that this one still works while it is replaced."""


@cache
def revisions() -> tuple[str, ...]:
    """Return the revisions of this release, oldest first."""
    by_former: dict[str | None, str] = {}
    for file in data_dir("migrations").glob("versions/*.py"):
        source = file.read_text(encoding="utf-8")
        revision, follows = REVISION.search(source), FOLLOWS.search(source)
        assert revision is not None, f"{file.name} does not say which revision it is"
        assert follows is not None, f"{file.name} does not say which revision it follows"
        by_former[follows[1]] = revision[1]
    chain: list[str] = []
    following = by_former.get(None)
    while following is not None:
        chain.append(following)
        following = by_former.get(following)
    assert chain, "the migrations folder is missing"
    return tuple(chain)


def head_revision() -> str:
    """Return the revision that this release works with."""
    return revisions()[-1]


def current_revision(engine: Engine) -> str | None:
    """Return the revision of the database, `None` for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def standing(revision: str | None) -> Standing:
    """Tell how a database at `revision` stands to this release; `None` is an empty one.

    What this release does not know was added after it: migrations are never taken out.
    """
    if revision is not None and revision not in revisions():
        return Standing.AHEAD
    return Standing.LEVEL if revision == head_revision() else Standing.BEHIND
