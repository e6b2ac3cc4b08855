"""A site whose mails go where a test wants them."""

from pyramid.config import Configurator

from tests.common.site import Site
from warehouse_mfa.mail.interfaces import IMailer, ITransport


class MailingSite(Site):
    """A site with a transport of the test's."""

    def __init__(self, database_url: str, transport: object, **settings_: str) -> None:
        self._transport = transport
        super().__init__(database_url, **settings_)

    def _extend(self, config: Configurator) -> None:
        super()._extend(config)
        config.register_service(self._transport, ITransport)

    def queue(self, *recipients: str, username: str = "alice") -> None:
        """Put a mail for each recipient into the outbox."""
        with self.scope() as request:
            mailer = request.find_service(IMailer)
            for recipient in recipients:
                mailer.send(recipient, "address-taken", locale="en", username=username)

    def deliver(self) -> None:
        """Run one round of the task."""
        self.run_task("mail.deliver")
