"""The operator's commands on open databases, inside the running all-in-one or in a process of their own."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.errors import LotseError
from infra.inbox.checkpoints import forget
from infra.mail import Result
from infra.mail.trial import send_trial
from infra.outbox.log import Log
from infra.runtime.background import Background
from infra.runtime.doctor import examine
from infra.runtime.imports import import_bundle
from infra.runtime.letters import retry_letters, show_letters
from infra.runtime.service import Service
from infra.runtime.status import producers_of, read_status
from infra.runtime.watching import PATIENCE_SECONDS, behind, heads_of, watch
from infra.settings import Settings

Say = Callable[[str], None]
REINDEX_SECONDS = 300.0


class Operator:
    """Runs commands by name.

    `background` is given where relays and consumers run in this process; else other processes are waited for, as long
    as something moves within `patience` seconds.
    """

    def __init__(
        self,
        settings: Settings,
        services: Sequence[Service],
        background: Background | None = None,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._settings = settings
        self._patience = patience
        self._services = {service.name: service for service in services}
        self._background = background
        self._commands: dict[str, Callable[[Mapping[str, Any], Say], Awaitable[int]]] = {
            "status": self._status,
            "dead-letters": self._dead_letters,
            "replay": self._replay,
            "reindex": self._reindex,
            "snapshot": self._snapshot,
            "migrate": self._migrate,
            "seed": self._seed,
            "import": self._import,
            "doctor": self._doctor,
            "import-list": self._import_list,
            "add-account": self._add_account,
            "test-mail": self._test_mail,
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

    async def _import_list(self, options: Mapping[str, Any], say: Say) -> int:
        name = "import-list"
        takers = [service.commands[name] for service in self._services.values() if name in service.commands]
        if not takers:
            say("No service here keeps subscribers.")
            return 1
        well, lines = await takers[0](
            Path(options["file"]), dry_run=bool(options["dry_run"]), skip_wrong=bool(options["skip_wrong"])
        )
        for line in lines:
            say(line)
        return 0 if well else 1

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
        return await self._catch_up(name, wanted, say)

    async def _snapshot(self, options: Mapping[str, Any], say: Say) -> int:
        service = self._services.get(options["service"])
        if service is None or service.snapshot is None:
            able = ", ".join(name for name, each in self._services.items() if each.snapshot is not None)
            say(f"{options['service']} can tell nothing anew. Known are: {able}.")
            return 1
        say(f"{service.name}: {await service.snapshot()} events tell the present state anew.")
        return 0

    async def _reindex(self, _options: Mapping[str, Any], say: Say) -> int:
        able = [service for service in self._services.values() if "reindex" in service.commands]
        if not able:
            say("No service here has an index.")
        for service in able:
            await service.commands["reindex"]()
            say(f"{service.name}: the index is made anew from the events.")
            if code := await self._catch_up(service.name, producers_of(service), say):
                return code
            if not await self._has_reindexed(service, say):
                return 1
        return 0 if able else 1

    async def _has_reindexed(self, service: Service, say: Say) -> bool:
        async def left() -> int:
            return int(await service.commands["reindexing"]())

        if "reindexing" not in service.commands or not self._somebody_works:
            return True
        return await watch(left, f"{service.name}: index", say, REINDEX_SECONDS)

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

    async def _test_mail(self, options: Mapping[str, Any], say: Say) -> int:
        well = True
        try:
            async for way, outcome in send_trial(self._settings, options["address"]):
                accepted = outcome.result is Result.ACCEPTED
                say(f"{'ok      ' if accepted else 'PROBLEM '} {way}: {outcome.code or 'no answer'} {outcome.reply}")
                well = well and accepted
        except ValueError as error:  # an address that is none, a key that cannot sign
            say(f"PROBLEM  {error}")
            return 1
        return 0 if well else 1

    async def _seed(self, _options: Mapping[str, Any], say: Say) -> int:
        for service in self._services.values():
            if service.seed is None:
                continue
            if not await self._has_caught_up(service, say):
                return 1
            await service.seed(self._settings)
            say(f"{service.name}: filled.")
        for service in self._services.values():
            if not await self._has_caught_up(service, say) or not await self._has_reindexed(service, say):
                return 1
        return 0

    async def _has_caught_up(self, service: Service, say: Say) -> bool:
        """Whether a service has dealt with everything that was recorded before it is seeded."""
        if self._background is not None:
            return await self._background.catch_up([service.name])
        for name in self._services:
            if not await watch(Log(name).backlog, f"{name}: events to publish", say, self._patience):
                say(f"Does it run? python -m infra.runtime background {name}")
                return False
        return await self._is_heard(service.name, producers_of(service), say)

    async def _catch_up(self, name: str, producers: Sequence[str], say: Say) -> int:
        """Wait until `name` has heard all that `producers` have said by now; returns the exit code."""
        if not self._somebody_works:
            say("This happens when the service runs (again); watch it with: python -m infra.runtime status")
            return 0
        started = time.monotonic()
        if self._background is None:
            if not await self._is_heard(name, producers, say):
                return 1
        elif not await self._background.catch_up([name]):
            say("It goes on; watch it with: python -m infra.runtime status")
            return 0
        say(f"Done: {name} caught up after {time.monotonic() - started:.1f} s.")
        return 0

    async def _is_heard(self, name: str, producers: Sequence[str], say: Say) -> bool:
        heads = await heads_of([each for each in producers if each in self._services])  # not all need be set up here
        if await watch(lambda: behind(name, heads), f"{name}: events to hear", say, self._patience):
            return True
        processes = ", ".join(f"background {each}" for each in dict.fromkeys((name, *producers)))
        say(f"It goes on when they run: {processes}. Watch it with: python -m infra.runtime status")
        return False

    @property
    def _somebody_works(self) -> bool:
        """Whether relays and consumers run now, here or in processes of their own."""
        return self._background is not None or self._settings.apart
