"""Knowing devices, and remembering those that are asked for no second factor."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import Uuid, bindparam, delete, insert, select, text, update
from zope.interface import implementer

from warehouse_mfa import crypto
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session as DatabaseSession
from warehouse_mfa.db import UTCDateTime, new_id, table_of
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.sessions.interfaces import (
    AdmittedDevice,
    Device,
    IDeviceService,
    ISessionCookies,
)
from warehouse_mfa.sessions.models import KnownDevice, RememberedDevice
from warehouse_mfa.sessions.services.place import SECRET_BYTES, place_of

DEVICE_LIFE = timedelta(days=365)
DEVICE_USED_EVERY = timedelta(hours=1)
DEVICES = table_of(KnownDevice)
REMEMBERED = table_of(RememberedDevice)
INSERT_DEVICE = insert(DEVICES)
FIND_DEVICE = select(DEVICES.c.id, DEVICES.c.user_id, DEVICES.c.last_used_at).where(
    DEVICES.c.digest == bindparam("digest"), DEVICES.c.expires_at > bindparam("now")
)
USE_DEVICE = (
    update(DEVICES)
    .where(DEVICES.c.id == bindparam("the_id"))
    .values(last_used_at=bindparam("now"), address=bindparam("client"))
)
# One statement, so that of two at once the later one counts. SQLite and PostgreSQL read the same text.
REMEMBER = text(
    """
    INSERT INTO remembered_devices
        (id, digest, device_id, user_id, security_epoch, factor, created_at, expires_at)
    VALUES (:id, :digest, :device_id, :user_id, :security_epoch, :factor, :created_at, :expires_at)
    ON CONFLICT (device_id) DO UPDATE SET
        digest = excluded.digest, security_epoch = excluded.security_epoch,
        factor = excluded.factor, created_at = excluded.created_at, expires_at = excluded.expires_at
    """
).bindparams(
    *(bindparam(name, type_=Uuid()) for name in ("id", "device_id", "user_id")),
    *(bindparam(name, type_=UTCDateTime()) for name in ("created_at", "expires_at")),
)
FIND_REMEMBERED = select(REMEMBERED.c.factor).where(
    REMEMBERED.c.digest == bindparam("digest"),
    REMEMBERED.c.user_id == bindparam("the_user"),
    REMEMBERED.c.security_epoch == bindparam("epoch"),
    REMEMBERED.c.expires_at > bindparam("now"),
)


@implementer(IDeviceService)
class DeviceService:
    def __init__(
        self,
        session: DatabaseSession,
        clock: IClock,
        entropy: IEntropy,
        cookies: ISessionCookies,
        remembered_for: timedelta,
        place: Mapping[str, str | None],
    ) -> None:
        """`place` has the address and the agent of who asks, as columns."""
        self._session = session
        self._clock = clock
        self._entropy = entropy
        self._cookies = cookies
        self._remembered_for = remembered_for
        self._place = place

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IEntropy),
            request.find_service(ISessionCookies),
            request.registry["settings"].remember_device,
            place_of(request),
        )

    def asking(self) -> Device | None:
        secret = self._cookies.device_secret()
        if secret is None:
            return None
        found = self._session.execute(
            FIND_DEVICE, {"digest": crypto.digest(secret), "now": self._clock.now()}
        ).one_or_none()
        return Device(*found) if found else None

    def forget_all(self, user_id: UUID) -> None:
        self._session.execute(delete(DEVICES).where(DEVICES.c.user_id == user_id))

    def admit(self, user_id: UUID, known: Device | None) -> AdmittedDevice:
        now = self._clock.now()
        if known is not None and known.user_id == user_id:
            if now - known.last_used_at >= DEVICE_USED_EVERY:
                client = self._place["address"]
                self._session.defer(USE_DEVICE, {"the_id": known.id, "now": now, "client": client})
            return AdmittedDevice(known.id, None)
        device_id, secret = new_id(), self._entropy.token_bytes(SECRET_BYTES)
        self._session.defer(
            INSERT_DEVICE,
            {
                "id": device_id,
                "digest": crypto.digest(secret),
                "user_id": user_id,
                "created_at": now,
                "last_used_at": now,
                "expires_at": now + DEVICE_LIFE,
                **self._place,
            },
        )
        return AdmittedDevice(device_id, secret)

    def remember(self, user_id: UUID, security_epoch: int, device_id: UUID, factor: str) -> bytes:
        now, secret = self._clock.now(), self._entropy.token_bytes(SECRET_BYTES)
        self._session.defer(
            REMEMBER,
            {
                "id": new_id(),
                "digest": crypto.digest(secret),
                "device_id": device_id,
                "user_id": user_id,
                "security_epoch": security_epoch,
                "factor": factor,
                "created_at": now,
                "expires_at": now + self._remembered_for,
            },
        )
        return secret

    def remembered(self, user_id: UUID, security_epoch: int) -> str | None:
        secret = self._cookies.remember_secret()
        if secret is None or not self._remembered_for:
            return None
        factor: str | None = self._session.execute(
            FIND_REMEMBERED,
            {
                "digest": crypto.digest(secret),
                "the_user": user_id,
                "epoch": security_epoch,
                "now": self._clock.now(),
            },
        ).scalar_one_or_none()
        return factor
