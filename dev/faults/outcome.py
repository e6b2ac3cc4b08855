"""What a fault showed: figures, and whatever did not hold."""

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class Outcome:
    """Collected from many threads."""

    counts: Counter[str] = field(default_factory=Counter)
    maxima: dict[str, float] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def count(self, what: str, number: int = 1) -> None:
        with self._lock:
            self.counts[what] += number

    def longest(self, what: str, seconds: float) -> None:
        """Keep the largest of figures."""
        with self._lock:
            self.maxima[what] = max(self.maxima.get(what, 0.0), seconds)

    def tell(self, what: str, value: object) -> None:
        """Keep a figure."""
        with self._lock:
            self.figures[what] = f"{value:.2f}" if isinstance(value, float) else str(value)

    def breaks(self, *sentences: str) -> None:
        """Keep what should have been otherwise."""
        with self._lock:
            self.broken += sentences

    def expect(self, holds: bool, sentence: str) -> None:
        if not holds:
            self.breaks(sentence)

    @property
    def lines(self) -> list[str]:
        found = [f"{what}: {number}" for what, number in sorted(self.counts.items())]
        found += [f"{what}, at most: {value:.2f}" for what, value in self.maxima.items()]
        found += [f"{what}: {value}" for what, value in self.figures.items()]
        return found + [f"BROKEN {sentence}" for sentence in self.broken]
