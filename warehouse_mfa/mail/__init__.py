"""Mail: an outbox that joins the transaction, its delivery, and links that were mailed.

A mail is a row first. The task `mail.deliver` claims rows by a lease, talks to SMTP with no
transaction open, and writes the result: at least once, under one Message-ID (RFC 5322 §3.6.4).
"""

from datetime import timedelta

from pyramid.config import Configurator

from warehouse_mfa.i18n import _
from warehouse_mfa.mail.delivery import deliver, purge
from warehouse_mfa.mail.interfaces import IMailer, IOutbox, ITokenService, ITransport
from warehouse_mfa.mail.landing import add_mailed_link
from warehouse_mfa.mail.links import TokenService
from warehouse_mfa.mail.outbox import Mailer, Outbox
from warehouse_mfa.mail.restoration import void_links
from warehouse_mfa.mail.transports import MailboxTransport, SMTPTransport


def includeme(config: Configurator) -> None:
    settings = config.registry["settings"]
    smtp_url = settings.smtp_url.get_secret_value()
    config.register_service(SMTPTransport(smtp_url) if smtp_url else MailboxTransport(), ITransport)
    config.register_service_factory(Mailer.create, IMailer)
    config.register_service_factory(Outbox.create, IOutbox)
    config.register_service_factory(TokenService.create, ITokenService)
    config.add_directive("add_mailed_link", add_mailed_link)
    config.add_restoration_step(_("Mailed links voided"), void_links)
    config.add_task("mail.deliver", deliver, every=timedelta(seconds=5))
    config.add_task("mail.purge", purge, every=timedelta(hours=1))
    if settings.is_development:
        config.add_route("mail.mailbox", "/dev/mail/")
        config.scan(".views")
