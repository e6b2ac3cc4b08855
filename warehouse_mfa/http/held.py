"""What was typed into a form whose POST was caught: kept, sealed, until the form is shown again."""

from datetime import timedelta

from pyramid.request import Request
from webob.multidict import MultiDict

from warehouse_mfa.http.cookies import SealedCookie

COOKIE = SealedCookie("held", max_age=timedelta(minutes=10))
LONGEST = 3500
"""Characters of the sealed fields: with name and attributes a browser keeps 4,096."""
SECRETS = frozenset({"csrf_token", "credential"})


def is_secret(field: str) -> bool:
    """Tell whether a field must not be kept: passwords, codes, answers of keys, tokens."""
    return field in SECRETS or "password" in field or field.endswith("_value")


def hold(request: Request) -> None:
    """Keep the fields of this request for the form of the same path, of the same person."""
    fields = {name: value for name, value in request.form.items() if not is_secret(name)}
    sealed = COOKIE.seal(request, [*_whose(request), fields])
    if len(sealed) <= LONGEST:
        COOKIE.write_later(request, sealed)


def take(request: Request) -> MultiDict[str, str] | None:
    """Return the fields that were kept for this page, once."""
    value = COOKIE.open(request)
    if not isinstance(value, list) or value[:-1] != _whose(request):
        return None
    COOKIE.clear_later(request)
    return MultiDict(value[-1])


def _whose(request: Request) -> list[str]:
    identity = request.identity
    return [str(identity.user_id), str(identity.family_id), request.path]
