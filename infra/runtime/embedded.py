"""The all-in-one: every service, the gateway, relays, consumers, jobs and the broker in one process.

It needs no server. The broker in memory forgets everything when the process ends; that is safe because the logs
in the databases are the truth, and every consumer catches up from them at the start.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace

from infra.db.connect import databases
from infra.db.migrate import migrate
from infra.runtime.background import Background
from infra.runtime.control import ControlSocket
from infra.runtime.datalock import data_lock
from infra.runtime.http import HttpServer, bind
from infra.runtime.naming import all_services, make_gateway
from infra.runtime.operator import Operator
from infra.runtime.requirements import require_for_all_in_one
from infra.runtime.servers import await_servers, brokers_of, databases_of
from infra.runtime.service import Service
from infra.runtime.settling import settle_soon
from infra.runtime.shutdown import Signals, Stoppable, StopRequested
from infra.runtime.supervision import Supervisor
from infra.runtime.welcome import base_url, print_welcome
from infra.runtime.workers import Workers
from infra.settings import Settings
from infra.web.client import InProcess, ServiceClient

PROBE_SECONDS = 1.0


async def run_all(settings: Settings) -> int:
    """Run everything until a signal comes; returns the exit code.

    Raises:
        CannotStart: with what the operator can mend.
        SettingsError: settings that need a process for each service.
    """
    require_for_all_in_one(settings)
    signals = Signals()
    signals.install()
    with data_lock(settings.data_dir):
        sock = bind(settings.host, settings.port)
        settings = replace(settings, base_url=settings.base_url or base_url(settings.host, sock))
        with contextlib.suppress(StopRequested):
            async with Stoppable() as parts:
                installation = Installation(settings, all_services(settings), parts, signals)
                await installation.start(sock)
                await signals.stop.wait()
    return installation.supervisor.exit_code


@dataclass
class Installation:
    """All parts of an all-in-one. `started` once every seed is in, `caught_up` once every consumer was up to date."""

    settings: Settings
    services: Sequence[Service]
    parts: Stoppable
    signals: Signals
    started: bool = False
    caught_up: bool = False

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.signals)
        self.background = Background(self.settings, self.services)
        self.workers = Workers(self.settings, self.services)

    async def start(self, sock: socket.socket) -> None:
        """Start all parts; requests are taken at once, except by a new or upgraded installation, which fills first."""
        schemas = [service.schema for service in self.services]
        servers = [*databases_of(self.settings, self.services), *brokers_of(self.settings, self.services)]
        await self.signals.unless_stopped(await_servers(servers, self.settings.start_seconds))
        migrated = await migrate(self.settings, schemas)
        await self.parts.enter("databases", databases(self.settings, schemas))
        for service in self.services:
            await self.parts.enter(f"service {service.name}", service.lifespan(self.settings))
        await self.background.start_relays(self.parts, self.supervisor)
        await self.workers.start_sending(self.parts)
        await self.workers.start_working(self.parts)
        self.supervisor.start("jobs", self.workers.run())
        for service in self.services:
            await self.parts.enter(f"attendance {service.name}", service.attend(self.settings))
        await self.signals.unless_stopped(self.background.start_consumers(self.parts, self.supervisor))
        await self._start_control()
        if migrated:
            await self.signals.unless_stopped(self._fill())
        await self._start_http(sock)
        if not migrated:
            await self.signals.unless_stopped(self._fill())
        self.workers.send_all_due()
        self.started = True
        settle_soon()
        print_welcome(self.settings, [note for service in self.services for note in service.demo_notes])

    async def _fill(self) -> None:
        """Seed the services in order, each after it has dealt with what those before it said."""
        names = [service.name for service in self.services]
        for service in self.services:
            if service.seed is not None:
                await self.background.catch_up([service.name])
                await service.seed(self.settings)
        self.caught_up = await self.background.catch_up(names)

    async def _start_control(self) -> None:
        operator = Operator(self.settings, self.services, self.background)
        control = ControlSocket(self.settings.data_dir, operator)
        await control.start()
        self.parts.on_stop("control", control.stop)

    async def _start_http(self, sock: socket.socket) -> None:
        apps = {service.name: service.app(self.settings) for service in self.services}
        client = ServiceClient(InProcess(apps), self.settings.secret)
        checks = {
            "started": self._is_started,
            "caught_up": self._has_caught_up,
            "background": self._is_running,
            "jobs": self._is_working,
        }
        server = HttpServer(make_gateway(self.settings, client, checks), sock)
        await server.start()
        self.parts.on_stop("http", server.stop)

    async def _is_started(self) -> bool:
        return self.started

    async def _has_caught_up(self) -> bool:
        """Once true it stays true: later backlogs are the business of `status`, not of who sends requests here."""
        if self.started and not self.caught_up:
            self.caught_up = await self.background.catch_up(list(self.background.consumers), PROBE_SECONDS)
        return self.caught_up

    async def _is_running(self) -> bool:
        return self.supervisor.running()

    async def _is_working(self) -> bool:
        return self.workers.well()
