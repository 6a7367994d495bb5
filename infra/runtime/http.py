"""The web server of a process: uvicorn on a socket that was bound before anything else was started."""

from __future__ import annotations

import asyncio
import errno
import socket

import uvicorn
from starlette.types import ASGIApp

from infra.errors import Text
from infra.runtime.problems import CannotStart

FIRST_PORT = 8000
LAST_PORT = 8099
# Longer than who is in front keeps an unused connection (our gateway 15 s, nginx 60 s): closing it at the moment when
# the next request is sent loses that request. uvicorn's own 5 s did, now and then, after a pause.
KEEP_ALIVE_SECONDS = 75


def bind(host: str, port: int | None) -> socket.socket:
    """A bound socket on `port`, or on the first free one from 8000 on when none was asked for.

    Raises:
        CannotStart: the port is taken or may not be used, or the address is not one of this machine.
    """
    if port is not None:
        return _bind(host, port)
    for candidate in range(FIRST_PORT, LAST_PORT + 1):
        try:
            return _bind(host, candidate)
        except CannotStart as problem:
            cause = problem.__cause__
            if not isinstance(cause, OSError) or cause.errno != errno.EADDRINUSE:
                raise
    raise CannotStart(
        Text(
            f"Zwischen {FIRST_PORT} und {LAST_PORT} ist kein Port frei. Nennen Sie einen freien: LOTSE_PORT=9000",
            f"No port is free from {FIRST_PORT} to {LAST_PORT}. Name a free one: LOTSE_PORT=9000",
        )
    )


def _bind(host: str, port: int) -> socket.socket:
    # asyncio sends small answers at once (TCP_NODELAY) only where the protocol is named; else each waits 40 ms.
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        # Linux lets two sockets bind with SO_REUSEADDR until one of them listens, so listen now; nobody is
        # accepted before the server starts, they wait in the backlog.
        sock.listen(512)
    except OSError as error:
        sock.close()
        raise CannotStart(_unusable(host, port, error)) from error
    return sock


def _unusable(host: str, port: int, error: OSError) -> Text:
    if error.errno == errno.EADDRINUSE:
        return Text(
            f"Port {port} auf {host} ist belegt. Beenden Sie das andere Programm oder nennen Sie einen freien Port "
            "mit LOTSE_PORT (leer: der nächste freie ab 8000).",
            f"Port {port} on {host} is taken. Stop the other program or name a free port with LOTSE_PORT "
            "(empty: the next free one from 8000 on).",
        )
    return Text(
        f"Auf {host}:{port} kann nicht gelauscht werden ({error.strerror}). Prüfen Sie LOTSE_HOST und LOTSE_PORT.",
        f"Cannot listen on {host}:{port} ({error.strerror}). Check LOTSE_HOST and LOTSE_PORT.",
    )


class HttpServer:
    """Serves one ASGI app on a bound socket. Signals are not its business: `infra.runtime.shutdown` has them."""

    def __init__(self, app: ASGIApp, sock: socket.socket) -> None:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_keep_alive=KEEP_ALIVE_SECONDS
        )
        config.load()
        self._socket = sock
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        self._ticking: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where it listens: host and port."""
        host, port = self._socket.getsockname()[:2]
        return f"{host}:{port}"

    async def start(self) -> None:
        """Accept requests from now on."""
        await self._server.startup(sockets=[self._socket])
        self._ticking = asyncio.create_task(self._server.main_loop())

    async def stop(self, seconds: float) -> None:
        """Accept nobody any more and let requests in hand finish, for at most `seconds`; then cut them off."""
        if self._ticking is None:
            self._socket.close()
            return
        self._server.should_exit = True
        self._server.config.timeout_graceful_shutdown = max(1, int(seconds))
        await self._ticking
        await self._server.shutdown(sockets=[self._socket])
