"""The files of a bundle: for each its table, its fields with their forms, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.contacts.almanac.models import GlossaryTerm, StateProfile
from services.contacts.almanac.queries import REFERENCES
from services.contacts.dates import first_day, last_day
from services.contacts.directory.models import Document, Event, Network, Organisation, Source
from services.contacts.entry import Entry
from services.contacts.intake.forms import (
    Form,
    day,
    degrees,
    record,
    records,
    reference,
    references,
    slug,
    term,
    terms,
    text,
    texts,
    web_address,
    whole,
)
from services.contacts.offers.domain import PUBLISHED
from services.contacts.offers.models import Offer
from services.contacts.places.models import Region

Values = dict[str, Any]
ANYTHING = ("organisation", "network", "offer", "document", "event", "state_profile", "region", "source")
BODIES = ("organisation", "network")


def _nothing(_values: Values) -> Values:
    return {}


@dataclass(frozen=True)
class File:
    """One file. `fields` gives for each field of a row the column it goes to and its form."""

    name: str
    kind: str
    model: type[Entry]
    fields: Mapping[str, tuple[str, Form]]
    derive: Callable[[Values], Values] = _nothing


def _same(**forms: Form) -> dict[str, tuple[str, Form]]:
    """Fields that go to the column of the same name."""
    return {name: (name, form) for name, form in forms.items()}


_ID = {"id": ("slug", slug)}
_NAMED = {**_ID, **_same(name=text(300, required=True))}
_SOURCED = _same(source=reference("source"), also_in=references("source"), stand=day)
_DESCRIBED = _NAMED | _SOURCED
_DESCRIBED |= _same(region=reference("region"), topics=terms("topics"), description=text(5000))
_ALIASES = _same(aliases=texts(300))
_WEBSITE = _same(website=web_address)


def _offer(values: Values) -> Values:
    """An imported offer is public, belongs to no network yet, and keeps the status its source gives it."""
    return {
        "districts": [values["region"]] if values["region"] else [],
        "starts_on": first_day(values["valid_from"]),
        "ends_on": last_day(values["valid_to"]),
        "state": PUBLISHED,
    }


_SECTION = {"number": whole, "title": text(300, required=True), "bullets": texts(1000)}
_SECTION |= {name: references(name.removesuffix("s")) for name in REFERENCES}
_STRATEGY = {
    "name": text(300),
    "last_updated": text(100),
    "last_updated_iso": day,
    "document": reference("document"),
}

FILES = (
    File(
        "sources.jsonl",
        "source",
        Source,
        _ID
        | {"title": ("name", text(300, required=True))}
        | _same(publisher=reference(*BODIES), kind=text(40), date=day, date_note=text(200)),
    ),
    File(
        "regions.jsonl",
        "region",
        Region,
        _NAMED
        | _same(name_full=text(300, required=True), kind=term("region_kinds", required=True), type_label=text(60))
        | _same(parent=reference("region"), ags=text(5), iso_3166_2=text(6), nuts=text(5))
        | _same(lat=degrees(90), lon=degrees(180), label_lat=degrees(90), label_lon=degrees(180))
        | _same(source=text(200), stand=day),
    ),
    File(
        "organisations.jsonl",
        "organisation",
        Organisation,
        _DESCRIBED
        | _ALIASES
        | _WEBSITE
        | _same(kind=term("organisation_kinds"), subkind=term("organisation_subkinds"), short=text(60))
        | _same(languages=terms("languages"), parent=reference("organisation"), since=day, status=term("status"))
        | _same(address=text(300), phone=text(60), email=text(254), contact_person=text(100)),
    ),
    File(
        "networks.jsonl",
        "network",
        Network,
        _DESCRIBED
        | _ALIASES
        | _WEBSITE
        | _same(kind=term("network_kinds"), short=text(60), lead=reference(*BODIES), members=references(*BODIES))
        | _same(members_note=text(500), since=day, until=day, status=term("status")),
    ),
    File(
        "offers.jsonl",
        "offer",
        Offer,
        {name: field for name, field in _DESCRIBED.items() if name != "description"}
        | _ALIASES
        | _WEBSITE
        | {"description": ("summary", text(500)), "period_from": ("valid_from", day), "period_to": ("valid_to", day)}
        | _same(kind=term("offer_kinds"), short=text(60), provider=reference("organisation"))
        | _same(partners=references(*BODIES), region_note=text(200), target_groups=terms("target_groups"))
        | _same(stages=terms("stages"), funding=texts(60), status=term("status")),
        _offer,
    ),
    File(
        "documents.jsonl",
        "document",
        Document,
        _DESCRIBED
        | _ALIASES
        | _WEBSITE
        | _same(kind=term("document_kinds"), issuer=reference(*BODIES), partners=references(*BODIES), date=day),
    ),
    File(
        "events.jsonl",
        "event",
        Event,
        _DESCRIBED
        | _same(kind=term("event_kinds"), place=text(200), organiser=reference(*BODIES))
        | _same(participants=references(*BODIES), date_start=day, date_end=day, recurrence=text(100)),
    ),
    File(
        "state_profiles.jsonl",
        "state_profile",
        StateProfile,
        _NAMED
        | _same(region=reference("region"), source=reference("source"), stand=day)
        | _same(strategy=record(_STRATEGY), sections=records(_SECTION), planned_changes=texts(1000)),
    ),
    File(
        "glossary.jsonl",
        "glossary_term",
        GlossaryTerm,
        _ID
        | _SOURCED
        | {"abbr": ("name", text(60, required=True))}
        | _same(long=text(300), basis=text(20), note=text(500), ref=reference(*ANYTHING)),
    ),
)
