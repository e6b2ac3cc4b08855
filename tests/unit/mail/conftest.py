"""A site that sends its mails to a real mail server, and one that hands them to a double."""

from collections.abc import Iterator

import pytest

from tests.common.mailing import MailingSite
from tests.common.smtp import MailSink
from tests.common.transports import RecordingTransport
from warehouse_mfa.mail.transports import SMTPTransport

TIMEOUT_SECONDS = 2.0


@pytest.fixture(scope="session")
def server() -> Iterator[MailSink]:
    with MailSink() as server:
        yield server


@pytest.fixture
def sink(server: MailSink) -> MailSink:
    """A mail server without mails or plans."""
    server.clear()
    return server


@pytest.fixture(scope="session")
def sending_site(database_url: str, server: MailSink) -> Iterator[MailingSite]:
    site = MailingSite(
        database_url,
        SMTPTransport(server.url, timeout=TIMEOUT_SECONDS),
        smtp_url=server.url,
        site_name="Índex & Co",
    )
    yield site
    site.close()


@pytest.fixture
def site(sending_site: MailingSite) -> Iterator[MailingSite]:
    """A site that sends its mails to `sink`."""
    yield sending_site
    sending_site.reset()


@pytest.fixture(scope="session")
def double() -> RecordingTransport:
    return RecordingTransport()


@pytest.fixture(scope="session")
def recording_site(database_url: str, double: RecordingTransport) -> Iterator[MailingSite]:
    site = MailingSite(database_url, double)
    yield site
    site.close()


@pytest.fixture
def transport(double: RecordingTransport) -> RecordingTransport:
    double.messages.clear()
    double.acts.clear()
    return double


@pytest.fixture
def recorded(recording_site: MailingSite, transport: RecordingTransport) -> Iterator[MailingSite]:
    """A site that hands its mails to `transport`."""
    yield recording_site
    recording_site.reset()
