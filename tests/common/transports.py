"""A transport that keeps what it is given, and does what a test says meanwhile."""

from collections.abc import Callable
from email.message import EmailMessage

from zope.interface import implementer

from warehouse_mfa.mail.interfaces import ITransport


@implementer(ITransport)
class RecordingTransport:
    """Takes every mail. `acts` are called, one for each mail, before it is taken: they may raise."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.acts: list[Callable[[], None]] = []

    def deliver(self, message: EmailMessage) -> None:
        self.messages.append(message)
        if self.acts:
            self.acts.pop(0)()

    def probe(self) -> None:
        """Be there."""
