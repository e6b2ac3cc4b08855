"""Rate limiters and their refusal."""

from dataclasses import dataclass
from datetime import timedelta

from zope.interface import Attribute, Interface

from warehouse_mfa.i18n import _


class TooManyAttempts(Exception):
    """The limit is reached. `resets_in` says when the next attempt is taken."""

    def __init__(self, limiter: str, resets_in: timedelta, *, is_first: bool = False) -> None:
        super().__init__(limiter)
        self.limiter = limiter
        self.resets_in = resets_in
        self.message = _(
            "This was tried too often. Try again ${when}.", mapping={"when": resets_in}
        )
        self.is_first = is_first
        """This is the first refusal in its window: the one that is put on record."""


class StreakTooLong(Exception):
    """There were too many failures in a row. No time ends this."""

    def __init__(self, limiter: str, *, is_first: bool) -> None:
        super().__init__(limiter)
        self.limiter = limiter
        self.is_first = is_first
        """This is the first refusal since: the one that is put on record."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """An attempt that was counted before it was made."""

    key: bytes
    """Keyed digest of limiter and subject, 32 bytes."""
    windows: tuple[tuple[int, int, int], ...]
    """Length of each window; when it ends and until when this attempt holds up the next one (0 for
    not at all), in seconds since the epoch."""


class IRateLimiter(Interface):
    """Counts attempts of a subject in fixed windows; registered by name, `login.user`.

    After a full window it takes none until the window is over, or one after each of several delays.
    """

    name = Attribute("Its name.")

    def reserve(subject: str) -> Reservation:
        """Count an attempt. :raises TooManyAttempts: when there is none left; nothing is counted."""

    def give_back(reservation: Reservation) -> None:
        """Take the attempt back: it was a success."""


class IStreakLimiter(Interface):
    """Counts failures in a row of a subject, however far apart; registered by name, `totp.streak`."""

    name = Attribute("Its name.")

    def reserve(subject: str) -> None:
        """Count an attempt. :raises StreakTooLong: when there is none left; nothing is counted."""

    def give_back(subject: str) -> None:
        """Take the attempt back: it was none."""

    def forget(subject: str) -> None:
        """The row of failures is at its end: begin again."""
