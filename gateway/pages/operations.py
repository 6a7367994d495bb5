"""The operator's page: the life of one event across the services, and how the services are. For administrators only.

The gateway asks every service at once and says which did not answer. What is shown are ids, types and times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.i18n import show_number
from gateway.pages.event_story import MOST_SHOWN, by_time, roots
from gateway.pages.service_states import states
from gateway.routing import Page
from gateway.visit import Part, Visit
from infra.errors import NotFound
from infra.runtime.naming import service_names

ADDRESS = "/verwaltung/ereignisse"
LONGEST_ID = 200
RECENT = 20


async def events(visit: Visit) -> Response:
    """How the services are and what they said last; with `q`, what an id leads to."""
    if visit.person is None or not visit.person.identity.is_admin:
        raise NotFound
    wanted = visit.query("q").lower()[:LONGEST_ID]
    return await _found(visit, wanted) if wanted else await _overview(visit)


async def _overview(visit: Visit) -> Response:
    parts = await _ask_all(visit, "/trail/overview")
    told = {name: part.value for name, part in parts.items() if part.ok}
    recent = by_time({name: value["recent"] for name, value in told.items()})
    return visit.page(
        "operations/overview.html",
        states=states(parts),
        letters=[(name, letter) for name, value in told.items() for letter in value["letters"]],
        recent=recent[: -RECENT - 1 : -1],
    )


async def _found(visit: Visit, wanted: str) -> Response:
    """The story that an id leads to; of a thing with several stories, their list."""
    parts = await _ask_all(visit, "/trail/events", id=wanted)
    stories = sorted({event["correlation_id"] for _, event in _events(parts)} - {""})
    if len(stories) == 1 and stories[0] != wanted:  # only the service that knows the id has answered for it
        parts = await _ask_all(visit, "/trail/events", id=stories[0])
    found = _events(parts)
    shown = found[:MOST_SHOWN]
    away = {name for name, part in parts.items() if not part.ok}
    if len(stories) > 1:
        return visit.page("operations/stories.html", wanted=wanted, found=found[: -MOST_SHOWN - 1 : -1], away=away)
    receptions = await _ask_all(visit, "/trail/reception", event=[event["id"] for _, event in shown]) if shown else {}
    away |= {name for name, part in receptions.items() if not part.ok}
    return visit.page(
        "operations/story.html",
        status=200 if shown or away else 404,
        wanted=wanted,
        story=stories[0] if stories else "",
        first=shown[0][1]["recorded_at"] if shown else "",
        lives=roots(shown, {name: part.value for name, part in receptions.items() if part.ok}),
        count=len(shown),
        more=len(found) > MOST_SHOWN or any(part.ok and part.value["more"] for part in parts.values()),
        away=sorted(away),
        lasting=lambda seconds: _lasting(visit, seconds),
    )


async def _ask_all(visit: Visit, path: str, **query: Any) -> dict[str, Part]:
    """The answer of every service, all asked at once."""
    names = service_names(visit.settings)
    answers = await asyncio.gather(*(visit.part(name, path, **query) for name in names))
    return dict(zip(names, answers, strict=True))


def _events(parts: Mapping[str, Part]) -> list[tuple[str, Mapping[str, Any]]]:
    return by_time({name: part.items for name, part in parts.items() if part.ok})


def _lasting(visit: Visit, seconds: float) -> str:
    """A time span in words, as exact as it is of use."""
    if seconds < 1:
        return visit._("%(number)s ms", number=round(seconds * 1000))
    if seconds < 120:
        return visit._("%(number)s s", number=show_number(round(seconds, 1), visit.language))
    return visit._("%(number)s min", number=show_number(round(seconds / 60), visit.language))


PAGES = (Page(ADDRESS, events, signed_in=True),)
