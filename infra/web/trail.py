"""What a service tells its operator: which events it recorded, what became of those it heard, and how it is.

Every service answers this below `/trail`, for administrators only; for everybody else it does not exist. The gateway
asks all of them and draws the life of an event from the answers. Only ids, types and times are told: what events say,
and the messages of errors, stay where they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from tortoise.queryset import QuerySet

from infra import __version__
from infra.contracts import catalogue
from infra.errors import NotFound
from infra.ids import as_id
from infra.inbox.handlers import Handlers
from infra.inbox.models import DeadLetterEntry, InboxEntry
from infra.inbox.tables import tables
from infra.outbox.log import Log
from infra.outbox.models import OutboxEntry
from infra.outbox.record import outbox_of
from infra.web.api import Api, Call

MOST_EVENTS = 100
RECENT = 15
LONGEST_ID = 200
_LONGEST_KEY = 64
# "/…/services/search/handlers.py", line 40, in remember
_FRAME = re.compile(r'^  File ".*?(?P<path>[^/"]+/[^/"]+/[^/"]+)", line (?P<line>\d+), in (?P<function>\S+)$', re.M)
_ERROR = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(?::|$)", re.M)


class Recorded(msgspec.Struct, frozen=True):
    """One event in the log of the service that said it. `position` and `published_at` are null until it has left."""

    id: str
    type: str
    subject: str
    version: int
    correlation_id: str
    causation_id: str
    recorded_at: datetime
    position: int | None
    published_at: datetime | None


class Handled(msgspec.Struct, frozen=True):
    """One event that one handler has finished with."""

    event: str
    handler: str
    handled_at: datetime


class Letter(msgspec.Struct, frozen=True):
    """One event that one handler could not finish. `reason` names the error and the place, not its message."""

    id: str
    event: str
    type: str
    producer: str
    handler: str
    reason: str
    attempts: int
    since: datetime
    resolved_at: datetime | None


class Reading(msgspec.Struct, frozen=True):
    """Up to which position of a producer's log everything is dealt with."""

    producer: str
    position: int
    moved_at: datetime


class Events(msgspec.Struct, frozen=True):
    """Events, oldest first; `more` when not all are here."""

    items: list[Recorded]
    more: bool


class Reception(msgspec.Struct, frozen=True):
    """What became of the events that were asked for. `hears` names the handlers of each event type."""

    handled: list[Handled]
    letters: list[Letter]
    hears: dict[str, list[str]]


class Overview(msgspec.Struct, frozen=True):
    """The state of the service's log and of its reading of the others', what waits for an operator, what is new."""

    version: str
    position: int
    published_at: datetime | None
    waiting: int
    waiting_since: datetime | None
    readings: list[Reading]
    letters: list[Letter]
    letters_waiting: int
    recent: list[Recorded]


class EventsQuery(msgspec.Struct, frozen=True):
    """`id` is that of a story (correlation), of an event, or of the thing that events speak of."""

    id: str


class ReceptionQuery(msgspec.Struct, frozen=True):
    """`event` may be repeated."""

    event: list[str] = []


def trail_api(service: str, handlers: Handlers) -> Api:
    """The routes of one service."""
    api = Api(f"{service} trail")

    @api.get("/trail/overview", summary="How the service is", returns=Overview)
    async def overview(call: Call) -> Overview:
        _administrators_only(call)
        return await _overview(service)

    @api.get("/trail/events", summary="Recorded events of a story, an event or a thing", query=EventsQuery)
    async def events(call: Call) -> Events:
        _administrators_only(call)
        rows = await _found(service, call.query.id)
        return Events([_recorded(row) for row in rows[:MOST_EVENTS]], len(rows) > MOST_EVENTS)

    @api.get("/trail/reception", summary="What became of events here", query=ReceptionQuery)
    async def reception(call: Call) -> Reception:
        _administrators_only(call)
        return await _reception(service, handlers, call.query.event)

    return api


def _administrators_only(call: Call) -> None:
    if not call.identity.is_admin:
        raise NotFound


async def _found(service: str, wanted: str) -> list[OutboxEntry]:
    """The rows that `wanted` leads to, oldest first, one more than are told; of a thing the newest ones."""
    if len(wanted) > LONGEST_ID:
        return []
    rows = outbox_of(service)
    if len(wanted) <= _LONGEST_KEY and (story := await _first(rows.filter(correlation_id=wanted).order_by("id"))):
        return story
    identifier = as_id(wanted)
    event = await rows.get_or_none(id=identifier) if identifier else None
    if event is not None:
        return await _first(rows.filter(correlation_id=event.correlation_id).order_by("id")) or [event]
    about = await _first(rows.filter(subject__in=_subjects(service, wanted)).order_by("-id"))
    return sorted(about, key=lambda row: row.id)


async def _first(rows: QuerySet[OutboxEntry]) -> list[OutboxEntry]:
    return await rows.limit(MOST_EVENTS + 1)


def _subjects(service: str, wanted: str) -> list[str]:
    """What events of the service may call the thing `wanted` ("offer/7" or only "7")."""
    if "/" in wanted:
        return [wanted]
    kinds = {event.subject_kind for event in catalogue.events().values() if event.producer == service}
    return sorted(name for kind in kinds if len(name := f"{kind}/{wanted}") <= LONGEST_ID)


async def _reception(service: str, handlers: Handlers, events: Sequence[str]) -> Reception:
    asked = [event for event in events if len(event) <= _LONGEST_KEY][:MOST_EVENTS]
    models = tables(service)
    handled: list[InboxEntry] = await models.inbox.filter(event_id__in=asked).order_by("handled_at") if asked else []
    letters = await models.dead_letters.filter(event_id__in=asked).order_by("created_at") if asked else []
    return Reception(
        [Handled(row.event_id, row.handler, row.handled_at) for row in handled],
        [_letter(row) for row in letters],
        {name: [handler.name for handler in handlers.of(name)] for name in sorted(handlers.types)},
    )


async def _overview(service: str) -> Overview:
    log, rows, models = Log(service), outbox_of(service), tables(service)
    waiting = models.dead_letters.filter(resolved_at__isnull=True)
    newest = await rows.filter(published_at__isnull=False).order_by("-position").first()
    checkpoints = await models.checkpoints.all().order_by("producer")
    return Overview(
        version=__version__,
        position=newest.position or 0 if newest else 0,
        published_at=newest.published_at if newest else None,
        waiting=await log.backlog(),
        waiting_since=await log.waiting_since(),
        readings=[Reading(row.producer, row.position, row.updated_at) for row in checkpoints],
        letters=[_letter(row) for row in await waiting.order_by("created_at").limit(RECENT)],
        letters_waiting=await waiting.count(),
        recent=[_recorded(row) for row in await rows.all().order_by("-id").limit(RECENT)],
    )


def _recorded(row: OutboxEntry) -> Recorded:
    return Recorded(
        str(row.id),
        row.type,
        row.subject,
        row.aggregate_version,
        row.correlation_id,
        row.causation_id,
        row.created_at.astimezone(UTC),
        row.position,
        row.published_at,
    )


def _letter(row: DeadLetterEntry) -> Letter:
    return Letter(
        str(row.id),
        row.event_id,
        row.type,
        row.producer,
        row.handler,
        reason_of(row.error),
        row.attempts,
        row.created_at,
        row.resolved_at,
    )


def reason_of(traceback: str) -> str:
    """The error's name and the last place in a traceback, without its message, which may quote what people wrote."""
    frames = list(_FRAME.finditer(traceback))
    named = _ERROR.search(traceback, frames[-1].end() if frames else 0)
    name = named["name"] if named else ""
    if not frames:
        return name
    place = frames[-1]
    return f"{name} ({place['path']}:{place['line']}, {place['function']})".strip()
