"""Comparing answers: what a stranger can tell apart, and what not."""

import re
from dataclasses import dataclass
from http.cookies import SimpleCookie

from webtest import TestResponse

TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


@dataclass(frozen=True)
class Face:
    """All that an answer shows, without what differs from jar to jar and what was typed."""

    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[str, ...]
    body: str


def face(response: TestResponse, *typed: str) -> Face:
    """Return the face of an answer; `typed` is replaced wherever the page repeats it."""
    body = TOKEN.sub("", response.text)
    for text in typed:
        body = body.replace(text, "TYPED")
    headers = [
        (name, value)
        for name, value in response.headerlist
        if name not in ("Set-Cookie", "Content-Length")
    ]
    cookies = [
        name for value in response.headers.getall("Set-Cookie") for name in SimpleCookie(value)
    ]
    return Face(response.status_int, tuple(sorted(headers)), tuple(sorted(cookies)), body)


def refusals(response: TestResponse) -> list[str]:
    """Return what the error summary of a refused form says."""
    return [item.get_text(strip=True) for item in response.html.select(".error-summary li")]
