"""SMTP: what is the mail's fault, what is the server's, and when a mail was taken."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from zope.interface.verify import verifyObject

from tests.common.smtp import MailSink
from warehouse_mfa.mail.interfaces import ITransport, PermanentFailure, TemporaryFailure
from warehouse_mfa.mail.transports import MailboxTransport, SMTPTransport

NORMAL = {
    "EHLO": "250-ready\r\n250 AUTH PLAIN LOGIN",
    "HELO": "250 ready",
    "AUTH": "235 welcome",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go on",
    ".": "250 taken",
    "RSET": "250 OK",
    "QUIT": "221 bye",
}
SILENCE = ""


class Server:
    """A mail server that follows a script: `answers` by verb, "." for the end of a mail."""

    def __init__(self, tls: ssl.SSLContext | None = None, **answers: str) -> None:
        self._tls = tls
        self.answers = {**NORMAL, "GREETING": "220 hello", **answers}
        self.heard: list[str] = []
        self.taken = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def close(self) -> None:
        # Wakes the thread, which waits for a client.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            # A client that breaks off, or does not trust us, ends its conversation and no other.
            with connection, suppress(OSError):
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with connection, connection.makefile("rb") as lines:
                    self._talk(connection, lines)

    def _talk(self, connection: socket.socket, lines: Iterator[bytes]) -> None:
        if not self._say(connection, self.answers["GREETING"]):
            return
        is_reading_mail = False
        for line in lines:
            words = line.decode("latin-1").strip()
            if is_reading_mail and words != ".":
                continue
            verb = words.split()[0].upper() if words else ""
            self.heard.append(verb)
            answer = self.answers.get(verb, "500 what?")
            self.taken += verb == "." and answer.startswith("2")
            is_reading_mail = verb == "DATA" and answer.startswith("3")
            if not self._say(connection, answer):
                return

    def _say(self, connection: socket.socket, answer: str) -> bool:
        """Answer, and tell whether the connection goes on; "!" ends it."""
        if answer != SILENCE and answer != "!":
            connection.sendall(f"{answer}\r\n".encode())
        return answer != "!"


@contextmanager
def server(tls: ssl.SSLContext | None = None, **answers: str) -> Iterator[Server]:
    server = Server(tls, **answers)
    try:
        yield server
    finally:
        server.close()


def message() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Hello"
    message["From"] = "noreply@pypi.example"
    message["To"] = "alice@example.org"
    message.set_content("Hello.")
    return message


def deliver(server: Server, who: str = "") -> None:
    SMTPTransport(f"smtp://{who}127.0.0.1:{server.port}", timeout=1.0).deliver(message())


@pytest.mark.parametrize("transport", [SMTPTransport("smtp://localhost"), MailboxTransport()])
def test_a_transport_is_what_its_interface_says(transport: object) -> None:
    assert verifyObject(ITransport, transport)


def test_a_mail_is_taken() -> None:
    with server() as mail_server:
        deliver(mail_server)

        assert mail_server.taken == 1
        assert mail_server.heard == ["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"]


def test_user_and_password_are_given() -> None:
    with server() as mail_server:
        deliver(mail_server, "robot:p%40ss@")

        assert "AUTH" in mail_server.heard
        assert mail_server.taken == 1


@pytest.mark.parametrize("goodbye", ["421 too busy", "500 what?", SILENCE, "!"])
def test_a_mail_that_was_taken_stays_taken_whatever_the_goodbye(goodbye: str) -> None:
    """Handing it over again would send it twice."""
    with server(QUIT=goodbye) as mail_server:
        deliver(mail_server)

        assert mail_server.taken == 1


@pytest.mark.parametrize(
    "answers",
    [
        {"RCPT": "550 no such person"},
        {"RCPT": "553 not allowed"},
        {"DATA": "554 no"},
        {".": "552 too large"},
        {".": "554 looks like spam"},
    ],
)
def test_what_is_refused_about_a_mail_for_good_is_permanent(answers: dict[str, str]) -> None:
    (sentence,) = answers.values()

    with server(**answers) as mail_server, pytest.raises(PermanentFailure) as failed:
        deliver(mail_server)

    assert str(failed.value) == sentence


@pytest.mark.parametrize(
    "answers",
    [
        {"RCPT": "450 mailbox busy"},
        {"RCPT": "421 going down"},
        {"DATA": "451 later"},
        {".": "452 disk full"},
        {".": "!"},
        {".": SILENCE},
        {"RCPT": "!"},
        {"EHLO": SILENCE},
        {"GREETING": SILENCE},
        {"GREETING": "421 too busy"},
        {"GREETING": "!"},
        {"MAIL": "451 later"},
        {"MAIL": "nonsense"},
    ],
)
def test_what_is_refused_for_now_is_temporary(answers: dict[str, str]) -> None:
    with server(**answers) as mail_server, pytest.raises(TemporaryFailure):
        deliver(mail_server)

    assert mail_server.taken == 0


@pytest.mark.parametrize(
    "answers",
    [
        {"GREETING": "554 no service for you"},
        {"EHLO": "500 what?", "HELO": "550 who are you?"},
        {"AUTH": "535 wrong password"},
        {"EHLO": "250 no login here"},
        {"MAIL": "550 this sender is not allowed"},
    ],
)
def test_what_an_operator_can_put_right_loses_no_mail(answers: dict[str, str]) -> None:
    with server(**answers) as mail_server, pytest.raises(TemporaryFailure):
        deliver(mail_server, "robot:secret@")


def test_a_failure_does_not_show_the_password() -> None:
    with (
        server(AUTH="535 wrong password") as mail_server,
        pytest.raises(TemporaryFailure) as failed,
    ):
        deliver(mail_server, "robot:confidential@")

    assert "confidential" not in str(failed.value)


def test_nobody_at_the_address_is_temporary() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    with pytest.raises(TemporaryFailure, match="refused"):
        SMTPTransport(f"smtp://127.0.0.1:{port}").deliver(message())


@pytest.mark.parametrize("host", ["mail.invalid", "a..b", "x" * 64 + ".example"])
def test_an_address_that_does_not_exist_is_temporary(host: str) -> None:
    with pytest.raises(TemporaryFailure):
        SMTPTransport(f"smtp://{host}").deliver(message())


# TLS


def test_without_tls_nothing_is_sent_where_tls_is_required() -> None:
    with server() as mail_server, pytest.raises(TemporaryFailure):
        SMTPTransport(
            f"smtp://robot:secret@127.0.0.1:{mail_server.port}?starttls=required", timeout=1.0
        ).deliver(message())

    assert "AUTH" not in mail_server.heard
    assert "MAIL" not in mail_server.heard


def test_a_server_that_speaks_no_tls_gets_nothing_by_smtps() -> None:
    with server() as mail_server, pytest.raises(TemporaryFailure):
        SMTPTransport(f"smtps://robot:secret@127.0.0.1:{mail_server.port}", timeout=1.0).deliver(
            message()
        )

    assert mail_server.taken == 0


@pytest.fixture
def impostor(tmp_path: Path) -> ssl.SSLContext:
    """What somebody in between has: a certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, SHA256())
    )
    file = tmp_path / "impostor.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_an_impostor_gets_nothing(impostor: ssl.SSLContext) -> None:
    with server(impostor) as mail_server, pytest.raises(TemporaryFailure, match="CERTIFICATE"):
        SMTPTransport(f"smtps://robot:secret@localhost:{mail_server.port}", timeout=1.0).deliver(
            message()
        )

    assert mail_server.heard == []


def test_a_real_server_gets_all_of_the_message() -> None:
    with MailSink() as sink:
        SMTPTransport(sink.url).deliver(message())

        (got,) = sink.messages
    assert got["Subject"] == "Hello"
    assert got.get_content() == "Hello.\r\n"
