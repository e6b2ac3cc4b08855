"""The link "this was not me".

It rests on its secret, on fourteen days and on being unused, and on nothing of the account: a thief who
changes password, factors or addresses must not end it.
"""

from datetime import timedelta
from typing import Self

from pyramid.request import Request
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import IPublishingHold, IUserService
from warehouse_mfa.login.interfaces import ILostService
from warehouse_mfa.mail.interfaces import ITokenService, LinkInvalid, MailedLink, Purpose
from warehouse_mfa.notifications.interfaces import INotMeService

LINK_LIFE = timedelta(days=14)


@implementer(INotMeService)
class NotMeService:
    def __init__(
        self,
        tokens: ITokenService,
        users: IUserService,
        hold: IPublishingHold,
        lost: ILostService,
    ) -> None:
        self._tokens = tokens
        self._users = users
        self._hold = hold
        self._lost = lost

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.find_service(ITokenService),
            request.find_service(IUserService),
            request.find_service(IPublishingHold),
            request.find_service(ILostService),
        )

    def username_of(self, token: str) -> str:
        return self._username(self._tokens.find(Purpose.NOT_ME, token))

    def say(self, token: str) -> str:
        link = self._tokens.find(Purpose.NOT_ME, token)
        username = self._username(link)
        self._tokens.spend(link)
        self._hold.hold(link.user_id)
        self._lost.withdraw(link.user_id)
        return username

    def _username(self, link: MailedLink) -> str:
        account = self._users.account(link.user_id)
        if account is None:
            raise LinkInvalid
        return account.username
