"""What waitress answers by itself: what is too large, what is no HTTP, and what waited too long."""

import re
import socket
import time
from collections.abc import Mapping
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask
from waitress.utilities import Error

from warehouse_mfa import logs
from warehouse_mfa.cli.connections import Connections
from warehouse_mfa.http.refusals import Body, Refusals

log = logs.get(__name__)
LONGEST_WAIT_SECONDS = 3.0
RETRY_AFTER_SECONDS = 5
LOOKED_AT = re.compile(rb"\r\n(Accept|Accept-Language):[ \t]*([^\r\n]*)", re.IGNORECASE)
LIVE = "/_health/live"  # whoever asks would end the process: that helps nobody who waits


class Overloaded(Error):
    """More is asked for than can be done. What waits longer is answered when nobody waits for it."""

    code = 503
    reason = "Service Unavailable"

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        status, headers, body = super().to_response(ident)
        return status, [*headers, ("Retry-After", str(RETRY_AFTER_SECONDS))], body


class Worded(Error):
    """An error of waitress with a page of ours for whoever gets it."""

    def __init__(self, error: Error, body: Body) -> None:
        super().__init__(error.body)
        self.code, self.reason = error.code, error.reason
        self._error = error
        self._page = body

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        status, headers, _body = self._error.to_response(ident)
        others = [(name, value) for name, value in headers if name != "Content-Type"]
        return status, [*others, ("Content-Type", self._page.content_type)], self._page.content


def headers_of(request: HTTPRequestParser) -> Mapping[str, str]:
    """Return what `request` says of its language and type, even when its headers are too long to read.

    Waitress has then parsed none, and keeps what it had received before it had too much.
    """
    if request.headers:
        return dict(request.headers)
    return {
        name.decode().upper().replace("-", "_"): value.decode("latin-1")
        for name, value in LOOKED_AT.findall(request.header_plus)
    }


def channels_with(
    connections: Connections, headers: Mapping[str, str], refusals: Refusals
) -> type[HTTPChannel]:
    """Return the channels of `connections`, whose own refusals look like every answer of the site.

    They stay with waitress, because it refuses without reading on: an application could answer only
    after all of a body has been received and kept somewhere. And to refuse what waited too long for a
    thread must cost next to nothing, or the threads would be busy with that.
    """

    class Refusal(ErrorTask):
        def execute(self) -> None:
            self.response_headers.extend(headers.items())
            error, request = self.request.error, self.request
            headers_sent = headers_of(request)
            body = refusals.body(error.code, getattr(request, "path", ""), headers_sent)
            if body is not None:
                request.error = Worded(error, body)
            super().execute()

    class Channel(HTTPChannel):
        error_task_class = Refusal
        waits_since = 0.0

        def __init__(
            self, server: BaseWSGIServer, socket_: socket.socket, *others: Any, **options: Any
        ) -> None:
            # Kept, because a thread may come when the socket is closed already.
            self.descriptor = socket_.fileno()
            super().__init__(server, socket_, *others, **options)

        def received(self, data: bytes) -> bool:
            self.waits_since = time.monotonic()
            return bool(super().received(data))

        def service(self) -> None:
            request, now = self.requests[0], time.monotonic()
            waited, self.waits_since = now - self.waits_since, now
            if waited > LONGEST_WAIT_SECONDS and not request.error and request.path != LIVE:
                log.warning("overloaded", path=request.path, waited=round(waited, 1))
                request.error = Overloaded("Nothing was changed. Try again in a moment.")
            connections.enter(self.descriptor)
            try:
                super().service()
            finally:
                connections.leave(self.descriptor)

    return Channel
