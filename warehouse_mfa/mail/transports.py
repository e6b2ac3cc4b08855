"""How a mail leaves: by SMTP, or not at all in development."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from zope.interface import implementer

from warehouse_mfa.mail.interfaces import ITransport, PermanentFailure, TemporaryFailure

TIMEOUT_SECONDS = 20


@implementer(ITransport)
class SMTPTransport:
    """SMTP, RFC 5321; `smtps://` for TLS from the start, `?starttls=required` for RFC 3207."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._is_tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_tls else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._starttls = parse_qs(parts.query).get("starttls", ["off"])[0] == "required"

    def deliver(self, message: EmailMessage) -> None:
        try:
            connection = self._connect()
            try:
                connection.send_message(message)
                # The mail is taken now: a server that does not say goodbye must not get it again.
                with suppress(OSError, smtplib.SMTPException):
                    connection.quit()
            finally:
                connection.close()
        except smtplib.SMTPRecipientsRefused as error:
            raise _failure(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPDataError as error:
            raise _failure(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            # A refused login or sender says nothing about the mail: an operator can put that right.
            raise TemporaryFailure(f"{type(error).__name__}: {error}") from error

    def probe(self) -> None:
        try:
            connection = self._connect()
            try:
                connection.ehlo_or_helo_if_needed()
            finally:
                connection.close()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise TemporaryFailure(f"{type(error).__name__}: {error}") from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        if self._is_tls:
            connection = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            connection = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._starttls:
                connection.starttls(context=context)
            if self._user:
                connection.login(self._user, self._password)
        except BaseException:
            connection.close()
            raise
        return connection


def _failure(code: int, answer: bytes | str) -> TemporaryFailure | PermanentFailure:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    kind = PermanentFailure if code >= 500 else TemporaryFailure
    return kind(f"{code} {text}")


@implementer(ITransport)
class MailboxTransport:
    """In development a mail stays in the outbox, where the mailbox page shows it."""

    def deliver(self, message: EmailMessage) -> None:
        return

    def probe(self) -> None:
        return
