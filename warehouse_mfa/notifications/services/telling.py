"""Telling people what happened to their account."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import bindparam, insert, select
from zope.interface import implementer

from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.db import Session, table_of
from warehouse_mfa.events.interfaces import Recorded
from warehouse_mfa.mail.interfaces import IMailer, ITokenService, Purpose
from warehouse_mfa.notifications.interfaces import INotificationService
from warehouse_mfa.notifications.models import NoticeRow
from warehouse_mfa.notifications.services.not_me import LINK_LIFE
from warehouse_mfa.notifications.table import NOTICES
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, TooManyAttempts

USERS, EMAILS = table_of(User), table_of(Email)
INSERT = insert(table_of(NoticeRow))
RECIPIENTS = (
    select(EMAILS.c.address, USERS.c.username, USERS.c.locale, USERS.c.security_epoch)
    .join(USERS, USERS.c.id == EMAILS.c.user_id)
    .where(EMAILS.c.user_id == bindparam("user_id"), EMAILS.c.verified_at.is_not(None))
)


@implementer(INotificationService)
class NotificationService:
    def __init__(
        self,
        session: Session,
        mailer: IMailer,
        tokens: ITokenService,
        limiter: Callable[[str], IRateLimiter],
        link_to: Callable[[str], str],
    ) -> None:
        """`limiter` finds a rate limiter by name; `link_to` makes "this was not me" of a token."""
        self._session = session
        self._mailer = mailer
        self._tokens = tokens
        self._limiter = limiter
        self._link_to = link_to

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        origin = request.registry["settings"].origin
        return cls(
            request.db,
            request.find_service(IMailer),
            request.find_service(ITokenService),
            lambda name: request.find_service(IRateLimiter, context=None, name=name),
            lambda token: f"{origin}{request.route_path('notifications.not-me')}?token={token}",
        )

    def heard(self, recorded: Recorded) -> None:
        notice = NOTICES[recorded.event.tag]
        if recorded.subject_id is None or not notice.when(recorded.event):
            return
        people = self._session.execute(RECIPIENTS, {"user_id": recorded.subject_id}).all()
        if not people:
            return
        if notice.limiter is not None and self._is_limited(notice.limiter, recorded.subject_id):
            return
        self._session.defer(INSERT, {"id": recorded.id, "user_id": recorded.subject_id})
        _, username, locale, epoch = people[0]
        also = notice.also(recorded.event)
        addresses = [each.address for each in people] + ([also] if also else [])
        # One each: whoever reads one of the mailboxes must not use up the link of another.
        tokens = self._tokens.issue_several(
            Purpose.NOT_ME,
            recorded.subject_id,
            recorded.id,
            len(addresses),
            security_epoch=epoch,
            life=LINK_LIFE,
        )
        for address, token in zip(addresses, tokens, strict=True):
            self._mailer.send(
                address,
                notice.template,
                locale=locale,
                username=username,
                notice_id=recorded.id,
                not_me=self._link_to(token),
                happened_at=recorded.happened_at,
                client=recorded.circumstances.address,
                browser=recorded.circumstances.browser,
                way=recorded.circumstances.factor,
                **asdict(recorded.event),
            )

    def _is_limited(self, limiter: str, user_id: UUID) -> bool:
        try:
            self._limiter(limiter).reserve(str(user_id))
        except TooManyAttempts:
            return True
        return False
