"""Writes iCalendar files (RFC 5545) of days: escaped texts, lines of at most 75 octets, one VEVENT for each date.

The directory knows its dates to the day, so that every event is all-day and needs no time zone. The file describes
Europe/Berlin all the same: a calendar without any component would not be valid, and a search may find no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MEDIA_TYPE = "text/calendar"
_LINE_OCTETS = 75
_ESCAPED = re.compile(r"[\\;,]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BERLIN = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Berlin",
    "BEGIN:DAYLIGHT",
    "DTSTART:19810329T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "TZNAME:CEST",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "DTSTART:19961027T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "TZNAME:CET",
    "END:STANDARD",
    "END:VTIMEZONE",
)


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
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Lotse//Suche//{language.upper()}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        _line("NAME", name),
        _line("X-WR-CALNAME", name),
        "X-WR-TIMEZONE:Europe/Berlin",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        *_BERLIN,
        *(line for event in events for line in _event_lines(event)),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _event_lines(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield _line("UID", event.uid)
    yield f"DTSTAMP:{event.updated.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{_day(event.first)}"
    if event.last < date.max:
        yield f"DTEND;VALUE=DATE:{_day(event.last + timedelta(days=1))}"  # the first day that no longer belongs to it
    yield _line("SUMMARY", event.title)
    optional = {"DESCRIPTION": event.text, "LOCATION": event.place, "CATEGORIES": event.category}
    yield from (_line(name, value) for name, value in optional.items() if value)
    yield f"URL:{event.address}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _day(value: date) -> str:
    return value.isoformat().replace("-", "")


def _line(name: str, text: str) -> str:
    """A property with `text` as it may stand in one: escaped, line ends as `\\n`."""
    plain = _CONTROL.sub("", "\n".join(text.splitlines()))
    escaped = _ESCAPED.sub(r"\\\g<0>", plain)
    return f"{name}:" + escaped.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """`line` in pieces of at most 75 octets, each but the first begun by a space, none ending within a character."""
    pieces: list[bytes] = []
    rest = line.encode()
    room = _LINE_OCTETS
    while len(rest) > room:
        cut = room
        while rest[cut] & 0xC0 == 0x80:  # within a character of UTF-8
            cut -= 1
        pieces.append(rest[:cut])
        rest = rest[cut:]
        room = _LINE_OCTETS - 1
    return b"\r\n ".join([*pieces, rest]) + b"\r\n"
