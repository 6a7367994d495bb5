"""Calendars (iCalendar, RFC 5545) of days, one VEVENT for each date.

The directory knows its dates to the day, so that every event is all-day and needs no time zone. Where a search finds
no date the file describes Europe/Berlin: a calendar without any component would not be valid.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import icalendar

MEDIA_TYPE = "text/calendar"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ASK_AGAIN = timedelta(hours=6)
_ZONE = "Europe/Berlin"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One date from the day `first` to the day `last`. `uid` never changes; `updated` has a time zone."""

    uid: str
    title: str
    first: date
    last: date
    updated: datetime
    address: str
    text: str = ""
    place: str = ""
    category: str = ""


def write(name: str, language: str, events: Sequence[Event]) -> bytes:
    """The calendar `name` in `language` ("de", "en")."""
    calendar = icalendar.Calendar.new(
        prodid=f"-//Lotse//Suche//{language.upper()}",
        name=_plain(name),
        uid=uuid5(NAMESPACE_URL, f"{language} {name}"),  # else a new one each time, and nobody's copy would be current
        subcomponents=[_component(event) for event in events] or [icalendar.Timezone.from_tzid(_ZONE)],
    )
    calendar.add("refresh-interval", _ASK_AGAIN, parameters={"VALUE": "DURATION"})
    content: bytes = calendar.to_ical()
    return content


def _component(event: Event) -> icalendar.Event:
    last = event.last if event.last == date.max else event.last + timedelta(days=1)  # the first day after it
    return icalendar.Event.new(
        uid=_plain(event.uid),
        summary=_plain(event.title),
        description=_plain(event.text) or None,
        location=_plain(event.place) or None,
        categories=[_plain(event.category)] if event.category else (),
        start=event.first,
        end=last,
        stamp=event.updated,
        url=event.address,
        transparency=icalendar.TRANSP.TRANSPARENT,
    )


def _plain(text: str) -> str:
    """`text` without what may not stand in a calendar."""
    return _CONTROL.sub("", "\n".join(text.splitlines()))
