"""A search as a feed (Atom) and its dates as a calendar (iCalendar), with the parameters of the results page.

Feed readers keep what they get and ask again and again: so everybody gets what everybody may see, the newest first,
and an answer that did not change is not sent twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any
from uuid import uuid5

import msgspec
from starlette.responses import Response

from gateway import atom, icalendar
from gateway.pages.search_hits import shown_hit
from gateway.pages.search_request import Asked, read_asked
from gateway.pages.search_words import in_words, what
from gateway.routing import Page
from gateway.visit import Visit
from infra.ids import CONTENT_NAMESPACE

ATOM = "/suche.atom"
CALENDAR = "/suche.ics"
MOST = 50
KEEP_SECONDS = 900
EVENT = "event"
_EXACT = len("2031-05-17")
_UNKNOWN = datetime(2000, 1, 1, tzinfo=UTC)  # Atom and iCalendar want a moment of change, and none may stay away


async def atom_feed(visit: Visit) -> Response:
    """The newest things that a search finds."""
    asked, hits = await _found(visit)
    entries = [_entry(visit, hit) for hit in hits]
    words = in_words(visit, asked)
    feed = atom.Feed(
        id=uuid5(CONTENT_NAMESPACE, f"feed/{visit.language}/{_canonical(asked)}"),
        title=visit._("Lotse: %(search)s", search=words),
        subtitle=visit._("Was die Suche nach %(search)s zuletzt gefunden hat.", search=words),
        language=visit.language,
        address=visit.absolute(visit.url(ATOM, **what(asked))),
        page=visit.absolute(asked.address(visit)),
        author="Lotse",
        updated=max((entry.updated for entry in entries), default=_UNKNOWN),
        entries=entries,
    )
    return answer(visit, atom.write(feed), atom.MEDIA_TYPE, feed.updated)


async def calendar(visit: Visit) -> Response:
    """The dates that a search finds, each on its days; those of which only the month is known are left out."""
    asked, hits = await _found(visit, kind=[EVENT])
    events = [event for hit in hits if (event := _event(visit, hit)) is not None]
    name = visit._("Lotse: %(search)s", search=in_words(visit, asked))
    content = icalendar.write(name, visit.language, events)
    updated = max((event.updated for event in events), default=_UNKNOWN)
    response = answer(visit, content, icalendar.MEDIA_TYPE, updated)
    response.headers["content-disposition"] = 'inline; filename="lotse.ics"'
    return response


async def _found(visit: Visit, **narrower: Any) -> tuple[Asked, list[dict[str, Any]]]:
    """What is asked, and what everybody finds. Raises Refused for what cannot be searched for, as the page says it."""
    asked = read_asked(visit)
    query = {**what(asked), **narrower, "sort": "newest", "strict": "true", "facets": "false", "limit": MOST}
    found = await replace(visit, person=None).get("search", "/search", **query)
    return asked, [shown_hit(visit, hit) for hit in found["hits"]]


def _canonical(asked: Asked) -> str:
    """The search in one form, whatever the order of its parameters."""
    said = {name: sorted(value) if isinstance(value, list) else value for name, value in what(asked).items()}
    return msgspec.json.encode(said, order="sorted").decode()


def _entry(visit: Visit, hit: Mapping[str, Any]) -> atom.Entry:
    return atom.Entry(
        id=uuid5(CONTENT_NAMESPACE, f"found/{hit['id']}"),
        title=hit["title"],
        address=visit.absolute(hit["address"]),
        updated=_updated(hit),
        summary=hit["summary"],
        author=hit["provider_name"],
        categories=[hit["label"], *([hit["place"]] if hit["place"] else [])],
    )


def _event(visit: Visit, hit: Mapping[str, Any]) -> icalendar.Event | None:
    """The date as days; None where no day is known."""
    first, last = _day(hit["date"]), _day(hit["date_end"])
    if first is None:
        return None
    return icalendar.Event(
        uid=str(uuid5(CONTENT_NAMESPACE, f"found/{hit['id']}")),
        title=hit["title"],
        first=first,
        last=max(first, last or first),
        updated=_updated(hit),
        address=visit.absolute(hit["address"]),
        text="\n".join(filter(None, (hit["summary"], hit["provider_name"]))),
        place=hit["place"],
        category=hit["label"],
    )


def _day(text: str) -> date | None:
    """The day that `text` names exactly; None for a month, a year, and nothing."""
    return _first_day(text) if len(text) == _EXACT else None


def _first_day(text: str) -> date | None:
    """The first day of what `text` names ("2031", "2031-05", "2031-05-17"); None when it is no date."""
    try:
        return date.fromisoformat(f"{text}-01-01"[:_EXACT])
    except ValueError:
        return None


def _updated(hit: Mapping[str, Any]) -> datetime:
    """When the entry last changed, as far as it says so: the day it bears. That of an event is when it takes place."""
    day = _first_day(hit["date"]) if hit["kind"] != EVENT else None
    return datetime.combine(day, time(), UTC) if day else _UNKNOWN


def answer(visit: Visit, content: bytes, media_type: str, updated: datetime) -> Response:
    """The file, or that it is still the one which the reader has.

    Only the ETag decides that: when an entry goes away, the time of the newest one may not change.
    """
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "etag": f"W/{tag}",  # weak: the same feed may come compressed
        "last-modified": format_datetime(updated.astimezone(UTC), usegmt=True),
        "cache-control": f"public, max-age={KEEP_SECONDS}",
        "content-language": visit.language,
        "vary": "accept-encoding",
    }
    known = visit.request.headers.get("if-none-match", "")
    if tag in known or known.strip() == "*":
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


PAGES = (Page(ATOM, atom_feed), Page(CALENDAR, calendar))
