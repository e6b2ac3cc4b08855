"""Links in mails: a row with the digest of their secret, spent by one statement."""

import base64
import binascii
from datetime import timedelta
from typing import Self
from uuid import UUID

from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy import insert, select, update
from zope.interface import implementer

from warehouse_mfa import crypto
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import Session, hits_one, new_id, table_of
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.http import SealedCookie, SeeOther
from warehouse_mfa.mail.interfaces import ITokenService, LinkInvalid, MailedLink, Purpose
from warehouse_mfa.mail.models import MailedToken

SECRET_BYTES = 16
TOKEN_LENGTH = 22  # base64url of 16 bytes, no padding
COOKIE = SealedCookie("mailed", max_age=timedelta(hours=1))

INSERT = insert(table_of(MailedToken))


@implementer(ITokenService)
class TokenService:
    def __init__(self, session: Session, clock: IClock, entropy: IEntropy) -> None:
        self._session = session
        self._clock = clock
        self._entropy = entropy

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        return cls(request.db, request.find_service(IClock), request.find_service(IEntropy))

    def issue(
        self,
        purpose: Purpose,
        user_id: UUID,
        about_id: UUID,
        *,
        security_epoch: int,
        life: timedelta,
    ) -> str:
        (token,) = self.issue_several(
            purpose, user_id, about_id, 1, security_epoch=security_epoch, life=life
        )
        return token

    def issue_several(
        self,
        purpose: Purpose,
        user_id: UUID,
        about_id: UUID,
        number: int,
        *,
        security_epoch: int,
        life: timedelta,
    ) -> list[str]:
        secrets = [self._entropy.token_bytes(SECRET_BYTES) for _ in range(number)]
        now = self._clock.now()
        for secret in secrets:
            self._session.defer(
                INSERT,
                {
                    "id": new_id(),
                    "digest": crypto.digest(secret),
                    "purpose": purpose,
                    "user_id": user_id,
                    "about_id": about_id,
                    "security_epoch": security_epoch,
                    "created_at": now,
                    "expires_at": now + life,
                },
            )
        return [_token(secret) for secret in secrets]

    def void(self, purpose: Purpose, user_id: UUID) -> None:
        self._session.execute(
            update(MailedToken)
            .where(
                MailedToken.user_id == user_id,
                MailedToken.purpose == purpose,
                MailedToken.used_at.is_(None),
            )
            .values(used_at=self._clock.now())
        )

    def find(self, purpose: Purpose, token: str) -> MailedLink:
        found = self._session.execute(
            select(
                MailedToken.id,
                MailedToken.user_id,
                MailedToken.about_id,
                MailedToken.security_epoch,
            ).where(
                MailedToken.digest == crypto.digest(_secret(token)),
                MailedToken.purpose == purpose,
                MailedToken.used_at.is_(None),
                MailedToken.expires_at > self._clock.now(),
            )
        ).one_or_none()
        if found is None:
            raise LinkInvalid
        return MailedLink(*found)

    def spend(self, link: MailedLink) -> None:
        now = self._clock.now()
        spend = (
            update(MailedToken)
            .where(
                MailedToken.id == link.id,
                MailedToken.used_at.is_(None),
                MailedToken.expires_at > now,
            )
            .values(used_at=now)
        )
        if not hits_one(self._session, spend):
            raise LinkInvalid

    def arrive(self, request: Request, purpose: Purpose) -> Response | None:
        token = request.GET.get("token")
        if token is None:
            return None
        response = SeeOther(request.path)
        response.headers["Referrer-Policy"] = "no-referrer"
        # A longer text is no token; it must not become a cookie that browsers refuse.
        COOKIE.write(request, response, COOKIE.seal(request, [purpose, token[: TOKEN_LENGTH + 1]]))
        return response

    def carried(self, request: Request, purpose: Purpose) -> str:
        value = COOKIE.open(request)
        if not isinstance(value, list) or value[0] != purpose:
            raise LinkInvalid
        return str(value[1])

    def drop(self, request: Request) -> None:
        COOKIE.clear_later(request)


def _token(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def _secret(token: str) -> bytes:
    if len(token) != TOKEN_LENGTH:
        raise LinkInvalid
    try:
        secret = base64.b64decode(token.encode("ascii") + b"==", altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise LinkInvalid from error
    # The last character has four bits more than the secret: one spelling of it is ours.
    if _token(secret) != token:
        raise LinkInvalid
    return secret
