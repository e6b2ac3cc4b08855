"""A TCP proxy that can be slow, silent, or gone."""

import socket
import socketserver
from contextlib import suppress
from threading import Condition, Thread
from typing import Self

CHUNK = 65536
HOST = "127.0.0.1"


class Proxy:
    """Stands between clients and a server on this machine: `with Proxy(port) as proxy`."""

    def __init__(self, port: int) -> None:
        self._target = (HOST, port)
        self._changed = Condition()
        self._seconds = 0.0
        self._is_open = True
        self._pairs: set[socket.socket] = set()
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                proxy._carry(self.request)

        self._server = socketserver.ThreadingTCPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, args=[0.05], daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.delay(0)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for one in list(self._pairs):
            _close(one)

    def delay(self, seconds: float) -> None:
        """Keep every answer back for so long from now on; what is kept back already leaves."""
        with self._changed:
            self._seconds = seconds
            self._changed.notify_all()

    def _carry(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self._target)
        except OSError:
            return
        self._pairs |= {client, server}
        back = Thread(target=self._answers, args=[server, client], daemon=True)
        back.start()
        with suppress(OSError):
            while chunk := client.recv(CHUNK):
                server.sendall(chunk)
        _close(server)
        back.join()
        self._pairs -= {client, server}

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while chunk := server.recv(CHUNK):
                self._keep_back()
                client.sendall(chunk)
        _close(client)

    def _keep_back(self) -> None:
        with self._changed:
            told = self._seconds
            self._changed.wait_for(lambda: self._seconds < told, told)


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
