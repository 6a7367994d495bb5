"""Rules for saved searches: how many there may be, when one is due, what makes two of them equal."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from infra.errors import Conflict, FieldError, Invalid, Text

NONE, DAILY, WEEKLY = "none", "daily", "weekly"
MOST_OF_ACCOUNT = 50
MOST_UNCLAIMED = 20_000
UNCLAIMED_KEPT = timedelta(days=8)
"""A day more than a link that confirms an address is good for: nobody confirms what is forgotten by then."""

MOST_HITS = 20
NEWEST = 1_000
"""Of so many new things the owner is told how many a search finds; also the most ids that one search is narrowed to."""

_HOUR = time(6)
_ZONE = ZoneInfo("Europe/Berlin")
_DAYS = {DAILY: 1, WEEKLY: 7}


def account(identifier: str) -> str:
    """The holder of an account, as a recipient."""
    return f"account:{identifier}"


def subscription(identifier: str) -> str:
    """Somebody who confirmed an address, as a recipient."""
    return f"subscription:{identifier}"


def next_run(frequency: str, after: datetime) -> datetime | None:
    """When a search of this frequency is due next: at six in the morning in Berlin, weekly ones on Mondays.

    The hour is that of the clocks on the wall, so an interval lasts an hour more or less when they are changed.
    None: never.
    """
    if frequency == NONE:
        return None
    day = after.astimezone(_ZONE).date()
    if frequency == WEEKLY:
        day += timedelta(days=-day.weekday() % 7)
    due = _morning(day)
    return due if due > after else _morning(day + timedelta(days=_DAYS[frequency]))


def _morning(day: date) -> datetime:
    return datetime.combine(day, _HOUR, _ZONE).astimezone(UTC)


def named(name: str, q: str, language: str) -> str:
    """The name of a search: what its owner calls it, else its words, else that it is one."""
    return " ".join(name.split()) or q or Text("Gespeicherte Suche", "Saved search").get(language)


def check_room(held: int) -> None:
    """Whether one more fits to those held by an account. Raises Conflict when it has as many as it may have."""
    if held >= MOST_OF_ACCOUNT:
        raise Conflict(
            Text(
                f"Sie haben schon {MOST_OF_ACCOUNT} Suchen gespeichert, mehr geht nicht. Bitte löschen Sie eine davon.",
                f"You have saved {MOST_OF_ACCOUNT} searches already, which is the most. Please delete one of them.",
            )
        )


def surplus(waiting: int) -> int:
    """How many of those that nobody has claimed yet must go, the oldest first, so that one more fits.

    Whoever confirms does so within minutes, mostly. To refuse new ones instead would let one program that saves
    without end keep everybody else out for a week.
    """
    return max(0, waiting + 1 - MOST_UNCLAIMED)


def check_frequency(frequency: str, recipient: str) -> None:
    """A search without an owner is kept to tell of it by mail. Raises Invalid when it never would."""
    if not recipient and frequency == NONE:
        text = Text(
            "Ohne Anmeldung merkt sich Lotse eine Suche nur, um täglich oder wöchentlich davon zu schreiben.",
            "Without an account Lotse keeps a search only to write about it daily or weekly.",
        )
        raise Invalid(fields=[FieldError("frequency", text)])


def canonical(criteria: msgspec.Struct) -> str:
    """Criteria in one form: equal ones are looked for once, whoever saved them."""
    return msgspec.json.encode(criteria, order="deterministic").decode()
