"""What an offer may say, and who may say it: rules without a database.

`Draft` is the one list of what people can enter; the shapes of requests and answers follow from it. All broken
rules are reported together, each at its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from infra.characters import DIRECTION, FORBIDDEN
from infra.errors import FieldError, Invalid, Text
from services.contacts.dates import first_day, last_day
from services.contacts.known import MAX_ITEMS, Known

DRAFT, PUBLISHED, WITHDRAWN = "draft", "published", "withdrawn"
PLANNED, ACTIVE, ENDED = "planned", "active", "ended"
_ONE_LINE = {"title": 200, "title_en": 200, "summary": 500, "summary_en": 500, "accessibility": 300, "costs": 200}
_ONE_LINE |= {"region_note": 200, "source": 200, "website": 500}
_LONG = {"description": 20_000, "description_en": 20_000, "conditions": 5_000, "how_to_join": 5_000}
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DATES = ("valid_from", "valid_to", "stand")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An offer as a person fills it in. References and facets are slugs; "" and null mean unknown.

    `network` looks after the offer, `provider` (organisation) carries it out, `partners` are organisations or
    networks. `districts` may also name a Land or the federation. `languages` are ISO 639-1 codes,
    `language_level_from`/`_to` CEFR levels. `description` and `description_en` are Markdown. Dates are as exact as
    known (2026, 2026-03, 2026-03-31). `access` says whether people come themselves or through an adviser.
    """

    title: str = ""
    summary: str = ""
    description: str = ""
    title_en: str = ""
    summary_en: str = ""
    description_en: str = ""
    kind: str = ""
    network: str = ""
    provider: str = ""
    contact_point: str = ""
    partners: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    target_groups: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    districts: list[str] = field(default_factory=list)
    region_note: str = ""
    languages: list[str] = field(default_factory=list)
    language_level_from: str = ""
    language_level_to: str = ""
    format: str = ""
    weekly_hours: float | None = None
    part_time: bool | None = None
    childcare: bool | None = None
    accessibility: str = ""
    costs: str = ""
    funding: list[str] = field(default_factory=list)
    seats: int | None = None
    open_entry: bool | None = None
    conditions: str = ""
    how_to_join: str = ""
    access: str = ""
    valid_from: str = ""
    valid_to: str = ""
    website: str = ""
    source: str = ""
    stand: str = ""


# Which controlled vocabulary the values of a field come from.
VOCABULARIES = {
    "kind": "offer_kinds",
    "stages": "stages",
    "target_groups": "target_groups",
    "topics": "topics",
    "languages": "languages",
    "language_level_from": "language_levels",
    "language_level_to": "language_levels",
    "format": "formats",
    "access": "access",
}
# Which entries the values of a field refer to.
REFERENCES = {
    "network": "networks",
    "provider": "organisations",
    "contact_point": "contact_points",
    "partners": "partners",
    "districts": "regions",
}


def values_of(draft: Draft, name: str) -> list[str]:
    """The values of a field as a list, without the empty one."""
    value = getattr(draft, name)
    return [value] if isinstance(value, str) and value else list(value or ())


def cleaned(draft: Draft) -> Draft:
    """White space folded in single lines and trimmed elsewhere, doubles dropped, "www." completed to an address."""
    changes: dict[str, Any] = {}
    for item in fields(draft):
        value = getattr(draft, item.name)
        if isinstance(value, list):
            changes[item.name] = list(dict.fromkeys(text for text in map(str.strip, value) if text))
        elif isinstance(value, str):
            changes[item.name] = value.strip() if item.name in _LONG else " ".join(value.split())
    if changes["website"].lower().startswith("www."):
        changes["website"] = f"https://{changes['website']}"
    return replace(draft, **changes)


def check(draft: Draft, known: Known, *, publish: bool) -> None:
    """Raises Invalid with every rule that `draft` breaks; with `publish` also what only the public needs."""
    problems = [
        *_text_problems(draft),
        *_slug_problems(draft, known),
        *_date_problems(draft),
        *_level_problems(draft),
        *_number_problems(draft),
        *_missing(draft, publish),
    ]
    if problems:
        raise Invalid(fields=problems)


def _text_problems(draft: Draft) -> Iterable[FieldError]:
    for name, limit in (_ONE_LINE | _LONG).items():
        if len(getattr(draft, name)) > limit:
            yield FieldError(name, Text(f"Höchstens {limit} Zeichen.", f"At most {limit} characters."))
    for name in _ONE_LINE | _LONG:
        if _CONTROL.search(getattr(draft, name)) or (name in _ONE_LINE and DIRECTION.search(getattr(draft, name))):
            yield FieldError(name, FORBIDDEN)
    if draft.website and len(draft.website) <= _ONE_LINE["website"] and not _WEB_ADDRESS.fullmatch(draft.website):
        yield FieldError(
            "website",
            Text("Bitte eine Adresse angeben, die mit https:// beginnt.", "Please give an address with https://."),
        )
    for position, label in enumerate(draft.funding):
        if len(label) > 60:
            yield FieldError(f"funding.{position}", Text("Höchstens 60 Zeichen.", "At most 60 characters."))


def _slug_problems(draft: Draft, known: Known) -> Iterable[FieldError]:
    for name, source in (VOCABULARIES | REFERENCES).items():
        yield from known.problems(name, source, values_of(draft, name))
    if len(draft.funding) > MAX_ITEMS:
        yield FieldError("funding", Text(f"Höchstens {MAX_ITEMS} Werte.", f"At most {MAX_ITEMS} values."))


def _date_problems(draft: Draft) -> Iterable[FieldError]:
    wrong = [name for name in _DATES if getattr(draft, name) and first_day(getattr(draft, name)) is None]
    for name in wrong:
        yield FieldError(
            name,
            Text(
                "Bitte ein Datum wie 2026-03-31 angeben (auch 2026-03 oder 2026).",
                "Please give a date like 2026-03-31 (or 2026-03, or 2026).",
            ),
        )
    begin, end = first_day(draft.valid_from), last_day(draft.valid_to)
    if begin and end and end < begin:
        yield FieldError("valid_to", Text("Das Ende liegt vor dem Beginn.", "The end is before the beginning."))


def _level_problems(draft: Draft) -> Iterable[FieldError]:
    low, high = draft.language_level_from, draft.language_level_to
    if low and high and high < low:
        yield FieldError(
            "language_level_to",
            Text("Das Zielniveau liegt unter dem Einstiegsniveau.", "The target level is below the entry level."),
        )


def _number_problems(draft: Draft) -> Iterable[FieldError]:
    if draft.weekly_hours is not None and not 0 < draft.weekly_hours <= 60:
        yield FieldError("weekly_hours", Text("Zwischen 0 und 60 Stunden.", "Between 0 and 60 hours."))
    if draft.seats is not None and not 0 <= draft.seats <= 100_000:
        yield FieldError("seats", Text("Zwischen 0 und 100 000 Plätzen.", "Between 0 and 100,000 seats."))


def _missing(draft: Draft, publish: bool) -> Iterable[FieldError]:
    if len(draft.title) < 3:
        yield FieldError("title", Text("Bitte mindestens 3 Zeichen angeben.", "Please give at least 3 characters."))
    if not draft.network:
        yield FieldError(
            "network",
            Text("Bitte das Netzwerk wählen, das den Eintrag pflegt.", "Please choose the network that keeps this."),
        )
    if not publish:
        return
    if not draft.summary:
        yield FieldError("summary", Text("Bitte in einem Satz zusammenfassen.", "Please sum it up in one sentence."))
    if not draft.stages:
        yield FieldError("stages", Text("Bitte mindestens eine Stufe wählen.", "Please choose at least one stage."))
    if not draft.districts:
        yield FieldError(
            "districts", Text("Bitte mindestens eine Region wählen.", "Please choose at least one region.")
        )


def status_on(today: date, starts_on: date | None, ends_on: date | None) -> str:
    """Whether an offer that lasts from one day to another (None: open) is planned, active or ended."""
    if ends_on is not None and ends_on < today:
        return ENDED
    return PLANNED if starts_on is not None and starts_on > today else ACTIVE
