"""The server's loop: whoever has something to do is handled, and nobody else is even asked."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from waitress import wasyncore

from warehouse_mfa.cli import connections
from warehouse_mfa.cli.connections import Connections

NOT_WITHIN_THIS_TEST = 3600.0
MANY = 200


class Channel(wasyncore.dispatcher):
    """A connection that notes what the loop does with it."""

    def __init__(self, map_: Connections) -> None:
        ours, self.theirs = socket.socketpair()
        self.questions = self.reads = self.writes = 0
        self.is_reading, self.is_writing = True, False
        self.is_reading_once = False
        self.descriptor = ours.fileno()
        super().__init__(ours, map=map_)
        self.connected = True

    def readable(self) -> bool:
        self.questions += 1
        return self.is_reading

    def writable(self) -> bool:
        return self.is_writing

    def handle_read(self) -> None:
        self.recv(1)
        self.reads += 1
        self.is_reading = not self.is_reading_once

    def handle_write(self) -> None:
        self.writes += 1
        self.is_writing = False

    def handle_close(self) -> None:
        self.close()


class Site:
    """A loop, with what a thread wakes it by."""

    def __init__(self) -> None:
        self._ends = ExitStack()
        self.connections = Connections()
        self.waker = self.connect()

    def connect(self) -> Channel:
        channel = Channel(self.connections)
        self._ends.callback(channel.theirs.close)
        self._ends.callback(channel.close)
        return channel

    def wake(self) -> None:
        self.waker.theirs.send(b"x")

    def close(self) -> None:
        self._ends.close()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(connections, "EVERYBODY_SECONDS", NOT_WITHIN_THIS_TEST)
    site = Site()
    yield site
    site.close()


def test_who_sent_something_is_read(site: Site) -> None:
    quiet, talking = site.connect(), site.connect()
    talking.theirs.send(b"GET")

    site.connections.turn(0)

    assert (quiet.reads, talking.reads) == (0, 1)


def test_a_turn_asks_nobody_to_whom_nothing_has_happened(site: Site) -> None:
    idle = [site.connect() for _ in range(MANY)]
    site.connections.turn(0)
    before = sum(channel.questions for channel in idle)

    for _ in range(10):
        idle[0].theirs.send(b"x")
        site.connections.turn(0)

    assert before == MANY
    assert sum(channel.questions for channel in idle) - before <= 10
    assert idle[0].reads == 10


def test_what_a_thread_has_written_is_sent_when_it_wakes_the_loop(site: Site) -> None:
    channel = site.connect()
    site.connections.turn(0)

    site.connections.enter(channel.descriptor)
    channel.is_writing = True
    site.wake()
    site.connections.turn(0)
    site.connections.turn(0)

    assert channel.writes == 1


def test_it_is_sent_as_well_when_the_thread_has_left_before_the_loop_is_awake(
    site: Site,
) -> None:
    channel = site.connect()
    site.connections.turn(0)

    site.connections.enter(channel.descriptor)
    channel.is_writing = True
    site.wake()
    site.connections.leave(channel.descriptor)
    site.connections.turn(0)

    assert channel.writes == 1


def test_a_thread_that_leaves_does_not_hide_the_next_that_has_come(site: Site) -> None:
    channel = site.connect()
    site.connections.turn(0)

    site.connections.enter(channel.descriptor)
    site.connections.enter(channel.descriptor)
    site.connections.leave(channel.descriptor)
    site.connections.turn(0)
    channel.is_writing = True
    site.wake()
    site.connections.turn(0)

    assert channel.writes == 1


def test_who_was_served_is_asked_no_more(site: Site) -> None:
    channel = site.connect()
    site.connections.enter(channel.descriptor)
    site.connections.leave(channel.descriptor)
    site.connections.turn(0)
    before = channel.questions

    site.wake()
    site.connections.turn(0)
    site.connections.turn(0)

    assert channel.questions == before


def test_who_has_read_enough_is_not_read_again(site: Site) -> None:
    channel = site.connect()
    channel.is_reading_once = True
    channel.theirs.send(b"xx")

    site.connections.turn(0)
    site.connections.turn(0)

    assert channel.reads == 1


def test_who_does_not_want_to_read_waits_until_it_does(site: Site) -> None:
    channel = site.connect()
    channel.is_reading = False
    channel.theirs.send(b"x")
    site.connections.turn(0)
    unread = channel.reads

    site.connections.enter(channel.descriptor)
    channel.is_reading = True
    site.wake()
    site.connections.turn(0)

    assert (unread, channel.reads) == (0, 1)


def test_what_changed_by_itself_is_found_in_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "EVERYBODY_SECONDS", 0.0)
    channel = site.connect()
    site.connections.turn(0)

    channel.is_writing = True
    site.connections.turn(0)

    assert channel.writes == 1


def test_who_hung_up_is_closed(site: Site) -> None:
    channel = site.connect()
    channel.theirs.close()

    site.connections.turn(0)

    assert channel.descriptor not in site.connections


def test_a_number_that_is_given_to_the_next_is_the_next_ones(site: Site) -> None:
    gone = site.connect()
    site.connections.turn(0)
    gone.theirs.close()
    gone.close()
    come = site.connect()
    come.theirs.send(b"x")

    site.connections.turn(0)

    assert come.descriptor == gone.descriptor
    assert (gone.reads, come.reads) == (0, 1)


def test_an_error_of_one_is_not_the_end_of_the_loop(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = site.connect(), site.connect()
    broken.handle_read = lambda: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    for channel in (broken, sound):
        channel.theirs.send(b"x")

    site.connections.turn(0)

    assert sound.reads == 1
    assert broken.descriptor not in site.connections
    assert "ZeroDivisionError" in caplog.text
