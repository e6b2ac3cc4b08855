"""The account of whoever asks, as a resource: the context of `/manage/account/…`."""

from typing import Any

from pyramid.authorization import Allow
from pyramid.request import Request

from warehouse_mfa.authz import Permission


class OwnAccount:
    """Grants a person everything about the account that they are logged in to."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @property
    def __acl__(self) -> list[tuple[Any, ...]]:
        identity = self._request.identity
        if identity is None:
            return []
        return [
            (
                Allow,
                f"user:{identity.user_id}",
                (
                    Permission.ACCOUNT_SET_UP,
                    Permission.FACTORS_ENROLL,
                    Permission.FACTORS_CHANGE,
                    Permission.PASSWORD_CHANGE,
                    Permission.ADDRESSES_CHANGE,
                    Permission.SESSIONS_END,
                    Permission.PUBLISHING_RELEASE,
                    Permission.PROFILE_CHANGE,
                    Permission.ACCOUNT_READ,
                    Permission.ACCOUNT_DELETE,
                ),
            )
        ]
