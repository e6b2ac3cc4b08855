"""Steps of a login, and acts that wait to be confirmed, as resources.

`/account/<segment>/` is a step within the pending login, `/account/confirm/<id>/` an act of one's own.
"""

from functools import cached_property
from typing import Any
from uuid import UUID

from pyramid.authorization import Allow, Everyone
from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request

from warehouse_mfa.authz import Denial, Permission
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.http import SecretCookie
from warehouse_mfa.login.interfaces import (
    AskedAct,
    HeldLogin,
    IConfirmationService,
    IHeldLoginService,
    ILoginService,
    PendingLogin,
)
from warehouse_mfa.sessions.interfaces import ISessionCookies

COOKIE = SecretCookie("login")
WAITING = SecretCookie("waiting")
DEEPEST = 2  # two-factor/options


class LoginStep:
    """One factor's step. Whoever holds the pending login may answer it, nobody else."""

    denial = Denial.NO_PENDING_LOGIN

    def __init__(self, request: Request, factor: Any) -> None:
        self._request = request
        self.factor = factor

    @cached_property
    def pending(self) -> PendingLogin | None:
        """The pending login of the browser that asks."""
        login: ILoginService = self._request.find_service(ILoginService)
        cookies: ISessionCookies = self._request.find_service(ISessionCookies)
        return login.pending(COOKIE.secret(self._request), cookies.device_secret())

    @property
    def __acl__(self) -> list[tuple[Any, ...]]:
        return [(Allow, Everyone, Permission.LOGIN_COMPLETE)] if self.pending else []


class LoginSteps:
    """The steps by the path segments of their factors."""

    def __init__(self, request: Request) -> None:
        if len(request.matchdict["traverse"]) > DEEPEST:
            # A view is found by the name after its resource, whatever follows: one page would have
            # any number of addresses.
            raise HTTPNotFound
        self._request = request

    def __getitem__(self, segment: str) -> LoginStep:
        factors: IFactorService = self._request.find_service(IFactorService)
        factor = factors.by_segment(segment)
        if factor is None:
            raise KeyError(segment)
        return LoginStep(self._request, factor)


class OwnAct:
    """An act that somebody asked for. To anybody else it is not there."""

    def __init__(self, request: Request, asked: AskedAct | None) -> None:
        """`asked` is `None` for whoever is not logged in, who is told that first."""
        self._request = request
        self.asked = asked

    @property
    def __acl__(self) -> list[tuple[Any, ...]]:
        if self.asked is None:
            return []
        return [(Allow, f"user:{self._request.identity.user_id}", Permission.ACT_CONFIRM)]


class OwnActs:
    """The acts that whoever is logged in asked for, by their id."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def __getitem__(self, act_id: str) -> OwnAct:
        identity = self._request.identity
        if identity is None:
            return OwnAct(self._request, None)
        try:
            id_ = UUID(act_id)
        except ValueError as error:
            raise KeyError(act_id) from error
        service: IConfirmationService = self._request.find_service(IConfirmationService)
        asked = service.asked(identity, id_)
        if asked is None or act_id != str(id_):
            raise KeyError(act_id)
        return OwnAct(self._request, asked)


class WaitingLogin:
    """The login that a browser waits with until it is approved."""

    denial = Denial.NO_PENDING_LOGIN

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def login(self) -> HeldLogin | None:
        logins: IHeldLoginService = self._request.find_service(IHeldLoginService)
        return logins.held(WAITING.secret(self._request))

    @property
    def __acl__(self) -> list[tuple[Any, ...]]:
        return [(Allow, Everyone, Permission.LOGIN_COMPLETE)] if self.login else []
