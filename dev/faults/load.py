"""Many people at once, who use the site until somebody says that it is enough."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from threading import Condition, Event
from types import TracebackType
from typing import Self

from dev.faults.client import Client, Unanswered, Unavailable, Unexpected
from dev.faults.outcome import Outcome
from dev.faults.people import Fact, Someone
from dev.faults.place import Place

PEOPLE = 8
PATIENCE_SECONDS = 120.0
Live = Callable[[Someone], None]


class Load:
    """`with Load(place, outcome) as load:` people come one after another, some at a time.

    Whoever meets a connection that breaks takes its turn to the end and is followed by nobody: the
    process is gone. After a 503 the next one comes.
    """

    _numbers = count(1)

    def __init__(
        self, place: Place, outcome: Outcome, *, live: Live = Someone.live, people: int = PEOPLE
    ) -> None:
        self.people: list[Someone] = []
        self._place = place
        self._outcome = outcome
        self._live = live
        self._is_enough = Event()
        self._moved = Condition()
        self._pool = ThreadPoolExecutor(people)
        self._turns: list[Future[None]] = []
        self._size = people

    def __enter__(self) -> Self:
        self._turns = [self._pool.submit(self._take_turns) for _ in range(self._size)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_enough.set()
        self._pool.shutdown()
        for turn in self._turns:
            turn.result()

    @property
    def acknowledged(self) -> int:
        return sum(
            change.fact is Fact.ACKNOWLEDGED
            for person in list(self.people)
            for change in list(person.changes)
        )

    @property
    def slowest(self) -> float:
        """How long the slowest request took, in seconds."""
        return max((person.client.slowest for person in list(self.people)), default=0.0)

    def forget_slowest(self) -> None:
        for person in list(self.people):
            person.client.slowest = 0.0

    def wait_for(self, changes: int) -> None:
        """Return when so many more changes were acknowledged."""
        wanted = self.acknowledged + changes
        with self._moved:
            if not self._moved.wait_for(lambda: self.acknowledged >= wanted, PATIENCE_SECONDS):
                raise TimeoutError(f"{self.acknowledged} of {wanted} changes were acknowledged.")

    def wait_for_standstill(self, seconds: float) -> None:
        """Return when nothing was acknowledged for so long."""
        with self._moved:
            while self._moved.wait(seconds):
                pass

    def _take_turns(self) -> None:
        while not self._is_enough.is_set():
            with Client(self._place.port, self._outcome) as client:
                person = Someone(
                    f"person{next(self._numbers)}", client, self._place.mailed_link, self._note
                )
                self.people.append(person)
                if not self._is_followed(person):
                    return

    def _is_followed(self, person: Someone) -> bool:
        """Let somebody live; tell whether another one may come."""
        try:
            self._live(person)
        except Unavailable:
            self._outcome.count("people who were told to come back")
        except Unanswered:
            self._outcome.count("people whose connection broke")
            return False
        except Unexpected:
            return False
        return True

    def _note(self) -> None:
        with self._moved:
            self._moved.notify_all()
