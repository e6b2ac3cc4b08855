"""What `http` needs to know and others implement."""

from pyramid.request import Request
from zope.interface import Interface


class ICSRFBinding(Interface):
    """Says what the CSRF tokens of a request hang on; `sessions` implements it."""

    def binding_of(request: Request) -> bytes | None:
        """Return bytes that stay the same while forms must stay valid; `None` without a session."""
