"""The operator's commands on open databases, inside the running all-in-one or in a process of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.errors import LotseError
from infra.inbox.checkpoints import forget
from infra.runtime.background import Background
from infra.runtime.doctor import examine
from infra.runtime.imports import import_bundle
from infra.runtime.letters import retry_letters, show_letters
from infra.runtime.service import Service
from infra.runtime.status import producers_of, read_status
from infra.settings import Settings

Say = Callable[[str], None]
CATCH_UP_SECONDS = 120.0
POLL_SECONDS = 0.5


class Operator:
    """Runs commands by name. `background` is given where relays and consumers run in this process."""

    def __init__(self, settings: Settings, services: Sequence[Service], background: Background | None = None) -> None:
        self._settings = settings
        self._services = {service.name: service for service in services}
        self._background = background
        self._commands: dict[str, Callable[[Mapping[str, Any], Say], Awaitable[int]]] = {
            "status": self._status,
            "dead-letters": self._dead_letters,
            "replay": self._replay,
            "reindex": self._reindex,
            "migrate": self._migrate,
            "seed": self._seed,
            "import": self._import,
            "doctor": self._doctor,
            "add-account": self._add_account,
        }

    async def run(self, command: str, options: Mapping[str, Any], say: Say) -> int:
        """Run one command; returns its exit code. KeyError: there is no such command."""
        return await self._commands[command](options, say)

    async def _status(self, _options: Mapping[str, Any], say: Say) -> int:
        states = await read_status(self._settings, list(self._services.values()))
        for state in states:
            for line in state.lines():
                say(line)
        return 0 if all(state.well for state in states) else 1

    async def _migrate(self, _options: Mapping[str, Any], say: Say) -> int:
        say("Lotse is running on this data folder and migrated it when it started; nothing to do.")
        return 0

    async def _import(self, options: Mapping[str, Any], say: Say) -> int:
        directory, dry_run = Path(options["directory"]), bool(options["dry_run"])
        return await import_bundle(list(self._services.values()), directory, dry_run, say)

    async def _doctor(self, _options: Mapping[str, Any], say: Say) -> int:
        findings = await examine(self._settings, list(self._services.values()), self._background is not None)
        for finding in findings:
            say(finding.line())
        return 0 if all(finding.well for finding in findings) else 1

    async def _dead_letters(self, options: Mapping[str, Any], say: Say) -> int:
        services = list(self._services.values())
        if options["verb"] == "list":
            return await show_letters(services, say)
        return await retry_letters(services, options["id"], say)

    async def _replay(self, options: Mapping[str, Any], say: Say) -> int:
        name, after = options["service"], int(options["position"])
        service = self._services.get(name)
        if service is None:
            say(f"There is no service {name}. Known are: {', '.join(self._services)}.")
            return 1
        heard = producers_of(service)
        wanted = [options["producer"]] if options.get("producer") else heard
        if unknown := [producer for producer in wanted if producer not in heard]:
            say(f"{name} does not listen to {', '.join(unknown)}, but to: {', '.join(heard)}.")
            return 1
        for producer in wanted:
            if self._background is None:
                await forget(name, producer, after)
            else:
                await self._background.consumers[name].replay(producer, after)
            say(f"{name} asks {producer} again for everything after position {after}.")
        await self._catch_up([name], say)
        return 0

    async def _reindex(self, _options: Mapping[str, Any], say: Say) -> int:
        able = [service for service in self._services.values() if "reindex" in service.commands]
        if not able:
            say("No service here has an index.")
            return 1
        for service in able:
            await service.commands["reindex"]()
            say(f"{service.name}: the index is made anew from the events.")
        await self._catch_up([service.name for service in able], say)
        return 0

    async def _add_account(self, options: Mapping[str, Any], say: Say) -> int:
        name = "add-account"
        adders = [service.commands[name] for service in self._services.values() if name in service.commands]
        if not adders:
            say("No service here keeps accounts.")
            return 1
        try:
            password = await adders[0](options["email"], options["name"], options["roles"], options["networks"])
        except LotseError as error:
            say(error.text.en)
            for field in error.fields:
                say(f"  {field.field}: {field.text.en}")
            return 1
        say(f"{options['email']} can sign in. The password is shown only this once: {password}")
        return 0

    async def _seed(self, _options: Mapping[str, Any], say: Say) -> int:
        for service in self._services.values():
            if service.seed is None:
                continue
            if not await self._has_caught_up(service, say):
                return 1
            await service.seed(self._settings)
            say(f"{service.name}: filled.")
        return 0

    async def _has_caught_up(self, service: Service, say: Say) -> bool:
        if self._background is not None:
            return await self._background.catch_up([service.name])
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while time.monotonic() < deadline:
            states = await read_status(self._settings, list(self._services.values()))
            readings = next(state.readings for state in states if state.name == service.name)
            if not any(state.backlog for state in states) and not any(reading.behind for reading in readings):
                return True
            await asyncio.sleep(POLL_SECONDS)
        say(f"{service.name} has not caught up within {CATCH_UP_SECONDS:.0f} s. Do all background processes run?")
        return False

    async def _catch_up(self, names: list[str], say: Say) -> None:
        if self._background is None:
            say("This happens when the service runs (again); watch it with: python -m infra.runtime status")
            return
        started = time.monotonic()
        if await self._background.catch_up(names):
            say(f"Done: {', '.join(names)} caught up after {time.monotonic() - started:.1f} s.")
        else:
            say("It goes on; watch it with: python -m infra.runtime status")
