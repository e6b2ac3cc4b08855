"""A service that is asked for all digests with the same first five digits, so that it learns no more.

It answers with a line for each: the other 35 digits, a colon, and how often it was seen. Lines with
the count 0 are there to make all answers alike long.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from zope.interface import implementer

from warehouse_mfa import logs
from warehouse_mfa.breaches.digests import digest_of
from warehouse_mfa.breaches.interfaces import IPasswordBreachService

log = logs.get(__name__)
PREFIX = 5
BUDGET_SECONDS = 1.0
AT_ONCE = 4
"""Questions that may be under way, those included that nobody waits for any more."""
LARGEST_ANSWER = 512 * 1024


@implementer(IPasswordBreachService)
class RangesOfBreaches:
    def __init__(self, base: str, budget_seconds: float = BUDGET_SECONDS) -> None:
        """`base` is an address that ends with a slash; five digits are put behind it."""
        self._parts = urlsplit(base)
        self._budget_seconds = budget_seconds
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="breaches")

    def is_breached(self, password: str) -> bool:
        digest = digest_of(password)
        # In a thread: no timeout of a socket holds for the lookup of a name, or for all reads together.
        asked = self._threads.submit(self._ask, digest[:PREFIX])
        try:
            return names(asked.result(self._budget_seconds), digest[PREFIX:])
        except (OSError, HTTPException, ValueError) as error:
            asked.cancel()
            log.warning("breached passwords not asked for", error=type(error).__name__)
            return False

    def _ask(self, prefix: str) -> str:
        # No redirect is followed, so that the answer comes from whom the operator named.
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        with closing(kind(self._parts.netloc, timeout=self._budget_seconds)) as connection:
            connection.request("GET", self._parts.path + prefix, headers={"Add-Padding": "true"})
            answer = connection.getresponse()
            text = answer.read(LARGEST_ANSWER)
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
        return text.decode("ascii")


def names(answer: str, rest: str) -> bool:
    """Tell whether an answer has a line for the `rest` of a digest, with a count above 0."""
    for line in answer.splitlines():
        digits, _, count = line.partition(":")
        if digits.strip().upper() == rest:
            return count.strip() not in ("", "0")
    return False
