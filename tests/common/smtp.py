"""A mail server that keeps what it gets, and can be told to be difficult."""

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from threading import Condition
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
WAIT_SECONDS = 10.0


@dataclass(frozen=True)
class _Answer:
    code: int
    text: str


# A message that gets no answer at all until the sink stops.
_SILENCE = _Answer(0, "")


class MailSink:
    """An SMTP server on the loopback interface: `with MailSink() as sink`.

    Every message is accepted and kept, unless `answer_with` or `hang` has said otherwise about it.
    The methods may be called from any thread.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._messages: list[EmailMessage] = []
        self._recipients: list[tuple[str, ...]] = []
        self._answers: deque[_Answer] = deque()
        self._refused = 0
        self._controller: _Controller | None = None
        self._port: int | None = None

    @property
    def url(self) -> str:
        """The address for the setting; the same after `stop` and `start`."""
        return f"smtp://{HOST}:{self._port}"

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages accepted so far, in the order they came."""
        with self._changed:
            return list(self._messages)

    @property
    def recipients(self) -> list[tuple[str, ...]]:
        """The envelope recipients of each of `messages`, blind copies included."""
        with self._changed:
            return list(self._recipients)

    @property
    def refused(self) -> int:
        """How many messages were met with `answer_with` or `hang`."""
        with self._changed:
            return self._refused

    def start(self) -> Self:
        """Listen; after `stop` again on the same port, as a server that was away."""
        # Bound here and not by the controller, which cannot be asked for "any free port".
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self._port or 0))
        self._port = listener.getsockname()[1]
        self._controller = _Controller(self._receive, listener, self._port)
        self._controller.start()
        return self

    def stop(self) -> None:
        """Stop listening and drop every connection, those that hang as well. The messages stay."""
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def answer_with(self, code: int, text: str, times: int = 1) -> None:
        """Refuse the next `times` messages: 4xx for now, 5xx for good. They are not kept."""
        self._plan(_Answer(code, text), times)

    def hang(self, times: int = 1) -> None:
        """Take the next `times` messages and never answer, until `stop` or the client goes."""
        self._plan(_SILENCE, times)

    def clear(self) -> None:
        """Forget the messages and the planned answers."""
        with self._changed:
            self._messages.clear()
            self._recipients.clear()
            self._answers.clear()
            self._refused = 0

    def wait_for(self, count: int, timeout: float = WAIT_SECONDS) -> list[EmailMessage]:
        """Return the messages as soon as there are `count` of them.

        :raises TimeoutError: if there are fewer after `timeout` seconds.
        """
        self._wait(lambda: len(self._messages), count, timeout, "accepted")
        return self.messages

    def wait_for_refused(self, count: int, timeout: float = WAIT_SECONDS) -> None:
        """Return as soon as `count` messages were met with `answer_with` or `hang`.

        :raises TimeoutError: if there are fewer after `timeout` seconds.
        """
        self._wait(lambda: self._refused, count, timeout, "refused")

    def _wait(self, current: Callable[[], int], count: int, timeout: float, verb: str) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: current() >= count, timeout):
                raise TimeoutError(
                    f"{current()} of {count} mails were {verb} in {timeout} seconds."
                )

    def _plan(self, answer: _Answer, times: int) -> None:
        with self._changed:
            self._answers.extend([answer] * times)

    async def _receive(self, envelope: Envelope) -> str:
        with self._changed:
            answer = self._answers.popleft() if self._answers else None
            if answer is None:
                self._messages.append(_parsed(envelope.content))
                self._recipients.append(tuple(envelope.rcpt_tos))
            else:
                self._refused += 1
            self._changed.notify_all()
        if answer is _SILENCE:
            await asyncio.Event().wait()
        return f"{answer.code} {answer.text}" if answer else "250 OK"


class _Handler:
    def __init__(self, receive: Callable[[Envelope], Awaitable[str]]) -> None:
        self._receive = receive

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self._receive(envelope)


class _Controller(Controller):
    def __init__(
        self, receive: Callable[[Envelope], Awaitable[str]], listener: socket.socket, port: int
    ) -> None:
        super().__init__(_Handler(receive), hostname=HOST, port=port)
        self._listener = listener

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)


def _parsed(content: bytes | str | None) -> EmailMessage:
    assert isinstance(content, bytes)
    return message_from_bytes(content, policy=SMTP_POLICY)
