"""The gateway as a process of its own: no database, no broker, only the addresses of the services."""

from __future__ import annotations

import logging

from infra.runtime.http import HttpServer, bind
from infra.runtime.naming import make_gateway, service_names
from infra.runtime.requirements import require_for_gateway
from infra.runtime.settling import settle_soon
from infra.runtime.shutdown import Signals, Stoppable
from infra.settings import Settings
from infra.web.client import OverHttp, ServiceClient
from infra.web.health import Check

log = logging.getLogger(__name__)
REFUSED = (
    "a service does not accept what this gateway signs: LOTSE_SECRET must be the same in all processes, "
    "and their clocks may differ by less than a minute"
)


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
        client = ServiceClient(transport, settings.secret)
        checks = {name: _reached(client, name) for name in names}
        server = HttpServer(make_gateway(settings, client, checks), sock)
        await server.start()
        parts.on_stop("http", server.stop)
        settle_soon()
        log.info("started", extra={"role": "gateway", "address": server.address})
        await signals.stop.wait()
    return 0


def _reached(client: ServiceClient, name: str) -> Check:
    """Whether a service has accepted once what this gateway signs.

    Once true it stays true: a service that fails later takes its pages with it, not every gateway out of the balancer.
    """
    accepted = False

    async def check() -> bool:
        nonlocal accepted
        if not accepted:
            answer = await client.request(name, "HEAD", "/openapi.json")
            accepted = answer.ok
            if answer.status == 401:
                log.error(REFUSED, extra={"refused_by": name})
        return accepted

    return check
