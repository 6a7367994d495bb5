"""When an issue may be set to go out, and how often somebody may try it on an address."""

from __future__ import annotations

from datetime import datetime, timedelta

from infra.errors import Conflict, FieldError, Invalid, Text
from services.newsletter.issues.calendar import ZONE
from services.newsletter.issues.domain import APPROVED

LONGEST_AHEAD = timedelta(days=180)
# A mail to oneself goes to whatever address is typed: enough for looking at both languages in some mail programs,
# far too few to trouble anybody.
MOST_TESTS_AN_HOUR = 20


def send_time(text: str, now: datetime) -> datetime | None:
    """The hour in `text` (ISO 8601, without an offset that of Europe/Berlin); None for "". Raises Invalid.

    An hour that the clocks skip in spring is taken as an hour later, one that comes twice as the first.
    """
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _wrong("Bitte geben Sie Tag und Uhrzeit an.", "Please give a day and a time.") from None
    moment = found if found.tzinfo else found.replace(tzinfo=ZONE)
    if moment <= now:
        raise _wrong("Dieser Zeitpunkt ist schon vorbei.", "This time is over already.")
    if moment > now + LONGEST_AHEAD:
        days = LONGEST_AHEAD.days
        raise _wrong(f"Höchstens {days} Tage im Voraus.", f"At most {days} days ahead.")
    return moment


def require_approved(state: str) -> None:
    """Raises Conflict unless an issue is approved and waits to be sent."""
    if state != APPROVED:
        raise Conflict(
            Text(
                "Eine Sendezeit braucht eine freigegebene Ausgabe, die noch nicht versandt ist.",
                "A time to send needs an approved issue that was not sent yet.",
            )
        )


def _wrong(de: str, en: str) -> Invalid:
    return Invalid(fields=[FieldError("send_at", Text(de, en))])
