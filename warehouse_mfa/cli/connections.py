"""The connections of a server, and the wait for whichever has something to do."""

import select
import selectors
import time
from collections import deque

from waitress import wasyncore

EVERYBODY_SECONDS = 1.0
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
FLAGS = {READ: select.POLLIN, WRITE: select.POLLOUT, READ | WRITE: select.POLLIN | select.POLLOUT}


class Connections(dict[int, wasyncore.dispatcher]):
    """The map of descriptors in which waitress keeps its dispatchers, and the loop over them.

    Waitress's own loop asks every dispatcher in every turn what it waits for. With some hundred people
    in the queue that takes more processor time than their answers, so that they become more. Here one
    is asked when something has happened to it: it came, had an event, or was with a thread. What
    happens to one in another way, because it was idle for too long, is found within a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._selector = selectors.DefaultSelector()
        self._waiting: dict[int, int] = {}
        self._changed: set[int] = set()
        self._served: list[int] = []
        self._left: deque[int] = deque()
        self._everybody_at = 0.0

    def __setitem__(self, descriptor: int, dispatcher: wasyncore.dispatcher) -> None:
        super().__setitem__(descriptor, dispatcher)
        self._changed.add(descriptor)

    def __delitem__(self, descriptor: int) -> None:
        super().__delitem__(descriptor)
        self._wait_for(descriptor, 0)  # now: it is closed next, and its number given to another

    def enter(self, descriptor: int) -> None:
        """Be told, by a thread, that it serves this one and may wake the loop for it."""
        self._served.append(descriptor)

    def leave(self, descriptor: int) -> None:
        """Be told, by the thread, that it has woken the loop for the last time."""
        # The loop takes it from those that are served: were it gone before the loop is awake, nobody
        # would ask it.
        self._left.append(descriptor)

    def turn(self, seconds: float) -> None:
        """Handle whatever happens first, or nothing when nothing does for so long."""
        self._ask()
        for key, events in self._selector.select(seconds):
            dispatcher = self.get(key.fd)
            if dispatcher is not None:
                self._changed.add(key.fd)
                wasyncore.readwrite(dispatcher, FLAGS[events])

    def _ask(self) -> None:
        """Ask those that have changed what they wait for now."""
        while self._left:
            descriptor = self._left.popleft()
            self._served.remove(descriptor)
            self._changed.add(descriptor)
        self._changed.update(self._served)
        now = time.monotonic()
        if now >= self._everybody_at:
            self._everybody_at = now + EVERYBODY_SECONDS
            self._changed.update(self)
        changed, self._changed = self._changed, set()
        for descriptor in changed:
            dispatcher = self.get(descriptor)
            if dispatcher is not None:
                self._wait_for(descriptor, _wanted(dispatcher))

    def _wait_for(self, descriptor: int, wanted: int) -> None:
        waited = self._waiting.pop(descriptor, 0)
        if wanted:
            self._waiting[descriptor] = wanted
        if not waited and wanted:
            self._selector.register(descriptor, wanted)
        elif waited and not wanted:
            self._selector.unregister(descriptor)
        elif waited != wanted:
            self._selector.modify(descriptor, wanted)


def _wanted(dispatcher: wasyncore.dispatcher) -> int:
    wanted = READ if dispatcher.readable() else 0
    if dispatcher.writable() and not dispatcher.accepting:
        wanted |= WRITE
    return wanted
