"""Sessions, known devices, and the cookies that carry them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from zope.interface import Interface


@dataclass(frozen=True, slots=True)
class StartedSession:
    """A session that has just been given an id; its secret exists here and in the cookie only."""

    id: UUID
    family_id: UUID
    secret: bytes
    """32 random bytes."""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that has logged in fully before."""

    id: UUID
    user_id: UUID
    last_used_at: datetime
    """To the hour."""


@dataclass(frozen=True, slots=True)
class AdmittedDevice:
    """A browser that has just logged in fully."""

    id: UUID
    secret: bytes | None
    """For the cookie `device`, when the browser was not known."""


class ISessionService(Interface):
    """Starts, renews and ends sessions."""

    def start(
        user_id: UUID,
        security_epoch: int,
        *,
        factor: str | None,
        is_reduced: bool = False,
        is_proved: bool = True,
        factor_at: datetime | None = None,
    ) -> StartedSession:
        """Start a session in a family of its own; the account's longest unused beyond 20 end.

        `is_proved` says that the factor was proved at `factor_at`, which is now unless it is given,
        and not when the device was remembered.
        """

    def renew(
        session_id: UUID, security_epoch: int, *, factor: str | None, is_reduced: bool = False
    ) -> StartedSession:
        """Give the session another id and epoch; its family stays.

        With a `factor`, which was just proved, also that, its time, and whether it is reduced.

        :raises SessionEnded: when it has ended meanwhile.
        """

    def end(user_id: UUID, family_id: UUID) -> int:
        """End a session, whichever id it has got meanwhile; return how many that were: 1, or 0 for
        one that was over."""

    def touch(session_id: UUID, address: str | None) -> None:
        """Note that the session was used now, from a network address."""


class SessionEnded(Exception):
    """The session has ended meanwhile."""


class IDeviceService(Interface):
    """Browsers that are known, so that strangers' failures do not count against them."""

    def asking() -> Device | None:
        """Return the browser that asks, `None` when it is not known."""

    def forget_all(user_id: UUID) -> None:
        """Know no browser of the account any more."""

    def admit(user_id: UUID, known: Device | None) -> AdmittedDevice:
        """Note a full login from a device, which is known from now on."""

    def remember(user_id: UUID, security_epoch: int, device_id: UUID, factor: str) -> bytes:
        """Ask a device for no second factor while a setting says and the epoch stays.

        `factor` is the one that was proved. Return the secret for the cookie `remember`.
        """

    def remembered(user_id: UUID, security_epoch: int) -> str | None:
        """Return the factor that was proved when the browser that asks was remembered, if it was."""


class ISessionCookies(Interface):
    """The cookies `session`, `device` and `remember` of the browser that asks."""

    def session_secret() -> bytes | None:
        """Return what the session cookie holds, `None` if nothing that could be a session."""

    def device_secret() -> bytes | None:
        """Return what the device cookie holds."""

    def remember_secret() -> bytes | None:
        """Return what the cookie of a remembered device holds."""

    def hand_out(started: StartedSession) -> None:
        """Let the browser carry this session from now on."""

    def hand_out_device(secret: bytes) -> None:
        """Let the browser be known from now on."""

    def hand_out_remembered(secret: bytes) -> None:
        """Let the browser be remembered from now on, for as long as the setting says."""

    def take_back() -> None:
        """Take the session out of the browser; the device stays known."""

    def forget() -> None:
        """Take everything out of the browser: session and device, for an account that is gone."""
