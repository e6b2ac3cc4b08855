"""What is to be done once after a backup was restored: `config.add_restoration_step`.

The database stands again as it stood at the backup: what was spent or ended since then looks as if
it could be used. Each capability ends what is its own; `warehouse-mfa db restored` runs all steps.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pyramid.config import Configurator
from pyramid.request import Request


@dataclass(frozen=True, slots=True)
class RestorationStep:
    """A change that works in the transaction of its caller, and returns to how many rows."""

    what: str
    """What became of the rows, before their number, marked: `_("Sessions ended")`."""
    run: Callable[[Request], int]


def add_restoration_step(config: Configurator, what: str, run: Callable[[Request], int]) -> None:
    """Declare a step."""
    step = RestorationStep(what, run)
    config.action(
        ("restoration step", what), lambda: config.registry["restoration_steps"].append(step)
    )
