"""The answer to one attempt too many."""

from pyramid.request import Request
from pyramid.response import Response

from warehouse_mfa.http.errors import error_answer, page_of_the_form
from warehouse_mfa.i18n import _
from warehouse_mfa.rate_limiting.interfaces import TooManyAttempts


def too_many_attempts(error: TooManyAttempts, request: Request) -> Response:
    """Answer 429 and say when the next attempt is taken."""
    return error_answer(
        request,
        429,
        _("Too many attempts"),
        error.message,
        "too-many-attempts",
        retry_after=error.resets_in,
        # A login that waits, or has half been made, is not found from the home page.
        action=page_of_the_form(request),
    )
