"""Knocking at every door in turn: with the jar as it was, whatever the door before took out of it."""

from collections.abc import Mapping
from copy import copy
from uuid import UUID

from webtest import TestResponse

from tests.common.site import Site
from tests.common.visitor import Visitor

NOBODYS = UUID(int=0)
FACTOR = "totp"


class Knocker:
    """Somebody who tries every door, one after the other."""

    def __init__(self, site: Site, visitor: Visitor) -> None:
        self.visitor = visitor
        self._jar = {cookie.name: copy(cookie) for cookie in visitor.cookiejar}
        ids = site.rows("SELECT id FROM totp_applications")
        self._credential_id = UUID(str(ids[0][0])) if ids else NOBODYS

    def address(self, pattern: str) -> str:
        """Return an address: that of the one app there is, or of none; of nobody's session."""
        return pattern.format(
            factor=FACTOR,
            credential_id=self._credential_id,
            session_id=NOBODYS,
            device_id=NOBODYS,
            act_id=NOBODYS,
        )

    def knock(
        self, method: str, pattern: str, headers: Mapping[str, str], fields: Mapping[str, str]
    ) -> TestResponse:
        """Send a request, and put back what its answer takes out of the jar."""
        address = self.address(pattern)
        if method == "GET":
            answer = self.visitor.get(address, headers=headers, status="*")
        else:
            answer = self.visitor.post(address, fields, headers=headers, status="*")
        left = {cookie.name for cookie in self.visitor.cookiejar}
        for name in self._jar.keys() - left:
            self.visitor.cookiejar.set_cookie(self._jar[name])
        return answer
