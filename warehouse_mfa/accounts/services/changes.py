"""What it means that something changed which an account's security rests on."""

from typing import Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import AccountChanged, IAccountChangeService, IUserService
from warehouse_mfa.authz import Identity
from warehouse_mfa.sessions.interfaces import ISessionCookies, ISessionService, SessionEnded


@implementer(IAccountChangeService)
class AccountChangeService:
    def __init__(
        self, users: IUserService, sessions: ISessionService, cookies: ISessionCookies
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._cookies = cookies

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.find_service(IUserService),
            request.find_service(ISessionService),
            request.find_service(ISessionCookies),
        )

    def changed(
        self, identity: Identity, *, factor: str | None = None, is_reduced: bool = False
    ) -> None:
        epoch = self._users.raise_security_epoch(identity.user_id, identity.security_epoch)
        if identity.session_id is None:
            raise AccountChanged
        try:
            renewed = self._sessions.renew(
                identity.session_id, epoch, factor=factor, is_reduced=is_reduced
            )
        except SessionEnded as error:
            raise AccountChanged from error
        self._cookies.hand_out(renewed)
