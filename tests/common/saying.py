""" "This was not me", as people say it."""

import re
from typing import Any

from tests.common.site import Site
from tests.common.visitor import Visitor

NOT_ME = "/account/not-me/"
REPAIR = "/manage/account/repair/"
LINK = re.compile(rf"{NOT_ME}\?token=\S+")


def not_me_link(site: Site, to: str) -> str:
    """Return the link of the last notice to an address, as a path."""
    found = [LINK.search(mail.text) for mail in site.mails(to=to)]
    return [each[0] for each in found if each][-1]


def say_not_me(visitor: Visitor, link: str) -> Any:
    """Open the link, and press the button."""
    page = visitor.get(link, status=303).follow(status=200)
    return page.forms["not-me-form"].submit(status=200)
