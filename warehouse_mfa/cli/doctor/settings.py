"""Checks of settings that are allowed, and not wise. What is refused is a finding, too."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import urlsplit

from limits import RateLimitItem, parse_many
from sqlalchemy import make_url

from warehouse_mfa.cli.doctor.patient import Patient
from warehouse_mfa.i18n import _
from warehouse_mfa.settings import PREFIX, BadSettings, Settings, written

LOCAL = ("localhost", "127.0.0.1", "::1")
# More public addresses than a proxy, or a provider of proxies, has.
SMALLEST_PREFIX = {4: 16, 6: 32}
DAY = timedelta(days=1)
# Twice what NIST SP 800-63B-4 §2.2.3 says of sessions, and some times our own default of the others.
LONGEST = {
    "session_lifetime": timedelta(hours=24),
    "step_up_window": timedelta(hours=2),
    "remember_device": timedelta(days=90),
}
MUCH_LOOSER = 10
SHORTEST_LAST_DELAY = timedelta(minutes=1)
ENCRYPTED = ("require", "verify-ca", "verify-full")


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


def database_in_the_clear(patient: Patient) -> Iterator[str]:
    url = make_url(patient.settings.database_url.get_secret_value())
    host = url.host or url.query.get("host") or patient.environ.get("PGHOST", "")
    mode = url.query.get("sslmode") or patient.environ.get("PGSSLMODE")
    is_near = not host or str(host).startswith("/") or host in LOCAL
    if url.get_backend_name() == "postgresql" and not is_near and mode not in ENCRYPTED:
        yield _(
            "Nothing makes sure that the database at ${host} is not reached in the clear, with the "
            "password hashes in it. Add ?sslmode=verify-full to WAREHOUSE_MFA_DATABASE_URL.",
            mapping={"host": host},
        )


def relying_party_of_everybody(patient: Patient) -> Iterator[str]:
    name = patient.settings.rp_id
    if name and "." not in name and name != urlsplit(patient.settings.origin).hostname:
        yield _(
            "WAREHOUSE_MFA_RP_ID is ${name}, which is nobody's own: browsers make no security keys "
            "for it. Name the host, or a domain of yours.",
            mapping={"name": name},
        )


def long_times(patient: Patient) -> Iterator[str]:
    for field, most in LONGEST.items():
        value = getattr(patient.settings, field)
        if value > most:
            yield _(
                "${name} is ${value}: for so long nothing is asked again of whoever has a stolen "
                "browser. Set ${most} at most.",
                mapping={
                    "name": f"{PREFIX}{field.upper()}",
                    "value": written(value),
                    "most": written(most),
                },
            )


def loose_limits(patient: Patient) -> Iterator[str]:
    for field, declared in Settings.model_fields.items():
        items = getattr(patient.settings, field)
        if not field.startswith("limit_") or isinstance(items, int):
            continue
        number, usual = _a_day(items), _a_day(parse_many(declared.default))
        if number > MUCH_LOOSER * usual:
            yield _(
                "${name} lets ${number} a day through, and ${usual} where it is not set: it stops "
                "hardly anybody who guesses passwords or codes, or fills mailboxes. Leave it unset.",
                mapping={"name": f"{PREFIX}{field.upper()}", "number": number, "usual": usual},
            )


def short_login_delays(patient: Patient) -> Iterator[str]:
    last = patient.settings.login_delays[-1]
    if last < SHORTEST_LAST_DELAY:
        yield _(
            "WAREHOUSE_MFA_LOGIN_DELAYS ends with ${value}: ${number} more passwords can be tried "
            "every day. Leave it unset.",
            mapping={"value": written(last), "number": DAY // last},
        )


def _a_day(items: Sequence[RateLimitItem]) -> int:
    """Return how many at most pass on one day."""
    seconds = int(DAY.total_seconds())
    return min(item.amount * max(1, seconds // item.get_expiry()) for item in items)
