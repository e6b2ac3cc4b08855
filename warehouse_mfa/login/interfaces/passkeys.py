"""Logging in with a passkey instead of a password."""

from typing import Any

from zope.interface import Interface

from warehouse_mfa.login.interfaces.login import LoggedInSession


class IPasskeyLoginService(Interface):
    """Lets people log in without a password.

    `browser` is what an answer belongs to: the anonymous cookie of the browser that asks.
    """

    def begin(browser: bytes) -> dict[str, Any]:
        """Return the options of the ceremony as JSON. They are the same for everybody."""

    def complete(
        browser: bytes, answer: str, *, next: str, device_secret: bytes | None, client: str
    ) -> LoggedInSession:
        """Check a passkey and start a session, in which it counts as the strongest proof.

        `client` is the network address, `device_secret` what the cookie `device` holds.

        :raises FactorRejected: recorded; it counts when the caller returns normally.
        :raises AccountIsFrozen: when the passkey is right; recorded likewise.
        :raises TooManyAttempts: before anything was checked. :raises BadInput: if it is no object.
        """
