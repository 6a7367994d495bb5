"""How the services are: their logs, what they have dealt with of others', dead letters, migrations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from infra.contracts import catalogue
from infra.db.migrate import difference
from infra.inbox import dead_letters
from infra.inbox.tables import tables
from infra.outbox.log import Log
from infra.outbox.record import outbox_of
from infra.runtime.service import Service
from infra.settings import Settings

PATIENCE = timedelta(seconds=60)  # what takes longer to leave or to arrive is worth an operator's look


@dataclass(frozen=True)
class Reading:
    """How far a service has dealt with one producer's log. `late`: behind for longer than a minute."""

    producer: str
    position: int
    head: int
    late: bool

    @property
    def behind(self) -> int:
        """Positions still to deal with."""
        return max(0, self.head - self.position)


@dataclass(frozen=True)
class ServiceStatus:
    """State of one service. `backlog` counts events not yet published, `stuck` when the oldest waits over a minute.

    `ahead` names migrations that this program does not know: normal while an upgrade is under way, but not for long.
    """

    name: str
    pending: list[str] = field(default_factory=list)
    ahead: list[str] = field(default_factory=list)
    head: int = 0
    backlog: int = 0
    stuck: bool = False
    dead_letters: int = 0
    readings: list[Reading] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether nothing here needs an operator."""
        late = any(reading.late for reading in self.readings)
        return not (self.pending or self.stuck or self.dead_letters or late)

    def lines(self) -> list[str]:
        """The state as text."""
        if self.pending:
            return [f"{self.name}: migrations missing: {', '.join(self.pending)}. Run: python -m infra.runtime migrate"]
        lines = [
            f"{self.name}: {'well' if self.well else 'UNWELL'}",
            f"  log: {self.head} published, {self.backlog} waiting",
        ]
        if self.ahead:
            lines.append(f"  the database is ahead of this program ({', '.join(self.ahead)}): finish the upgrade")
        if self.stuck:
            lines.append("  the oldest waits for more than a minute: is the relay running, does the broker answer?")
        for reading in self.readings:
            state = "caught up" if not reading.behind else f"{reading.behind} behind"
            lines.append(f"  hears {reading.producer}: {reading.position} of {reading.head}, {state}")
        if self.dead_letters:
            lines.append(f"  dead letters: {self.dead_letters}. See: python -m infra.runtime dead-letters list")
        return lines


def producers_of(service: Service) -> list[str]:
    """Names of the services that this service listens to."""
    known = catalogue.events()
    return sorted({known[kind].producer for kind in service.handlers.types})


async def read_status(settings: Settings, services: Sequence[Service]) -> list[ServiceStatus]:
    """The state of all services; their databases must be open."""
    found = {service.name: await difference(settings, service.schema) for service in services}
    migrated = [service for service in services if not found[service.name].missing]
    logs = {service.name: await _log(service.name) for service in migrated}
    states = []
    for service in services:
        if found[service.name].missing:
            states.append(ServiceStatus(service.name, pending=found[service.name].missing))
            continue
        log = logs[service.name]
        states.append(
            ServiceStatus(
                service.name,
                ahead=found[service.name].unknown,
                head=log.head,
                backlog=log.backlog,
                stuck=log.stuck,
                dead_letters=await dead_letters.show(service.name),
                readings=await _readings(service, logs),
            )
        )
    return states


@dataclass(frozen=True)
class _Log:
    head: int
    backlog: int
    stuck: bool
    published_at: datetime | None


async def _log(service: str) -> _Log:
    log, rows = Log(service), outbox_of(service)
    since = await log.waiting_since()
    newest = await rows.exclude(published_at=None).order_by("-position").first()
    stuck = since is not None and since < datetime.now(UTC) - PATIENCE
    return _Log(await log.head(), await log.backlog(), stuck, newest.published_at if newest else None)


async def _readings(service: Service, logs: dict[str, _Log]) -> list[Reading]:
    positions = {row.producer: row.position for row in await tables(service.name).checkpoints.all()}
    readings = []
    for producer in producers_of(service):
        log = logs.get(producer)
        if log is None:
            continue
        position = positions.get(producer, 0)
        long_ago = log.published_at is not None and log.published_at < datetime.now(UTC) - PATIENCE
        readings.append(Reading(producer, position, log.head, late=position < log.head and long_ago))
    return readings
