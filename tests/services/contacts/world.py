"""A small country to test contacts in: three districts, two networks, two bodies, and the people who work there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.contracts.contacts import OfferPublished, OfferWithdrawn
from infra.contracts.registry import Event
from infra.ids import content_id
from infra.web.client import Answer
from infra.web.identity import ANONYMOUS, Identity
from tests.kit import Running, identity

CONTENT = Path(__file__).resolve().parents[3] / "services" / "contacts" / "content"
NORTH, EAST = "netz-nord", "netz-ost"
COORDINATOR = identity(str(content_id("account", "nord")), "coordinator", networks=[NORTH], name="Nora Nord")
OTHER = identity(str(content_id("account", "ost")), "coordinator", networks=[EAST], name="Olaf Ost")
MEMBER = identity(str(content_id("account", "mitglied")), "member", networks=[NORTH])
EDITOR = identity(str(content_id("account", "redaktion")), "editor")
MODERATOR = identity(str(content_id("account", "moderation")), "moderator")
ADMIN = identity(str(content_id("account", "admin")), "admin")
PEOPLE = {
    "anonymous": ANONYMOUS,
    "member": MEMBER,
    "editor": EDITOR,
    "moderator": MODERATOR,
    "other": OTHER,
    "coordinator": COORDINATOR,
    "admin": ADMIN,
}


def _region(slug: str, name: str, kind: str, parent: str, ags: str) -> dict[str, Any]:
    place = {"lat": 51.8, "lon": 11.0, "label_lat": 51.8, "label_lon": 11.0}
    return {"id": slug, "name": name, "name_full": name, "kind": kind, "parent": parent, "ags": ags, **place}


def _terms(*slugs: str) -> list[dict[str, Any]]:
    return [{"slug": slug, "de": slug.title(), "en": slug.upper(), "synonyms": []} for slug in slugs]


def bundle() -> dict[str, Any]:
    """The files of a small bundle by name: lists of rows, or for vocabularies the object itself."""
    return {
        "vocabulary.json": {
            "note": "Test",
            "topics": _terms("sprache", "anerkennung", "handwerk"),
            "stages": _terms("orientation", "language", "placement"),
            "target_groups": _terms("migrants", "companies"),
            "offer_kinds": _terms("course", "service"),
            "organisation_kinds": _terms("chamber", "other"),
            "organisation_subkinds": _terms("bank"),
            "network_kinds": _terms("alliance"),
            "document_kinds": _terms("law"),
            "event_kinds": _terms("workshop"),
            "region_kinds": _terms("bund", "land", "landkreis"),
            "status": _terms("active", "ended", "planned"),
            "search_synonyms": [{"terms": ["Sprachkurs", "Deutschkurs"]}],
        },
        "facets.json": {
            "languages": _terms("de", "ar"),
            "language_levels": _terms("A1", "B1", "B2"),
            "formats": _terms("online", "on-site"),
            "access": _terms("direct", "adviser"),
            "contact_point_kinds": _terms("mentor", "counselling"),
        },
        "sources.jsonl": [{"id": "quelle", "title": "Eine Quelle", "publisher": "kammer", "kind": "study"}],
        "regions.jsonl": [
            _region("deutschland", "Deutschland", "bund", "", ""),
            _region("nordland", "Nordland", "land", "deutschland", "01"),
            _region("ostland", "Ostland", "land", "deutschland", "02"),
            _region("aadorf", "Aadorf", "landkreis", "nordland", "01001"),
            _region("oebach", "Öbach", "landkreis", "nordland", "01002"),
            _region("ostdorf", "Ostdorf", "landkreis", "ostland", "02001"),
        ],
        "organisations.jsonl": [
            {
                "id": "kammer",
                "name": "Kammer",
                "short": "K",
                "kind": "chamber",
                "region": "nordland",
                "topics": ["handwerk"],
            },
            {
                "id": "verein",
                "name": "Verein",
                "kind": "other",
                "region": "aadorf",
                "parent": "kammer",
                "source": "quelle",
            },
        ],
        "networks.jsonl": [
            {
                "id": NORTH,
                "name": "Netz Nord",
                "kind": "alliance",
                "region": "nordland",
                "lead": "kammer",
                "members": ["verein"],
            },
            {"id": EAST, "name": "Netz Ost", "kind": "alliance", "region": "ostland", "members": [NORTH]},
        ],
        "offers.jsonl": [
            {
                "id": "altes-angebot",
                "name": "Altes Angebot",
                "kind": "service",
                "provider": "kammer",
                "region": "nordland",
                "stages": ["orientation"],
                "topics": ["anerkennung"],
                "target_groups": ["migrants"],
                "period_from": "2014",
                "period_to": "2020-02",
                "status": "ended",
                "description": "Früher beraten.",
                "website": "www.example.org/alt",
                "source": "quelle",
                "stand": "2020-02",
            },
        ],
        "documents.jsonl": [
            {
                "id": "gesetz",
                "name": "Ein Gesetz",
                "kind": "law",
                "region": "deutschland",
                "issuer": "kammer",
                "date": "2019-08",
            }
        ],
        "events.jsonl": [
            {
                "id": "treffen",
                "name": "Treffen",
                "kind": "workshop",
                "region": "aadorf",
                "organiser": "verein",
                "date_start": "2020-01-15",
            },
            {"id": "runde", "name": "Runde", "kind": "workshop", "region": "ostland", "recurrence": "jährlich"},
        ],
        "state_profiles.jsonl": [
            {
                "id": "profil-nordland",
                "name": "Profil Nordland",
                "region": "nordland",
                "strategy": {
                    "name": "Strategie",
                    "last_updated": "2019",
                    "last_updated_iso": "2019",
                    "document": "gesetz",
                },
                "sections": [
                    {
                        "number": 1,
                        "title": "Strukturen",
                        "bullets": ["Die Kammer berät."],
                        "offers": ["altes-angebot"],
                        "organisations": ["kammer"],
                        "networks": [NORTH],
                        "documents": ["gesetz"],
                        "events": ["treffen"],
                    }
                ],
                "planned_changes": ["Mehr Beratung."],
                "source": "quelle",
                "stand": "2020-02",
            }
        ],
        "glossary.jsonl": [
            {
                "id": "glossar-k",
                "abbr": "K",
                "long": "Kammer",
                "basis": "explicit",
                "ref": "kammer",
                "source": "quelle",
            },
            {"id": "glossar-x", "abbr": "X", "basis": "not-in-document"},
        ],
    }


def write_bundle(folder: Path, files: Mapping[str, Any]) -> Path:
    """Write a bundle into a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        lines = content if isinstance(content, list) else [content]
        (folder / name).write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return folder


def draft(**values: Any) -> dict[str, Any]:
    """The body of an offer that may be published."""
    return {
        "title": "Deutschkurs Pflege",
        "summary": "Deutsch für den Stationsalltag.",
        "network": NORTH,
        "kind": "course",
        "stages": ["language"],
        "districts": ["aadorf"],
        **values,
    }


@dataclass
class Contacts:
    """A running contacts service with the small country in it."""

    kit: Running

    async def get(self, path: str, who: Identity = ANONYMOUS, **query: Any) -> Answer:
        """GET with a query string."""
        return await self.kit.get("contacts", path, identity=who, query=query)

    async def post(self, path: str, body: Any = None, who: Identity = COORDINATOR, **headers: str) -> Answer:
        """POST, as the coordinator unless said otherwise."""
        return await self.kit.post("contacts", path, body, identity=who, headers=_named(headers))

    async def patch(self, path: str, body: Any, who: Identity = COORDINATOR, **headers: str) -> Answer:
        """PATCH, as the coordinator unless said otherwise."""
        return await self.kit.request("contacts", "PATCH", path, identity=who, body=body, headers=_named(headers))

    async def offer(self, who: Identity = COORDINATOR, *, publish: bool = True, **values: Any) -> dict[str, Any]:
        """A new offer as answered, published unless said otherwise."""
        created = await self.post("/offers", draft(**values), who)
        assert created.status == 201, created.content
        if not publish:
            return dict(created.json())
        published = await self.post(f"/offers/{created.json()['slug']}/publish", who=who)
        assert published.status == 200, published.content
        return dict(published.json())

    async def listed(self, who: Identity = ANONYMOUS, **query: Any) -> list[str]:
        """The slugs of a list of offers."""
        answer = await self.get("/offers", who, **query)
        assert answer.status == 200, answer.content
        return [item["slug"] for item in answer.json()["items"]]

    async def told(self, *kinds: type[Event]) -> Sequence[Any]:
        """What was recorded about offers made on the platform, oldest first."""
        wanted = kinds or (OfferPublished, OfferWithdrawn)
        events = await self.kit.recorded("contacts")
        return [event for event in events if isinstance(event, wanted) and event.id != _IMPORTED]


_IMPORTED = str(content_id("offer", "altes-angebot"))


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def fields_of(answer: Answer) -> dict[str, str]:
    """The messages of a problem by field."""
    return {item["field"]: item["message"] for item in answer.json()["fields"]}
