"""The same parts as processes of their own, on PostgreSQL and a broker: web, background, worker, beat, gateway."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from infra.db.connect import databases
from infra.db.migrate import pending
from infra.errors import Text
from infra.runtime.background import Background
from infra.runtime.http import HttpServer, bind
from infra.runtime.naming import make_gateway, one_service, service_names
from infra.runtime.problems import CannotStart
from infra.runtime.service import Service
from infra.runtime.shutdown import Signals, Stoppable, StopRequested
from infra.runtime.supervision import Supervisor
from infra.runtime.workers import Workers
from infra.settings import Settings
from infra.web.client import OverHttp, ServiceClient
from infra.web.health import Check


async def run_role(settings: Settings, role: str, name: str) -> int:
    """Run one role of one service until a signal comes; returns the exit code.

    `role` is web, background, worker, beat or service (all of these in one process, which the embedded search
    engine needs, since only one process may write its index).

    Raises:
        CannotStart: settings that only fit the all-in-one, an unknown service, a role that it does not have alone,
            missing migrations, a taken port.
    """
    require_servers(settings)
    service = one_service(settings, name)
    if role != "service" and service.together(settings):
        raise CannotStart(_indivisible(role, name))
    await _require_migrated(settings, service)
    signals = Signals()
    signals.install()
    with contextlib.suppress(StopRequested):
        async with Stoppable() as parts:
            process = _Process(settings, service, parts, signals)
            await process.start(("background", "worker", "beat", "web") if role == "service" else (role,))
            await signals.stop.wait()
    return process.supervisor.exit_code


async def run_gateway(settings: Settings) -> int:
    """Run the gateway until a signal comes; returns the exit code.

    Raises:
        CannotStart: a service whose address is not set, or a taken port.
    """
    names = service_names(settings)
    urls = {name: settings.service_url(name) for name in names}
    _require_urls(urls)
    sock = bind(settings.host, settings.port)
    signals = Signals()
    signals.install()
    async with Stoppable() as parts:
        transport = OverHttp(urls)

        async def close(_seconds: float) -> None:
            await transport.close()

        parts.on_stop("client", close)
        checks = {name: _answers(transport, name) for name in names}
        server = HttpServer(make_gateway(settings, ServiceClient(transport, settings.secret), checks), sock)
        await server.start()
        parts.on_stop("http", server.stop)
        await signals.stop.wait()
    return 0


class _Process:
    """One service's parts in one process."""

    def __init__(self, settings: Settings, service: Service, parts: Stoppable, signals: Signals) -> None:
        self._settings = settings
        self._service = service
        self._parts = parts
        self._signals = signals
        self.supervisor = Supervisor(signals)

    async def start(self, roles: Sequence[str]) -> None:
        """Start the parts of `roles` in the order that makes the reverse the right one for stopping."""
        settings, service, parts = self._settings, self._service, self._parts
        await parts.enter("databases", databases(settings, [service.schema]))
        await parts.enter(f"service {service.name}", service.lifespan(settings))
        background = Background(settings, [service])
        if "background" in roles:
            await background.start_relays(parts, self.supervisor)
        workers = Workers(settings, [service])
        await workers.start_sending(parts)
        await workers.start_working(parts, worker="worker" in roles, beat="beat" in roles)
        if "background" in roles:
            await parts.enter(f"attendance {service.name}", service.attend(settings))
            await self._signals.unless_stopped(background.start_consumers(parts, self.supervisor))
        if "beat" in roles:
            workers.send_all_due()
        if "web" in roles:
            sock = bind(settings.host, settings.port or _port_of(settings.service_url(service.name)))
            server = HttpServer(service.app(settings), sock)
            await server.start()
            parts.on_stop("http", server.stop)


def require_servers(settings: Settings) -> None:
    """Raises CannotStart when database or broker are of the kind that lives in one process only."""
    missing = []
    if not settings.database_url:
        missing.append("LOTSE_DATABASE_URL=asyncpg://user:password@host/lotse_{service}")
    if settings.embedded_broker:
        missing.append("LOTSE_BROKER_URL=amqp://user:password@host//")
    if missing:
        raise CannotStart(
            Text(
                "Getrennte Prozesse brauchen PostgreSQL und RabbitMQ; SQLite-Dateien und der eingebaute Broker gehören "
                f"einem einzigen Prozess. Setzen Sie {' und '.join(missing)} — oder starten Sie alles in einem: "
                "python -m infra.runtime all",
                "Separate processes need PostgreSQL and RabbitMQ; SQLite files and the built-in broker belong to one "
                f"process. Set {' and '.join(missing)} — or run everything in one: python -m infra.runtime all",
            )
        )


def _indivisible(role: str, name: str) -> Text:
    whole = f"python -m infra.runtime service {name}"
    return Text(
        f"Der Dienst {name} läuft so eingestellt nur als Ganzes; {role} allein geht nicht. Starten Sie: {whole}",
        f"With these settings the service {name} only runs as a whole, not its {role} alone. Run: {whole}",
    )


async def _require_migrated(settings: Settings, service: Service) -> None:
    try:
        missing = await pending(settings, service.schema)
    except OSError as error:
        raise CannotStart(
            Text(
                f"Die Datenbank von {service.name} antwortet nicht ({type(error).__name__}). Prüfen Sie PostgreSQL "
                "und LOTSE_DATABASE_URL: python -m infra.runtime doctor",
                f"The database of {service.name} does not answer ({type(error).__name__}). Check PostgreSQL and "
                "LOTSE_DATABASE_URL: python -m infra.runtime doctor",
            )
        ) from error
    if missing:
        steps = ", ".join(missing)
        raise CannotStart(
            Text(
                f"In der Datenbank von {service.name} fehlt: {steps}. Vorher: python -m infra.runtime migrate",
                f"The database of {service.name} lacks: {steps}. First run: python -m infra.runtime migrate",
            )
        )


def _require_urls(urls: Mapping[str, str]) -> None:
    missing = [name for name, url in urls.items() if not url]
    if missing:
        raise CannotStart(
            Text(
                f"LOTSE_SERVICE_URLS nennt keine Adresse für: {', '.join(missing)}. Beispiel: http://lotse-{{service}}:8000",
                f"LOTSE_SERVICE_URLS names no address for: {', '.join(missing)}. Example: http://lotse-{{service}}:8000",
            )
        )


def _port_of(url: str) -> int | None:
    return urlsplit(url).port


def _answers(transport: OverHttp, name: str) -> Check:
    async def check() -> bool:
        answer = await transport.send(name, "GET", "/livez", {}, b"")
        return answer.ok

    return check
