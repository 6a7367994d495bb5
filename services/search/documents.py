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
from infra.contracts.newsletter import IssuePublished
from infra.contracts.registry import Event
from services.search.domain import Document, audience_of

SUMMARY_LETTERS = 300


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
            "stages": event.stages,
            "target_groups": event.target_groups,
            "languages": event.languages,
            "network": event.network,
            "network_name": event.network_name,
            "provider_name": event.provider_name,
            "date": event.published_at[:10] or event.valid_from,
            "date_end": event.valid_to,
            "status": event.status,
        }
    )


@document_of.register
def _event(event: EventPublished) -> Document:
    return Document(
        **_entry(event, related=[event.organiser_name, event.place])
        | {"date": event.date_start, "date_end": event.date_end, "provider_name": event.organiser_name}
    )


@document_of.register
def _organisation(event: OrganisationPublished) -> Document:
    return Document(**_entry(event, related=[]) | {"languages": event.languages})


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
    return Document(**_entry(event, related=[]) | {"text": " ".join(filter(None, (event.description, event.text)))})


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


def shortened(text: str) -> str:
    """`text` up to the last whole word within `SUMMARY_LETTERS`."""
    if len(text) <= SUMMARY_LETTERS:
        return text
    return text[:SUMMARY_LETTERS].rsplit(" ", 1)[0] + " …"
