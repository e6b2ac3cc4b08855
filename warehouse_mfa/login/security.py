"""The session as a source of identity: one SELECT, and a note of when it was last used."""

from datetime import datetime, timedelta
from typing import Any

from pyramid.request import Request
from sqlalchemy import and_, bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from zope.interface import implementer

from warehouse_mfa import crypto, logs
from warehouse_mfa.accounts.models import Email, User
from warehouse_mfa.authz import CredentialKind, Identity, IIdentitySource, Probation, idle_of
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import table_of
from warehouse_mfa.sessions.interfaces import ISessionCookies, ISessionService
from warehouse_mfa.sessions.models import Session
from warehouse_mfa.tasks import open_scope

log = logs.get(__name__)
SEEN_EVERY = timedelta(minutes=1)

SESSIONS, USERS, EMAILS = table_of(Session), table_of(User), table_of(Email)
IDENTITY = (
    select(
        SESSIONS.c.id,
        SESSIONS.c.family_id,
        SESSIONS.c.factor,
        SESSIONS.c.factor_at,
        SESSIONS.c.is_reduced,
        SESSIONS.c.last_seen_at,
        USERS.c.id.label("user_id"),
        USERS.c.username,
        USERS.c.security_epoch,
        USERS.c.is_superuser,
        USERS.c.time_zone,
        USERS.c.publishing_held_at.is_not(None).label("is_publishing_held"),
        USERS.c.probation_until,
        USERS.c.probation_cause,
        EMAILS.c.verified_at,
    )
    .join(
        USERS,
        and_(
            USERS.c.id == SESSIONS.c.user_id,
            USERS.c.security_epoch == SESSIONS.c.security_epoch,
            # Whichever way a session came about, a frozen account has none.
            USERS.c.frozen_at.is_(None),
        ),
    )
    .outerjoin(EMAILS, and_(EMAILS.c.user_id == USERS.c.id, EMAILS.c.is_primary))
    .where(
        SESSIONS.c.digest == bindparam("digest"),
        SESSIONS.c.expires_at > bindparam("now"),
        SESSIONS.c.last_seen_at > bindparam("idle_since"),
    )
)


@implementer(IIdentitySource)
class SessionIdentitySource:
    def identity(self, request: Request) -> Identity | None:
        secret = request.find_service(ISessionCookies).session_secret()
        if secret is None:
            return None
        now = request.find_service(IClock).now()
        idle = request.registry["settings"].session_idle
        found = request.db.execute(
            IDENTITY,
            {"digest": crypto.digest(secret), "now": now, "idle_since": now - idle},
        ).one_or_none()
        if found is None:
            return None
        if now - found.last_seen_at >= idle_of(found.is_superuser, idle):
            return None
        if now - found.last_seen_at >= SEEN_EVERY:
            request.add_finished_callback(_note_use)
        return Identity(
            credential=CredentialKind.SESSION,
            user_id=found.user_id,
            username=found.username,
            security_epoch=found.security_epoch,
            is_verified=found.verified_at is not None,
            factor=found.factor,
            session_id=found.id,
            family_id=found.family_id,
            factor_at=found.factor_at,
            is_reduced=found.is_reduced,
            is_superuser=found.is_superuser,
            time_zone=found.time_zone,
            is_publishing_held=found.is_publishing_held,
            probation=_probation(found, now),
        )


def _probation(found: Any, now: datetime) -> Probation | None:
    if found.probation_until is None or found.probation_until <= now:
        return None
    return Probation(found.probation_cause, found.probation_until)


def _note_use(request: Request) -> None:
    """Write when the session was last used, after the answer and in a transaction of its own."""
    try:
        with open_scope(request.registry) as scope:
            scope.find_service(ISessionService).touch(
                request.identity.session_id, request.remote_addr
            )
    except (DBAPIError, PoolTimeout) as error:
        # The answer is made and must not get lost; the next use is noted instead.
        log.warning("last use not noted", error=type(error).__name__)
