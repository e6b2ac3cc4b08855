"""What a browser says about itself. `request.agent`."""

from pyramid.request import Request

LONGEST = 512


def agent(request: Request) -> str | None:
    """Return the User-Agent header as it may be kept; it is never shown."""
    said: str | None = request.user_agent
    # NUL is the one character that PostgreSQL does not keep.
    return said.replace("\0", "")[:LONGEST] if said else None
