"""Logging in and out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Self

from pyramid.request import Request
from sqlalchemy import bindparam, insert, select, update
from zope.interface import implementer

from warehouse_mfa import crypto
from warehouse_mfa.accounts.interfaces import IPasswordService, PasswordRefused
from warehouse_mfa.accounts.models import User
from warehouse_mfa.authz import Identity
from warehouse_mfa.clock import IClock
from warehouse_mfa.db import IUnitOfWork, Session, new_id, table_of
from warehouse_mfa.entropy import IEntropy
from warehouse_mfa.events.interfaces import IEventService
from warehouse_mfa.login.interfaces import (
    AccountIsFrozen,
    ApprovalOwed,
    FactorOwed,
    IHeldLoginService,
    ILoginService,
    Interrupted,
    LoggedInSession,
    LoggedOut,
    LoginAccount,
    LoginRefused,
    PasswordAccepted,
    PasswordBreached,
    PasswordFailed,
    PasswordIsBreached,
    PasswordLimited,
    PasswordRejected,
    PendingLogin,
    PendingLoginGone,
)
from warehouse_mfa.login.models import PendingLoginRow
from warehouse_mfa.login.services.admission import Admission
from warehouse_mfa.login.services.attempts import Attempts, FactorChecks, password_budgets
from warehouse_mfa.login.services.lookup import LoginLookup, key_of
from warehouse_mfa.login.services.probation import EarlyEnd
from warehouse_mfa.login.services.remembering import Remembering
from warehouse_mfa.rate_limiting.interfaces import IRateLimiter
from warehouse_mfa.sessions.interfaces import IDeviceService, ISessionService
from warehouse_mfa.settings import LoginApproval, SecondFactorPolicy

PENDING_LIFE = timedelta(minutes=5)
SECRET_BYTES = 32

PENDING, USERS = table_of(PendingLoginRow), table_of(User)
INSERT_PENDING = insert(PENDING)
COMPLETE_PENDING = (
    update(PENDING)
    .where(
        PENDING.c.id == bindparam("the_id"),
        PENDING.c.completed_at.is_(None),
        PENDING.c.expires_at > bindparam("now"),
        PENDING.c.security_epoch
        == select(USERS.c.security_epoch).where(USERS.c.id == PENDING.c.user_id).scalar_subquery(),
    )
    .values(completed_at=bindparam("now"))
)
INTERRUPTED = select(PENDING.c.typed_name, PENDING.c.next).where(
    PENDING.c.digest == bindparam("digest"), PENDING.c.completed_at.is_(None)
)


@implementer(ILoginService)
class LoginService:
    def __init__(
        self,
        session: Session,
        work: IUnitOfWork,
        clock: IClock,
        entropy: IEntropy,
        passwords: IPasswordService,
        sessions: ISessionService,
        devices: IDeviceService,
        events: IEventService,
        limiter: Callable[[str], IRateLimiter],
        checks: FactorChecks,
        lookup: LoginLookup,
        early_end: EarlyEnd,
        remembered_for: timedelta,
        held_logins: Callable[[], IHeldLoginService] | None,
        *,
        is_password_enough: bool,
    ) -> None:
        """`limiter` finds a rate limiter by name; without `held_logins` no login waits.

        `is_password_enough` says whether whoever has no second factor is logged in without one.
        """
        self._session = session
        self._clock = clock
        self._entropy = entropy
        self._passwords = passwords
        self._sessions = sessions
        self._admission = Admission(sessions, devices, events)
        self._events = events
        self._limiter = limiter
        self._attempts = Attempts(work, events)
        self._checks = checks
        self._lookup = lookup
        self._early_end = early_end
        self._remembering = Remembering(sessions, devices, events, remembered_for)
        self._held_logins = held_logins
        self._is_password_enough = is_password_enough

    @classmethod
    def create(cls, context: object, request: Request) -> Self:
        settings = request.registry["settings"]
        waits = settings.approve_login is LoginApproval.PHISHABLE
        return cls(
            request.db,
            request.find_service(IUnitOfWork),
            request.find_service(IClock),
            request.find_service(IEntropy),
            request.find_service(IPasswordService),
            request.find_service(ISessionService),
            request.find_service(IDeviceService),
            request.find_service(IEventService),
            lambda name: request.find_service(IRateLimiter, name=name),
            FactorChecks.create(request),
            LoginLookup.create(request),
            EarlyEnd.create(request),
            settings.remember_device,
            (lambda: request.find_service(IHeldLoginService)) if waits else None,
            is_password_enough=settings.second_factor is SecondFactorPolicy.OPTIONAL,
        )

    # The password

    def begin(
        self, name: str, password: str, *, next: str, device_secret: bytes | None, client: str
    ) -> FactorOwed | LoggedInSession:
        account = self._lookup.account(name, device_secret, self._clock.now())
        reserved = self._attempts.reserve(
            password_budgets(
                self._limiter,
                key_of(name),
                account.user_id if account else None,
                account.device if account else None,
                client,
            ),
            PasswordLimited,
        )
        stored = account.password_hash if account else None
        try:
            with self._attempts.hashing(reserved):
                match = self._passwords.verify(password, stored)
                is_breached = match.matches and self._passwords.is_breached(password)
        except PasswordRefused:
            # Too long once it is normalized. It was counted, so it stands in the trail.
            self._events.record(account.user_id if account else None, PasswordFailed("too long"))
            raise
        if account is None or stored is None or not match.matches:
            reason = "unknown name" if account is None else "wrong password"
            self._events.record(account.user_id if account else None, PasswordFailed(reason))
            raise PasswordRejected
        if account.is_frozen:
            self._events.record(account.user_id, LoginRefused("frozen"))
            raise AccountIsFrozen
        reserved.give_back()
        if match.upgraded_hash:
            self._passwords.upgrade(account.user_id, stored, match.upgraded_hash)
        held = account.held
        if is_breached:
            if self._passwords.mark_breached(account.user_id, match.upgraded_hash or stored):
                self._events.record(account.user_id, PasswordBreached())
            if account.is_verified and not held.enrolled:
                raise PasswordIsBreached
        if self._is_password_enough and account.is_verified and not held.enrolled:
            # A whole login: whoever knows a stolen password must not get in without a word about it.
            session, admitted = self._admission.admit_with_password(
                account.user_id, account.security_epoch, account.device
            )
            return LoggedInSession(session, admitted.secret, account.locale, next)
        self._events.record(account.user_id, PasswordAccepted(), actor_id=account.user_id)
        # With a password that others know, too, the browser alone would be all that is left.
        remembered = None if is_breached else self._remembering.factor_of(account)
        if remembered is not None:
            return self._remembering.log_in(account, remembered, next)
        if held.enrolled:
            secret = self._insert_pending(name, account, next)
            return FactorOwed(secret, held.usable or held.enrolled)
        session = self._sessions.start(account.user_id, account.security_epoch, factor=None)
        return LoggedInSession(session, None, account.locale, next)

    def _insert_pending(self, name: str, account: LoginAccount, next: str) -> bytes:
        secret, now = self._entropy.token_bytes(SECRET_BYTES), self._clock.now()
        self._session.defer(
            INSERT_PENDING,
            {
                "id": new_id(),
                "digest": crypto.digest(secret),
                "user_id": account.user_id,
                "security_epoch": account.security_epoch,
                "typed_name": name,
                "next": next,
                "created_at": now,
                "expires_at": now + PENDING_LIFE,
            },
        )
        return secret

    # The second factor

    def pending(self, secret: bytes | None, device_secret: bytes | None) -> PendingLogin | None:
        if secret is None:
            return None
        return self._lookup.pending(secret, device_secret, self._clock.now())

    def interrupted(self, secret: bytes | None) -> Interrupted | None:
        if secret is None:
            return None
        found = self._session.execute(INTERRUPTED, {"digest": crypto.digest(secret)}).one_or_none()
        return Interrupted(*found) if found else None

    def may_remember(self, pending: PendingLogin, factor: Any) -> bool:
        return self._remembering.may_remember(pending, factor)

    def complete(
        self,
        pending: PendingLogin,
        factor: Any,
        answer: str,
        *,
        client: str,
        is_to_remember: bool = False,
    ) -> LoggedInSession | ApprovalOwed:
        proof = self._checks.check(
            pending.prover,
            factor,
            answer,
            self._checks.budgets(pending.user_id, factor, pending.device, client),
        )
        is_to_remember = is_to_remember and self.may_remember(pending, factor)
        held_logins = self._held_logins
        has_to_wait = pending.device is None and not factor.is_phishing_resistant
        if held_logins is not None and has_to_wait:
            self._use_up(pending)
            held = held_logins().hold(pending, factor, proof.label, is_to_remember=is_to_remember)
            self._session.send_deferred()
            return ApprovalOwed(held)
        self._checks.logged_in(pending.user_id, factor, pending.factors)
        self._use_up(pending)
        # Before anything of its sessions and devices is touched, as who changes the account does.
        self._early_end.proved(pending.user_id, pending.probation_until, factor, proof)
        session, admitted = self._admission.admit(
            pending.user_id,
            pending.security_epoch,
            pending.device,
            factor=factor.name,
            credential=proof.label,
            way=factor.name,
            is_reduced=factor.strength < pending.factors[0].strength,
        )
        remember_secret = None
        if is_to_remember:
            remember_secret = self._remembering.remember(pending, factor, session, admitted.id)
        self._session.send_deferred()
        return LoggedInSession(
            session, admitted.secret, pending.locale, pending.next, remember_secret
        )

    def _use_up(self, pending: PendingLogin) -> None:
        values = {"the_id": pending.id, "now": self._clock.now()}
        self._session.defer(COMPLETE_PENDING, values, or_else=PendingLoginGone)

    # The end

    def end(self, identity: Identity) -> None:
        if identity.family_id is None:
            return
        # Another tab may have been faster.
        if self._sessions.end(identity.user_id, identity.family_id):
            self._events.record(identity.user_id, LoggedOut())
