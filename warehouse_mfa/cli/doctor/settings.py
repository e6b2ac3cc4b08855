"""Checks of settings that are allowed, and not wise. What is refused is a finding, too."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import urlsplit

from warehouse_mfa.cli.doctor.patient import Patient
from warehouse_mfa.i18n import _
from warehouse_mfa.settings import BadSettings

LOCAL = ("localhost", "127.0.0.1", "::1")
# More public addresses than a proxy, or a provider of proxies, has.
SMALLEST_PREFIX = {4: 16, 6: 32}


def refused_settings(patient: Patient) -> Iterator[str]:
    try:
        _ = patient.settings
    except BadSettings as error:
        yield from error.messages


def development_for_others(patient: Patient) -> Iterator[str]:
    host = urlsplit(patient.settings.origin).hostname
    if patient.settings.is_development and host not in LOCAL:
        yield _(
            "The environment is development, and people come to ${host}: "
            "anybody can read every mail at /dev/mail/. Set WAREHOUSE_MFA_ENVIRONMENT=production.",
            mapping={"host": host},
        )


def cheap_password_hash(patient: Patient) -> Iterator[str]:
    if patient.settings.password_hash.is_weak:
        yield _(
            "WAREHOUSE_MFA_PASSWORD_HASH is ${value}: "
            "a stolen database gives its passwords away. Leave it unset.",
            mapping={"value": patient.settings.password_hash},
        )


def wide_trusted_proxies(patient: Patient) -> Iterator[str]:
    for network in patient.settings.trusted_proxies:
        if _is_wide(network):
            yield _(
                "WAREHOUSE_MFA_TRUSTED_PROXIES has ${network}: anybody there can pretend to come "
                "from any address, and no limit by address holds. Name the proxies only.",
                mapping={"network": network},
            )


def _is_wide(network: IPv4Network | IPv6Network) -> bool:
    return not network.is_private and network.prefixlen < SMALLEST_PREFIX[network.version]


def mail_in_the_clear(patient: Patient) -> Iterator[str]:
    parts = urlsplit(patient.settings.smtp_url.get_secret_value())
    is_clear = parts.scheme == "smtp" and parts.query != "starttls=required"
    if is_clear and parts.hostname not in LOCAL:
        yield _(
            "Mails go to ${host} in the clear, with the links in them. "
            "Add ?starttls=required to WAREHOUSE_MFA_SMTP_URL, or use smtps://.",
            mapping={"host": parts.hostname},
        )
