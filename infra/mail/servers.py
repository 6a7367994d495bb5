"""Which mail server takes the next mail: the best one that is well; one that failed rests and comes back.

Each process learns for itself what is well, since a server may be within reach of one machine and not of another.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from infra.settings.smtp import DEFAULT_PORTS, TIMEOUT_SECONDS, Server, parse_url, parse_urls

__all__ = ["DEFAULT_PORTS", "TIMEOUT_SECONDS", "Server", "ServerPool", "parse_url", "parse_urls", "tls_context"]

FIRST_REST_SECONDS = 5.0
LONGEST_REST_SECONDS = 300.0
DOUBTS = 2  # so many contents in a row during which it hung up, and it counts as failed


@cache
def tls_context() -> ssl.SSLContext:
    """How every server is met: its certificate must be one that this machine trusts, for the name we call it by."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996: what is older is insecure
    return context


@dataclass
class _Health:
    """`until` is on the pool's clock: it rests until then. `failures` and `doubts` are those in a row."""

    until: float = 0.0
    failures: int = 0
    doubts: int = 0


class ServerPool:
    """The servers in the order of preference, and how they are. Belongs to one event loop."""

    def __init__(self, servers: Sequence[Server], clock: Callable[[], float] = time.monotonic) -> None:
        self.servers = tuple(servers)
        self._clock = clock
        self._health = {server.name: _Health() for server in self.servers}

    def available(self) -> list[Server]:
        """Those that do not rest, the best first; when all rest, the one that is back first: better it than none."""
        now = self._clock()
        awake = [server for server in self.servers if self._health[server.name].until <= now]
        return awake or sorted(self.servers, key=lambda server: self._health[server.name].until)[:1]

    def rest_seconds(self) -> float:
        """How long until one has rested; 0 when one has. Who sends in bulk waits for it."""
        first = min((health.until for health in self._health.values()), default=0.0)
        return max(0.0, first - self._clock())

    def failed(self, server: Server) -> None:
        """It takes nothing (no connection, no sign-in, sender refused): rests for 5 s, then twice as long each time.

        Calls during a rest change nothing: several connections to one server break at the same moment.
        """
        health, now = self._health[server.name], self._clock()
        if health.until > now:
            return
        health.until = now + min(FIRST_REST_SECONDS * 2**health.failures, LONGEST_REST_SECONDS)
        health.failures += 1
        health.doubts = 0

    def doubted(self, server: Server) -> None:
        """It hung up within a mail's content. That may be the mail's fault; with the next one it is the server's."""
        health = self._health[server.name]
        health.doubts += 1
        if health.doubts >= DOUBTS:
            self.failed(server)

    def worked(self, server: Server) -> None:
        """It answered a mail, be it with yes or no."""
        self._health[server.name] = _Health()
