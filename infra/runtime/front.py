"""The gateway as a process of its own: no database, no broker, only the addresses of the services."""

from __future__ import annotations

from infra.runtime.http import HttpServer, bind
from infra.runtime.naming import make_gateway, service_names
from infra.runtime.requirements import require_for_gateway
from infra.runtime.shutdown import Signals, Stoppable
from infra.settings import Settings
from infra.web.client import OverHttp, ServiceClient
from infra.web.health import Check


async def run_gateway(settings: Settings) -> int:
    """Run the gateway until a signal comes; returns the exit code.

    Raises:
        CannotStart: a taken port.
        SettingsError: the public address, or that of a service, is not set.
    """
    require_for_gateway(settings)
    names = service_names(settings)
    sock = bind(settings.host, settings.port)
    signals = Signals()
    signals.install()
    async with Stoppable() as parts:
        transport = OverHttp({name: settings.service_url(name) for name in names})

        async def close(_seconds: float) -> None:
            await transport.close()

        parts.on_stop("client", close)
        checks = {name: _answers(transport, name) for name in names}
        server = HttpServer(make_gateway(settings, ServiceClient(transport, settings.secret), checks), sock)
        await server.start()
        parts.on_stop("http", server.stop)
        await signals.stop.wait()
    return 0


def _answers(transport: OverHttp, name: str) -> Check:
    async def check() -> bool:
        answer = await transport.send(name, "GET", "/livez", {}, b"")
        return answer.ok

    return check
