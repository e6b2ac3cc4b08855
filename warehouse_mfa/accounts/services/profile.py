"""What people say about themselves."""

from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import and_, bindparam, select, update
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import (
    AddressNotYours,
    IProfileService,
    OwnProfile,
    Profile,
)
from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.db import Session, hits_one, table_of

USERS, EMAILS = table_of(User), table_of(Email)
OWN = EMAILS.c.user_id == bindparam("the_user")
READ = (
    select(
        USERS.c.username,
        USERS.c.name,
        USERS.c.locale,
        USERS.c.time_zone,
        EMAILS.c.address,
        EMAILS.c.is_public,
    )
    .outerjoin(EMAILS, and_(EMAILS.c.user_id == USERS.c.id, EMAILS.c.verified_at.is_not(None)))
    .where(USERS.c.id == bindparam("the_user"))
    .order_by(EMAILS.c.id)
)
CHANGE = update(USERS).where(USERS.c.id == bindparam("the_user"))
HIDE = update(EMAILS).where(OWN, EMAILS.c.is_public).values(is_public=False)
SHOW = (
    update(EMAILS)
    .where(OWN, EMAILS.c.address == bindparam("shown"), EMAILS.c.verified_at.is_not(None))
    .values(is_public=True)
)


@implementer(IProfileService)
class ProfileService:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db)

    def profile(self, user_id: UUID) -> OwnProfile:
        rows = self._session.execute(READ, {"the_user": user_id}).all()
        username, name, locale, time_zone, *_ = rows[0]
        public = next((row.address for row in rows if row.is_public), "")
        addresses = tuple(row.address for row in rows if row.address is not None)
        return OwnProfile(username, addresses, Profile(name, public, locale, time_zone))

    def change(self, user_id: UUID, profile: Profile) -> None:
        own = {"the_user": user_id}
        said = {"name": profile.name, "locale": profile.locale, "time_zone": profile.time_zone}
        with self._session.begin_nested():
            # The account first: of two at once the second waits here, and sees what the first shows.
            self._session.execute(CHANGE.values(**said), own)
            self._session.execute(HIDE, own)
            if profile.public_address and not hits_one(
                self._session, SHOW, {**own, "shown": profile.public_address}
            ):
                raise AddressNotYours
