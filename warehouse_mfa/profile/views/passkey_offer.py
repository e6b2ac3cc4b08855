"""The offer of a passkey to people who log in with a password: made until it is declined."""

from datetime import timedelta

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from warehouse_mfa.authz import Permission
from warehouse_mfa.http import Cookie, see_other

# Of the browser, which may be one that keeps no passkeys, and not of the account.
DECLINED = Cookie("declined", max_age=timedelta(days=180))


def is_declined(request: Request) -> bool:
    """Tell whether somebody at this browser does not want to be offered a passkey."""
    return DECLINED.read(request) is not None


@view_config(
    route_name="profile.decline-passkey",
    request_method="POST",
    permission=Permission.ACCOUNT_READ,
)
def decline(request: Request) -> Response:
    """Offer no passkey in this browser for a while."""
    DECLINED.write_later(request, "passkey")
    return see_other(request, "profile.manage")
