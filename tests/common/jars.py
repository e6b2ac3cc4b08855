"""Cookie jars: what one browser holds, carried over to another; and browsers that act at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from tests.common.secrecy import short_name
from tests.common.visitor import Visitor

T = TypeVar("T")


def copy_cookies(source: Visitor, target: Visitor, *names: str) -> Visitor:
    """Put cookies of `source` into `target`: those of the short `names`, all if none is given."""
    for cookie in source.cookiejar:
        if not names or short_name(cookie.name) in names:
            target.cookiejar.set_cookie(cookie)
    return target


def drop_cookie(visitor: Visitor, name: str) -> None:
    """Take the cookie of the short `name` out of a jar."""
    for cookie in list(visitor.cookiejar):
        if short_name(cookie.name) == name:
            visitor.cookiejar.clear(cookie.domain, cookie.path, cookie.name)


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make all calls in threads that are released together; return what they give, in order."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        barrier.wait(timeout=60)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
