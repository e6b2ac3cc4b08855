"""The second step of a login as resources: `/account/<segment>/` within the pending login."""

from functools import cached_property
from typing import Any

from pyramid.authorization import Allow, Everyone
from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request

from warehouse_mfa.authz import Denial, Permission
from warehouse_mfa.factors.interfaces import IFactorService
from warehouse_mfa.http import SecretCookie
from warehouse_mfa.login.interfaces import ILoginService, PendingLogin
from warehouse_mfa.sessions.interfaces import ISessionCookies

COOKIE = SecretCookie("login")
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
