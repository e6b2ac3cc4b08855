"""Checks of what stands beside: Redis or Valkey, the mail server, a list of stolen passwords.

Whether Redis keeps anything on disk does not matter: what must survive lives in the database.
"""

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit

import redis

from warehouse_mfa.breaches.interfaces import IPasswordBreachService
from warehouse_mfa.cli.doctor.patient import Patient
from warehouse_mfa.cli.doctor.settings import LOCAL
from warehouse_mfa.i18n import _
from warehouse_mfa.mail.interfaces import ITransport, TemporaryFailure

REDIS_SECONDS = 5.0
STOLEN = "password"  # no list of stolen passwords lacks it


def _redis(patient: Patient) -> "redis.Redis | None":
    url = patient.settings.redis_url.get_secret_value()
    if not url:
        return None
    return redis.Redis.from_url(
        url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )


def unreachable_redis(patient: Patient) -> Iterator[str]:
    client = _redis(patient)
    if client is None:
        return
    try:
        client.ping()
    except redis.RedisError as error:
        yield _(
            "Redis cannot be used, so nobody can log in: ${reason}",
            mapping={"reason": _in_one_line(error)},
        )
    finally:
        client.close()


def open_redis(patient: Patient) -> Iterator[str]:
    parts = urlsplit(patient.settings.redis_url.get_secret_value())
    if parts.hostname and parts.hostname not in LOCAL and not parts.password:
        yield _(
            "Redis at ${host} asks for no password: whoever reaches it ends limits by address, and "
            "gives tasks to workers. Set requirepass, and write it into WAREHOUSE_MFA_REDIS_URL.",
            mapping={"host": parts.hostname},
        )


def forgetful_redis(patient: Patient) -> Iterator[str]:
    client = _redis(patient)
    if client is None:
        return
    try:
        found = cast(dict[str, Any], client.config_get("maxmemory*"))
    except redis.ResponseError:
        # A hosted one does not tell.
        return
    finally:
        client.close()
    policy = found.get("maxmemory-policy")
    if found.get("maxmemory") != "0" and policy != "noeviction":
        yield _(
            "Redis forgets limits by address when its memory is full (maxmemory-policy ${policy}). "
            "Set maxmemory-policy noeviction.",
            mapping={"policy": policy},
        )


def unreachable_mail_server(patient: Patient) -> Iterator[str]:
    transport: ITransport = patient.config.find_service_factory(ITransport)(None, None)
    try:
        transport.probe()
    except TemporaryFailure as error:
        yield _(
            "The mail server cannot be used, so mails wait: ${reason}",
            mapping={"reason": _in_one_line(error)},
        )


def silent_breach_service(patient: Patient) -> Iterator[str]:
    if not patient.settings.breach_service:
        return
    breaches: IPasswordBreachService = patient.config.find_service_factory(IPasswordBreachService)(
        None, None
    )
    if not breaches.is_breached(STOLEN):
        yield _(
            "The service at ${host} does not say that the password `${password}` is stolen, so that "
            "stolen passwords are taken: it is not there, too slow, or another one.",
            mapping={
                "host": urlsplit(patient.settings.breach_service).hostname,
                "password": STOLEN,
            },
        )


def _in_one_line(error: Exception) -> str:
    return f"{' '.join(str(error).split()).rstrip('.')}."
