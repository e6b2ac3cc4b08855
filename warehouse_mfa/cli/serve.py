"""`serve`: waitress, the scheduler, and an end that loses nothing."""

import resource
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import click
import waitress.server
from waitress.channel import HTTPChannel

from warehouse_mfa import logs
from warehouse_mfa.cli.channels import channels_with
from warehouse_mfa.cli.connections import Connections
from warehouse_mfa.cli.context import configured, load_settings
from warehouse_mfa.cli.memory import keep_what_there_is, share_one_arena
from warehouse_mfa.cli.schema import complain_if_behind
from warehouse_mfa.cli.speech import CommandFailed, command, option, say
from warehouse_mfa.config import make_router
from warehouse_mfa.db.lock import AlreadyServed, hold
from warehouse_mfa.http.front import Front
from warehouse_mfa.http.headers import headers_for
from warehouse_mfa.http.refusals import make_refusals
from warehouse_mfa.i18n import _
from warehouse_mfa.settings import Settings
from warehouse_mfa.tasks import ITaskQueue

log = logs.get(__name__)
THREADS = 8
TURN_SECONDS = 1.0
GRACE_SECONDS = 30.0
HALF_SENT_SECONDS = 5.0  # at the end, for a request that has not arrived whole
HEADER_BYTES = 16 * 1024
BODY_BYTES = 128 * 1024
CONNECTIONS = 4000
ENDING = (signal.SIGTERM, signal.SIGINT)
BRING_UP_TO_DATE = "warehouse_mfa.cli.database.bring_up_to_date"
ALREADY_SERVED = _(
    "Another process serves this database. Without REDIS_URL only one may: "
    "limits by network address live in its memory."
)


@contextmanager
def _deaf_from_here_on() -> Iterator[None]:
    """Block the signals that tell us to end: `_wait_until_told` waits for them.

    In this thread and all that it starts, and until the process is gone, unless an error ends us: the
    caller may go on then, and whatever it starts would be deaf as well.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    except BaseException:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise


@command(help=_("Serve the site, and run the background tasks when there is no Redis."))
@option("--host", default="127.0.0.1", show_default=True, help=_("Address to listen on."))
@option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help=_("Port to listen on; 0 for any."),
)
@option("--migrate", is_flag=True, help=_("Bring the schema up to date first, as in development."))
@_deaf_from_here_on()
def serve(host: str, port: int, migrate: bool) -> None:
    share_one_arena()
    logs.configure()
    port = port or _free_port(host)
    settings = load_settings(port=port)
    config = configured(settings)
    engine = config.registry["engine"]
    if migrate or settings.is_development:
        # By name: Alembic is loaded by a process that migrates and by no other.
        config.maybe_dotted(BRING_UP_TO_DATE)(engine)
    else:
        complain_if_behind(engine)
    has_redis = bool(settings.redis_url.get_secret_value())
    try:
        lock = None if has_redis else hold(engine)
    except AlreadyServed as error:
        raise CommandFailed(ALREADY_SERVED) from error
    application = Front(make_router(config), settings)
    refusals = make_refusals(config.registry)
    del config.introspector  # what tools ask of routes and views, 0.6 MB
    keep_what_there_is()
    _raise_file_limit()
    connections = Connections()
    server = _make_server(application, _listen(host, port), connections)
    listeners = _listeners(connections)
    for listener in listeners:
        listener.channel_class = channels_with(connections, headers_for(settings), refusals)
    queue: ITaskQueue = config.find_service_factory(ITaskQueue)(None, None)
    is_told, is_second = Event(), Event()
    Thread(target=_wait_until_told, args=[listeners[0], is_told], daemon=True).start()
    queue.start()
    if lock is not None:
        lock.keep(is_second.set)
    _announce(settings, host, port)
    while not is_told.is_set() and not is_second.is_set():
        connections.turn(TURN_SECONDS)
    log.info("ending")
    _drain(connections)
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
    for channel in _open(connections):
        channel.handle_close()
    queue.stop()
    if lock is not None:
        lock.close()
    log.info("ended")
    if is_second.is_set():
        raise CommandFailed(ALREADY_SERVED)


def _make_server(application: Front, sockets: list[socket.socket], connections: Connections) -> Any:
    """Return waitress with its listeners in `connections`; it serves while these have their turns."""
    return waitress.server.create_server(
        application,
        map=connections,
        sockets=sockets,
        threads=THREADS,
        ident=None,
        max_request_header_size=HEADER_BYTES,
        max_request_body_size=BODY_BYTES,
        channel_timeout=30,
        connection_limit=CONNECTIONS,
        clear_untrusted_proxy_headers=False,  # Front reads them, with networks
    )


def _listen(host: str, port: int) -> list[socket.socket]:
    """Return a listening socket for each address of a host: `localhost` has two."""
    try:
        found = socket.getaddrinfo(
            host.strip("[]") or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        return [
            socket.create_server(address, family=family)
            for family, address in dict.fromkeys((one[0], one[4]) for one in found)
        ]
    except OSError as error:
        raise CommandFailed(
            _(
                "Cannot listen on ${host}, port ${port}: ${reason}.",
                mapping={"host": host, "port": port, "reason": error.strerror},
            )
        ) from error


def _free_port(host: str) -> int:
    first, *others = _listen(host, 0)
    port: int = first.getsockname()[1]
    for one in (first, *others):
        one.close()
    return port


def _announce(settings: Settings, host: str, port: int) -> None:
    log.info("serving", origin=settings.origin, host=host, port=port)
    if settings.is_development:
        say(
            _(
                "Open ${origin}/ - mails arrive at ${origin}/dev/mail/",
                mapping={"origin": settings.origin},
            )
        )


def _wait_until_told(waker: waitress.server.BaseWSGIServer, is_told: Event) -> None:
    """Wait for the first signal that tells us to end, also when it came while we were starting.

    They are blocked, and have no handler. Whoever says it again then cuts nothing short: Python takes
    its handlers away while it ends, and before that it calls one for each signal, inside of the one
    that is still busy, until they are too deep and the error comes out of what was being finished.
    """
    signal.sigwait(ENDING)
    is_told.set()
    waker.pull_trigger()


def _drain(connections: Connections) -> None:
    """Take no more connections; finish what was begun, within the grace time."""
    for listener in _listeners(connections):
        _accept_all(listener, connections)
        listener.del_channel()
        listener.socket.close()
    connections.turn(0)
    began = time.monotonic()
    while True:
        seconds = time.monotonic() - began
        for channel in _open(connections):
            if not _is_busy(channel, seconds):
                # A browser keeps its connection for the next request, which another process gets.
                channel.handle_close()
        if seconds > GRACE_SECONDS or not _open(connections):
            return
        connections.turn(0.1)


def _accept_all(listener: waitress.server.BaseWSGIServer, connections: Connections) -> None:
    """Accept whoever has connected by now: they may have sent their request."""
    known = -1
    while known < len(connections) < CONNECTIONS:
        known = len(connections)
        listener.handle_accept()


def _listeners(connections: Connections) -> list[waitress.server.BaseWSGIServer]:
    return [
        one for one in list(connections.values()) if isinstance(one, waitress.server.BaseWSGIServer)
    ]


def _open(connections: Connections) -> list[HTTPChannel]:
    return [one for one in list(connections.values()) if isinstance(one, HTTPChannel)]


def _is_busy(channel: HTTPChannel, seconds: float) -> bool:
    if channel.request is not None and seconds < HALF_SENT_SECONDS:
        return True
    # In this order: what is answered leaves `requests` after its answer stands in the buffer.
    return bool(channel.requests or channel.total_outbufs_len)


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS * 2 if hard == resource.RLIM_INFINITY else min(CONNECTIONS * 2, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
