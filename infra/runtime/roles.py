"""The parts of a service as processes of their own, on PostgreSQL and a broker: web, background, worker, beat."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from infra.db.connect import answers, databases
from infra.db.migrate import difference
from infra.errors import Text
from infra.runtime.background import Background
from infra.runtime.http import HttpServer, bind
from infra.runtime.naming import one_service
from infra.runtime.problems import CannotStart
from infra.runtime.requirements import require_for_role
from infra.runtime.servers import await_servers, servers_of
from infra.runtime.service import Service
from infra.runtime.settling import settle_soon
from infra.runtime.shutdown import Signals, Stoppable, StopRequested
from infra.runtime.supervision import Supervisor
from infra.runtime.workers import Workers
from infra.settings import Settings
from infra.web.health import Check, health_app

log = logging.getLogger(__name__)


async def run_role(settings: Settings, role: str, name: str) -> int:
    """Run one role of one service until a signal comes; returns the exit code.

    `role` is web, background, worker, beat or service (all of these in one process, which the embedded search
    engine needs, since only one process may write its index).

    Raises:
        CannotStart: an unknown service, a role that it does not have, a server that refuses or does not answer,
            missing migrations, a taken port.
        SettingsError: settings that only fit the all-in-one, or that say nothing of this service.
    """
    service = one_service(settings, name)
    _require_role(settings, service, role)
    require_for_role(settings, service, role)
    signals = Signals()
    signals.install()
    process = _Process(settings, service, role, signals)
    with contextlib.suppress(StopRequested):
        async with Stoppable() as parts:
            await process.start(parts)
            await signals.stop.wait()
    return process.supervisor.exit_code


class _Process:
    """One service's parts in one process."""

    def __init__(self, settings: Settings, service: Service, role: str, signals: Signals) -> None:
        self._settings = settings
        self._service = service
        self._role = role
        self._signals = signals
        self._started = False
        self._address = ""
        self.supervisor = Supervisor(signals)

    async def start(self, parts: Stoppable) -> None:
        """Start what the role consists of, in the order that makes the reverse the right one for stopping."""
        settings, service = self._settings, self._service
        background = Background(settings, [service]) if self._has("background") else None
        workers = Workers(settings, [service]) if service.jobs.jobs else None
        await self._start_health(parts, self._checks(background, workers))
        servers = servers_of(settings, service, self._role)
        await self._signals.unless_stopped(await_servers(servers, settings.start_seconds))
        await _require_migrated(settings, service)
        await parts.enter("databases", databases(settings, [service.schema]))
        await parts.enter(f"service {service.name}", service.lifespan(settings))
        if background is not None:
            await background.start_relays(parts, self.supervisor)
        if workers is not None:
            await self._start_workers(parts, workers)
        if background is not None:
            await parts.enter(f"attendance {service.name}", service.attend(settings))
            await self._signals.unless_stopped(background.start_consumers(parts, self.supervisor))
        if workers is not None and self._has("beat"):
            workers.send_all_due()
        if self._has("web"):
            await self._start_web(parts)
        self._started = True
        settle_soon()
        log.info("started", extra={"service": service.name, "role": self._role, "address": self._address})

    def _has(self, role: str) -> bool:
        return self._role in (role, "service")

    async def _start_workers(self, parts: Stoppable, workers: Workers) -> None:
        await workers.start_sending(parts)
        if self._has("worker") or self._has("beat"):
            await workers.start_working(parts, worker=self._has("worker"), beat=self._has("beat"))
            self.supervisor.start("jobs", workers.run())

    async def _start_web(self, parts: Stoppable) -> None:
        settings, service = self._settings, self._service
        sock = bind(settings.host, settings.port or urlsplit(settings.service_url(service.name)).port)
        server = HttpServer(service.app(settings), sock)
        await server.start()
        parts.on_stop("http", server.stop)
        self._address = server.address

    async def _start_health(self, parts: Stoppable, checks: Mapping[str, Check]) -> None:
        """Answer for health from the first moment on, where this process has no web app that does."""
        settings = self._settings
        if self._has("web") or settings.port is None:
            return
        server = HttpServer(health_app(checks), bind(settings.host, settings.port))
        await server.start()
        parts.on_stop("health", server.stop)
        self._address = server.address

    def _checks(self, background: Background | None, workers: Workers | None) -> dict[str, Check]:
        """What must be well for /readyz; a database that lacks migrations does not let the process start."""

        async def started() -> bool:
            return self._started and not self._signals.stop.is_set() and self.supervisor.running()

        async def database() -> bool:
            return self._started and await answers(self._service.name)

        async def broker() -> bool:
            return background is None or background.connected()

        async def jobs() -> bool:
            return workers is None or workers.well()

        return {"started": started, "database": database, "broker": broker, "jobs": jobs}


def _require_role(settings: Settings, service: Service, role: str) -> None:
    """Raises CannotStart when the service has no such role, or not alone."""
    if role != "service" and service.together(settings):
        whole = f"python -m infra.runtime service {service.name}"
        raise CannotStart(
            Text(
                f"Der Dienst {service.name} läuft so eingestellt nur als Ganzes, nicht {role} allein. Start: {whole}",
                f"With these settings the service {service.name} only runs as a whole, not {role} alone. Run: {whole}",
            )
        )
    if role in ("worker", "beat") and not service.jobs.jobs:
        raise CannotStart(
            Text(
                f"Der Dienst {service.name} hat keine Aufgaben im Hintergrund; {role} wird für ihn nicht gebraucht.",
                f"The service {service.name} has no background jobs; it needs no {role}.",
            )
        )


async def _require_migrated(settings: Settings, service: Service) -> None:
    """Raises CannotStart when the database is behind. One that is ahead belongs to an upgrade that is under way."""
    found = await difference(settings, service.schema)
    if found.missing:
        steps = ", ".join(found.missing)
        raise CannotStart(
            Text(
                f"In der Datenbank von {service.name} fehlt: {steps}. Vorher: python -m infra.runtime migrate",
                f"The database of {service.name} lacks: {steps}. First run: python -m infra.runtime migrate",
            )
        )
    if found.unknown:
        log.warning(
            "the database is ahead of this program: finish the upgrade, or go back to a backup from before it",
            extra={"service": service.name, "migrations": ", ".join(found.unknown)},
        )
