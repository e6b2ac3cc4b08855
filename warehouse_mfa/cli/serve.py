"""`serve`: waitress, the scheduler, and an end that loses nothing."""

import resource
import signal
import time
from types import FrameType

import click
import waitress.server
from waitress import wasyncore

from warehouse_mfa import logs
from warehouse_mfa.cli.context import CommandFailed, load_settings
from warehouse_mfa.cli.database import bring_up_to_date, complain_if_behind
from warehouse_mfa.config import configure, make_router
from warehouse_mfa.db.lock import AlreadyServed, hold
from warehouse_mfa.http.front import Front
from warehouse_mfa.settings import Settings
from warehouse_mfa.tasks import ITaskQueue

log = logs.get(__name__)
THREADS = 8
GRACE_SECONDS = 30.0
HEADER_BYTES = 16 * 1024
BODY_BYTES = 128 * 1024
CONNECTIONS = 4000


class _Stop(Exception):
    """A signal asked the server to end."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on; 0 for any.")
@click.option(
    "--migrate", is_flag=True, help="Bring the schema up to date first, as in development."
)
def serve(host: str, port: int, migrate: bool) -> None:
    """Serve the site, and run the background tasks when there is no Redis."""
    logs.configure()
    settings = load_settings(port=port)
    config = configure(settings)
    engine = config.registry["engine"]
    if migrate or settings.is_development:
        bring_up_to_date(engine)
    else:
        complain_if_behind(engine)
    has_redis = bool(settings.redis_url.get_secret_value())
    try:
        lock = None if has_redis else hold(engine)
    except AlreadyServed as error:
        raise CommandFailed(
            "Another process serves this database. Without REDIS_URL only one may: "
            "limits by network address live in its memory."
        ) from error
    application = Front(make_router(config), settings)
    _raise_file_limit()
    server = waitress.server.create_server(
        application,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        max_request_header_size=HEADER_BYTES,
        max_request_body_size=BODY_BYTES,
        channel_timeout=30,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # Front reads them, with networks
    )
    queue: ITaskQueue = config.find_service_factory(ITaskQueue)(None, None)
    queue.start()
    _announce(settings, host, server.effective_port)
    try:
        _run(server)
    finally:
        queue.stop()
        engine.dispose()
        if lock is not None:
            lock.close()
    log.info("ended")


def _announce(settings: Settings, host: str, port: int) -> None:
    log.info("serving", origin=settings.origin, host=host, port=port)
    if settings.is_development:
        click.echo(f"Open {settings.origin}/ - mails arrive at {settings.origin}/dev/mail/")


def _run(server: waitress.server.TcpWSGIServer) -> None:
    """Serve until SIGTERM or SIGINT; then finish what was begun, within the grace time."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _Stop

    previous = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        wasyncore.loop(timeout=1.0, use_poll=True, map=server._map)
    except _Stop:
        log.info("ending")
    for number in previous:
        signal.signal(number, signal.SIG_IGN)
    _drain(server)
    for number, handler in previous.items():
        signal.signal(number, handler)


def _drain(server: waitress.server.TcpWSGIServer) -> None:
    wasyncore.dispatcher.del_channel(server, server._map)
    server.socket.close()
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until and any(_is_busy(channel) for channel in _channels(server)):
        wasyncore.poll2(0.1, server._map)
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
    for channel in _channels(server):
        channel.handle_close()


def _channels(server: waitress.server.TcpWSGIServer) -> list[waitress.channel.HTTPChannel]:
    return [
        one for one in list(server._map.values()) if isinstance(one, waitress.channel.HTTPChannel)
    ]


def _is_busy(channel: waitress.channel.HTTPChannel) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS * 2 if hard == resource.RLIM_INFINITY else min(CONNECTIONS * 2, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
