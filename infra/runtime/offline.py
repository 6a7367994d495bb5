"""Where an operator's command runs: in the all-in-one that holds the data folder, else here on databases of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

from infra.db.connect import databases
from infra.db.migrate import migrate
from infra.runtime.control import ask
from infra.runtime.datalock import data_lock
from infra.runtime.naming import all_services
from infra.runtime.operator import Operator
from infra.runtime.requirements import require_for_commands
from infra.runtime.servers import await_servers, databases_of
from infra.runtime.service import Service
from infra.runtime.shutdown import Stoppable
from infra.settings import Settings

CALLS_SERVICES = ("add-account", "dead-letters", "import", "import-list", "seed")  # commands that run services' code
NO_DATABASE = ("doctor", "test-mail")  # commands that work where none is there yet


async def operate(settings: Settings, command: str, options: dict[str, Any], say: Callable[[str], None]) -> int:
    """Run an operator's command where it belongs; returns its exit code.

    Raises:
        CannotStart: another process holds the data folder and does not listen (it is just starting or stopping), or a
            database refuses or does not answer.
        SettingsError: the databases of the services cannot be told apart.
    """
    code = ask(settings.data_dir, command, options, say)
    if code is not None:
        return code
    require_for_commands(settings)
    services = all_services(settings)
    operator = Operator(settings, services)
    if command in NO_DATABASE:
        return await operator.run(command, options, say)
    with nullcontext() if settings.database_url else data_lock(settings.data_dir):
        await await_servers(databases_of(settings, services), settings.start_seconds)
        schemas = [service.schema for service in services]
        if command == "migrate":
            applied = await migrate(settings, schemas)
            say("\n".join(f"applied {name}" for name in applied) or "nothing to do")
            return 0
        async with Stoppable() as parts:
            await parts.enter("databases", databases(settings, schemas))
            if command in CALLS_SERVICES:
                await _host(settings, services, parts)
            return await operator.run(command, options, say)


async def _host(settings: Settings, services: Sequence[Service], parts: Stoppable) -> None:
    """What code of the services expects around it: its lifespan, and a way for its jobs to the workers."""
    for service in services:
        if not service.together(settings):  # else its one process has all of it, such as the lock of its index
            await parts.enter(f"service {service.name}", service.lifespan(settings))
        if service.jobs.jobs and settings.apart:
            from infra.runtime.workers import Workers  # Celery takes its time, and most commands do without

            await Workers(settings, [service]).start_sending(parts)
