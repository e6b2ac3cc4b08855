"""Deleting an account: what is its owner's goes, what proves what happened stays."""

from collections.abc import Mapping
from typing import Any, Self

from pyramid.request import Request
from sqlalchemy import bindparam, delete, insert
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import AccountChanged, AccountDeleted, IUserService
from warehouse_mfa.accounts.models import RetiredName, User
from warehouse_mfa.accounts.names import username_key
from warehouse_mfa.authz import Confirmed, IAct, Identity, Performed
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, table_of
from warehouse_mfa.events.interfaces import IErasureService, IEventService
from warehouse_mfa.i18n import _
from warehouse_mfa.sessions.interfaces import ISessionCookies

USERS = table_of(User)
RETIRE = insert(table_of(RetiredName))
DELETE = delete(USERS).where(USERS.c.id == bindparam("the_id"))


@implementer(IAct)
class AccountDeletion:
    action = "account:delete"
    sentence = _("Delete the account ${account}")
    consequence = _(
        "Your addresses, factors and sessions go at once, and nobody will ever have this username "
        "again. This cannot be taken back."
    )
    text = _("Delete my account")
    route = "profile.delete"

    def __init__(
        self,
        session: Session,
        clock: IClock,
        users: IUserService,
        events: IEventService,
        erasure: IErasureService,
        cookies: ISessionCookies,
    ) -> None:
        self._session = session
        self._clock = clock
        self._users = users
        self._events = events
        self._erasure = erasure
        self._cookies = cookies

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(IUserService),
            request.find_service(IEventService),
            request.find_service(IErasureService),
            request.find_service(ISessionCookies),
        )

    def facts(self, identity: Identity, target: str) -> Mapping[str, Any]:
        return {"account": identity.username, "account_id": str(identity.user_id)}

    def perform(self, identity: Identity, target: str, confirmed: Confirmed) -> Performed:
        # Of two at once, each confirmed with a key of its own, the second finds nothing to delete.
        if self._users.locked_security_epoch(identity.user_id) != identity.security_epoch:
            raise AccountChanged
        # Now, while there are addresses to mail to.
        recorded = self._events.record(
            identity.user_id, AccountDeleted(identity.username), factor=confirmed.factor
        )
        self._erasure.erase(identity.user_id)
        # Before the name is free in `users`: whoever looks there finds it here.
        self._session.execute(
            RETIRE,
            {
                "username_key": username_key(identity.username),
                "former_id": identity.user_id,
                "retired_at": self._clock.now(),
            },
        )
        self._session.execute(DELETE, {"the_id": identity.user_id})
        self._cookies.forget()
        return Performed(
            recorded.id,
            "site.home",
            _("Your account is deleted. We told all its verified addresses."),
        )
