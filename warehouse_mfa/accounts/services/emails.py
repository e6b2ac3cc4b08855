"""Addresses: claimed, verified, disowned."""

from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from pyramid.request import Request
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from zope.interface import implementer

from warehouse_mfa.accounts.interfaces import (
    AddressRefused,
    AddressTaken,
    Claim,
    ClaimChanged,
    Email,
    EmailClaimed,
    EmailDisowned,
    EmailVerified,
    IEmailService,
)
from warehouse_mfa.accounts.models import Email as EmailRow
from warehouse_mfa.accounts.models import User
from warehouse_mfa.accounts.names import address_key, parse_address
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, hits_one, new_id
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.mail.interfaces import IMailer, ITokenService, LinkInvalid, Purpose
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter, TooManyAttempts

LINK_LIFE = timedelta(hours=24)
COLUMNS = (
    EmailRow.id,
    EmailRow.user_id,
    EmailRow.address,
    EmailRow.verified_at.is_not(None).label("is_verified"),
)


@implementer(IEmailService)
class EmailService:
    def __init__(
        self,
        session: Session,
        clock: IClock,
        tokens: ITokenService,
        mailer: IMailer,
        events: IEventService,
        account_limiter: IRateLimiter,
        address_limiter: IRateLimiter,
        link_to: Any,
    ) -> None:
        """`link_to` makes the address of the verification page for a token."""
        self._session = session
        self._clock = clock
        self._tokens = tokens
        self._mailer = mailer
        self._events = events
        self._account_limiter = account_limiter
        self._address_limiter = address_limiter
        self._link_to = link_to

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        origin = request.registry["settings"].origin
        path = request.route_path("accounts.verify-email")
        return cls(
            request.db,
            request.find_service(IClock),
            request.find_service(ITokenService),
            request.find_service(IMailer),
            request.find_service(IEventService),
            request.find_service(IRateLimiter, name="mail.verification"),
            request.find_service(IRateLimiter, name="mail.address"),
            lambda token: f"{origin}{path}?token={token}",
        )

    def primary(self, user_id: UUID) -> Email | None:
        found = self._session.execute(
            select(*COLUMNS).where(EmailRow.user_id == user_id, EmailRow.is_primary)
        ).one_or_none()
        return Email(*found) if found else None

    def claim_instead(self, user_id: UUID, address: str, *, address_of_client: str) -> None:
        parsed = parse_address(address)
        if parsed is None:
            raise AddressRefused
        email_id = new_id()
        try:
            with self._session.begin_nested():
                self._session.execute(
                    delete(EmailRow).where(
                        EmailRow.user_id == user_id, EmailRow.verified_at.is_(None)
                    )
                )
                self._session.execute(
                    insert(EmailRow).values(
                        id=email_id,
                        user_id=user_id,
                        address=parsed,
                        address_key=address_key(parsed),
                        is_primary=True,
                        created_at=self._clock.now(),
                    )
                )
        except IntegrityError as error:
            # Another tab was faster: with another address, or by verifying the old one.
            raise ClaimChanged from error
        self._events.record(user_id, EmailClaimed(str(email_id), parsed))
        self.send_verification(user_id, email_id, address_of_client=address_of_client)

    def send_verification(self, user_id: UUID, email_id: UUID, *, address_of_client: str) -> None:
        claim = self._session.execute(
            select(EmailRow.address, User.username, User.locale, User.security_epoch)
            .join(User, User.id == EmailRow.user_id)
            .where(
                EmailRow.id == email_id,
                EmailRow.user_id == user_id,
                EmailRow.verified_at.is_(None),
            )
        ).one_or_none()
        if claim is None:
            return
        owner = self._owner_of(claim.address)
        try:
            self._address_limiter.reserve(address_of_client)
            # Whoever claims an address of somebody else must not use up what its owner needs.
            self._account_limiter.reserve(f"taken {owner.user_id}" if owner else str(user_id))
        except TooManyAttempts:
            # The answer is the same: how much mail an address has got is nobody's business.
            return
        if owner is not None:
            self._mailer.send(
                owner.address, "address-taken", locale=owner.locale, username=owner.username
            )
            return
        token = self._tokens.issue(
            Purpose.VERIFY_EMAIL,
            user_id,
            email_id,
            security_epoch=claim.security_epoch,
            life=LINK_LIFE,
        )
        self._mailer.send(
            claim.address,
            "verify-address",
            locale=claim.locale,
            username=claim.username,
            link=self._link_to(token),
            hours=int(LINK_LIFE.total_seconds() // 3600),
        )

    def claim_of(self, token: str) -> Claim:
        link = self._tokens.find(Purpose.VERIFY_EMAIL, token)
        found = self._session.execute(
            select(*COLUMNS, User.username, User.verified_at.is_not(None).label("is_additional"))
            .join(User, User.id == EmailRow.user_id)
            .where(
                EmailRow.id == link.about_id,
                EmailRow.user_id == link.user_id,
                EmailRow.verified_at.is_(None),
                User.security_epoch == link.security_epoch,
            )
        ).one_or_none()
        if found is None:
            raise LinkInvalid
        return Claim(link, Email(*found[:4]), found.username, found.is_additional)

    def verify(self, token: str) -> Claim:
        claim = self.claim_of(token)
        self._tokens.spend(claim.link)
        now = self._clock.now()
        try:
            with self._session.begin_nested():
                is_verified = hits_one(
                    self._session,
                    update(EmailRow)
                    .where(EmailRow.id == claim.email.id, EmailRow.verified_at.is_(None))
                    .values(verified_at=now),
                )
        except IntegrityError as error:
            raise AddressTaken from error
        if not is_verified:
            raise LinkInvalid
        self._session.execute(
            update(User)
            .where(User.id == claim.email.user_id, User.verified_at.is_(None))
            .values(verified_at=now)
        )
        self._events.record(
            claim.email.user_id, EmailVerified(str(claim.email.id), claim.email.address)
        )
        return claim

    def disown(self, token: str) -> Claim:
        claim = self.claim_of(token)
        self._tokens.spend(claim.link)
        drop = delete(EmailRow).where(EmailRow.id == claim.email.id, EmailRow.verified_at.is_(None))
        if not hits_one(self._session, drop):
            raise LinkInvalid
        self._events.record(
            claim.email.user_id, EmailDisowned(str(claim.email.id), claim.email.address)
        )
        return claim

    def _owner_of(self, address: str) -> Any:
        """Return who has verified that address: user_id, address, username, locale."""
        return self._session.execute(
            select(EmailRow.user_id, EmailRow.address, User.username, User.locale)
            .join(User, User.id == EmailRow.user_id)
            .where(EmailRow.address_key == address_key(address), EmailRow.verified_at.is_not(None))
        ).one_or_none()
