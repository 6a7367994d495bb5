"""From an event to the document that can be found: one rule per kind."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from infra.contracts.contacts import (
    ContactPointPublished,
    DirectoryEntry,
    DocumentPublished,
    EventPublished,
    GlossaryTermPublished,
    NetworkPublished,
    OfferPublished,
    OrganisationPublished,
    StateProfilePublished,
)
from infra.contracts.forum import TopicChanged
from infra.contracts.newsletter import ArticlePublished, IssuePublished
from infra.contracts.registry import Event
from services.search.domain import Document, audience_of
from services.search.language.analysis import name_key
from services.search.language.gazetteer import shipped

SUMMARY_LETTERS = 300
_LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")


@singledispatch
def document_of(event: Event) -> Document:
    """The document that `event` describes. TypeError: an event that describes none."""
    raise TypeError(f"no document is made from {event.type}")


@document_of.register
def _offer(event: OfferPublished) -> Document:
    return Document(
        **_entry(event, related=[event.provider_name, event.network_name, *event.partner_names])
        | {
            "title": event.title or event.name,
            "title_en": event.title_en,
            "summary": event.summary or shortened(event.description),
            "summary_en": event.summary_en,
            "text": _paragraphs(event.description, event.description_en, _terms(event)),
            "stages": event.stages,
            "target_groups": event.target_groups,
            "languages": event.languages,
            "network": event.network,
            "network_name": event.network_name,
            "provider_name": event.provider_name,
            "date": event.published_at[:10] or event.valid_from,
            "date_end": event.valid_to,
            "status": event.status,
            "formats": [event.format] if event.format else [],
        }
    )


@document_of.register
def _event(event: EventPublished) -> Document:
    return Document(
        **_entry(event, related=[event.organiser_name, event.place])
        | {
            "text": _paragraphs(event.description, event.recurrence),
            "date": event.date_start,
            "date_end": event.date_end,
            "provider_name": event.organiser_name,
        }
        | _whereabouts(event.place)
    )


@document_of.register
def _organisation(event: OrganisationPublished) -> Document:
    return Document(**_entry(event, related=[]) | {"subcategory": event.subkind, "languages": event.languages})


@document_of.register
def _contact_point(event: ContactPointPublished) -> Document:
    return Document(
        **_entry(event, related=[event.organisation_name])
        | {
            "languages": event.languages,
            "provider_name": event.organisation_name,
            "lat": event.lat,
            "lon": event.lon,
        }
    )


@document_of.register
def _network(event: NetworkPublished) -> Document:
    return Document(
        **_entry(event, related=[event.lead_name, *event.member_names])
        | {"network": event.slug, "provider_name": event.lead_name, "status": event.status}
    )


@document_of.register
def _document(event: DocumentPublished) -> Document:
    return Document(
        **_entry(event, related=[event.issuer_name]) | {"date": event.date, "provider_name": event.issuer_name}
    )


@document_of.register
def _state_profile(event: StateProfilePublished) -> Document:
    return Document(**_entry(event, related=[]) | {"text": _paragraphs(event.description, event.text)})


@document_of.register
def _glossary_term(event: GlossaryTermPublished) -> Document:
    return Document(**_entry(event, related=[]))


@document_of.register
def _topic(event: TopicChanged) -> Document:
    return Document(
        id=event.id,
        kind="topic",
        slug=event.slug,
        version=event.version,
        title=event.title,
        summary=shortened(event.text),
        text=event.text,
        related=[event.space_name] if event.space_name else [],
        region=event.region,
        regions=[event.region] if event.region else [],
        topics=event.topics,
        network=event.network,
        provider_name=event.space_name,
        date=event.last_post_at[:10],
        audience=audience_of(event.visible_to, event.network),
    )


@document_of.register
def _issue(event: IssuePublished) -> Document:
    return Document(
        id=event.id,
        kind="issue",
        slug=event.slug,
        version=event.version,
        title=event.title,
        summary=event.focus or shortened(event.text),
        text=event.text,
        names=[event.quarter],
        topics=event.topics,
        date=event.published_at[:10],
    )


@document_of.register
def _article(event: ArticlePublished) -> Document:
    return Document(
        id=event.id,
        kind="article",
        slug=event.slug,
        version=event.version,
        title=event.title,
        title_en=event.title_en,
        summary=event.summary or shortened(event.text),
        summary_en=event.summary_en,
        text=_paragraphs(event.text, event.text_en),
        category=event.kind,
        region=event.regions[0] if len(event.regions) == 1 else "",
        regions=event.regions,
        topics=event.topics,
        date=event.published_on,
    )


def _entry(event: DirectoryEntry, related: list[str]) -> dict[str, Any]:
    """What all entries of the directory have in common."""
    return {
        "id": event.id,
        "kind": event.subject_kind,
        "slug": event.slug,
        "version": event.version,
        "title": event.name,
        "summary": shortened(event.description),
        "text": event.description,
        "names": [name for name in dict.fromkeys((event.short, *event.aliases)) if name],
        "related": [name for name in dict.fromkeys(related) if name],
        "category": event.kind,
        "region": event.region,
        "regions": [slug for slug in dict.fromkeys((event.region, *event.districts)) if slug],
        "topics": event.topics,
        "date": event.stand,
    }


def _whereabouts(place: str) -> dict[str, float]:
    """Where the town of this name lies; nothing when there is none or several are called so."""
    spots = shipped().named(name_key(place))
    return {"lat": spots[0].point.lat, "lon": spots[0].point.lon} if len(spots) == 1 else {}


def _paragraphs(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _terms(event: OfferPublished) -> str:
    """What is asked of participants and made easy for them, as sentences that are found and may be shown."""
    answers = (
        (event.childcare, "Mit Kinderbetreuung."),
        (event.part_time, "In Teilzeit möglich."),
        (event.open_entry, "Einstieg jederzeit möglich."),
    )
    levels = _levels(event.language_level_from, event.language_level_to)
    return " ".join(
        [
            *(sentence for said, sentence in answers if said),
            *([f"Deutschniveau {', '.join(levels)}."] if levels else []),
            *([f"Kosten: {event.costs}"] if event.costs else []),
            *([f"Barrierefreiheit: {event.accessibility}"] if event.accessibility else []),
        ]
    )


def _levels(lowest: str, highest: str) -> list[str]:
    """All levels of German from one to the other, so that a course from A2 to B2 is found by B1 too."""
    known = [level for level in (lowest, highest) if level in _LEVELS]
    return list(_LEVELS[_LEVELS.index(min(known)) : _LEVELS.index(max(known)) + 1]) if known else []


def shortened(text: str) -> str:
    """`text` up to the last whole word within `SUMMARY_LETTERS`."""
    if len(text) <= SUMMARY_LETTERS:
        return text
    return text[:SUMMARY_LETTERS].rsplit(" ", 1)[0] + " …"
