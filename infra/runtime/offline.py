"""Where an operator's command runs: in the all-in-one that holds the data folder, else here on databases of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from infra.db.connect import databases
from infra.db.migrate import migrate
from infra.runtime.control import ask
from infra.runtime.datalock import data_lock
from infra.runtime.naming import all_services
from infra.runtime.operator import Operator
from infra.runtime.service import Service
from infra.settings import Settings


async def operate(settings: Settings, command: str, options: dict[str, Any], say: Callable[[str], None]) -> int:
    """Run an operator's command where it belongs; returns its exit code.

    Raises:
        CannotStart: another process holds the data folder and does not listen (it is just starting or stopping).
    """
    code = ask(settings.data_dir, command, options, say)
    if code is not None:
        return code
    services = all_services(settings)
    operator = Operator(settings, services)
    if command == "doctor":
        return await operator.run(command, options, say)
    schemas = [service.schema for service in services]
    async with AsyncExitStack() as stack:
        if not settings.database_url:
            stack.enter_context(data_lock(settings.data_dir))
        if command == "migrate":
            applied = await migrate(settings, schemas)
            say("\n".join(f"applied {name}" for name in applied) or "nothing to do")
            return 0
        await stack.enter_async_context(databases(settings, schemas))
        for service in services:
            if _runs_code_of(service, command):
                await stack.enter_async_context(service.lifespan(settings))
        return await operator.run(command, options, say)


def _runs_code_of(service: Service, command: str) -> bool:
    """Whether a command runs code of the service, which may want its lifespan; an index stays closed otherwise."""
    return (
        (command == "import" and service.importer is not None)
        or (command == "seed" and service.seed is not None)
        or command in service.commands
    )
