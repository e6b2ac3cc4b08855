"""The cookies of a session and of a known device, and what CSRF tokens hang on."""

from datetime import timedelta
from typing import Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.http import ICSRFBinding, SecretCookie, forget_anonymous
from warehouse_mfa.sessions.interfaces import ISessionCookies, StartedSession

SESSION = SecretCookie("session")
DEVICE = SecretCookie("device", max_age=timedelta(days=365))


@implementer(ISessionCookies)
class SessionCookies:
    def __init__(self, request: Request) -> None:
        self._request = request

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request)

    def session_secret(self) -> bytes | None:
        return SESSION.secret(self._request)

    def device_secret(self) -> bytes | None:
        return DEVICE.secret(self._request)

    def remember_secret(self) -> bytes | None:
        return self._remember().secret(self._request)

    def hand_out(self, started: StartedSession) -> None:
        SESSION.hand_out(self._request, started.secret)
        # Whoever saw the cookie before this login must not know the tokens of after its end.
        forget_anonymous(self._request)

    def hand_out_device(self, secret: bytes) -> None:
        DEVICE.hand_out(self._request, secret)

    def hand_out_remembered(self, secret: bytes) -> None:
        self._remember().hand_out(self._request, secret)

    def _remember(self) -> SecretCookie:
        # It stands for a factor: no request that another site causes carries it.
        life = self._request.registry["settings"].remember_device
        return SecretCookie("remember", max_age=life, same_site="Strict")

    def forget(self) -> None:
        self.take_back()
        DEVICE.clear_later(self._request)
        self._remember().clear_later(self._request)

    def take_back(self) -> None:
        SESSION.clear_later(self._request)
        forget_anonymous(self._request)


@implementer(ICSRFBinding)
class SessionCSRFBinding:
    """CSRF tokens hang on the family, so that open tabs survive a new session id."""

    def binding_of(self, request: Request) -> bytes | None:
        identity = request.identity
        if identity is None or identity.family_id is None:
            return None
        return b"family:" + bytes(identity.family_id.bytes)
