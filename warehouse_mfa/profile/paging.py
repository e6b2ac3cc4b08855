"""Where a page of a long list begins: after `before`, the id of its last line on the page before."""

from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound


def place(text: str | None) -> UUID | None:
    """Return the id that a page is asked for with. :raises HTTPNotFound: when it is none."""
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise HTTPNotFound from error
