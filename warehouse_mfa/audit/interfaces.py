"""Checking what is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from zope.interface import Interface

from warehouse_mfa.evidence.interfaces import Evidence


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of a piece of evidence."""

    evidence: Evidence
    failures: tuple[Any, ...]
    """A marked sentence for everything that is wrong with it."""


class IEvidenceAudit(Interface):
    """Checks the evidence of the database."""

    def verdicts() -> Iterator[Verdict]:
        """Check all evidence, oldest first: its own bytes, its event, and whose key it was."""

    def of(event_id: UUID) -> Evidence | None:
        """Return the evidence of an event, `None` when it has none."""
