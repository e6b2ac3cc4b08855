"""The credentials of whoever asks, as resources: `{factor}/{credential_id}` within the own account."""

from typing import Any
from uuid import UUID

from pyramid.authorization import Allow
from pyramid.request import Request

from warehouse_mfa.authz import Permission
from warehouse_mfa.factors.interfaces import (
    FactorCredential,
    IFactorService,
)


class OwnCredential:
    """One credential. Its owner may change it; to anybody else it is not there."""

    def __init__(self, request: Request, factor: Any, credential: FactorCredential | None) -> None:
        """`credential` is `None` for whoever is not logged in, who is told that first."""
        self._request = request
        self.factor = factor
        self.credential = credential

    @property
    def __acl__(self) -> list[tuple[Any, ...]]:
        if self.credential is None:
            return []
        return [(Allow, f"user:{self._request.identity.user_id}", Permission.FACTORS_CHANGE)]


class OwnCredentialsOfFactor:
    """The credentials of one factor, by their id."""

    def __init__(self, request: Request, factors: IFactorService, factor: Any) -> None:
        self._request = request
        self._factors = factors
        self._factor = factor

    def __getitem__(self, credential_id: str) -> OwnCredential:
        identity = self._request.identity
        if identity is None:
            return OwnCredential(self._request, self._factor, None)
        try:
            id_ = UUID(credential_id)
        except ValueError as error:
            raise KeyError(credential_id) from error
        found = self._factors.credential(identity.user_id, self._factor.name, id_)
        if found is None or credential_id != str(id_):
            raise KeyError(credential_id)
        return OwnCredential(self._request, self._factor, found)


class OwnCredentials:
    """The factors whose credentials have pages of their own, by name."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def __getitem__(self, name: str) -> OwnCredentialsOfFactor:
        factors: IFactorService = self._request.find_service(IFactorService)
        for factor in factors.all():
            if factor.name == name and factor.table is not None:
                return OwnCredentialsOfFactor(self._request, factors, factor)
        raise KeyError(name)
