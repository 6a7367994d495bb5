"""What an engine found, as the service answers it: names of regions and texts in the reader's language."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import starmap

from services.search.domain import Understood, shown_summary, shown_title
from services.search.engine import Completion, Found, Page
from services.search.language.knowledge import Knowledge
from services.search.schemas import FacetValue, Highlights, Hit, Place, Reason, Suggestion


def hit(found: Found, knowledge: Knowledge, language: str) -> Hit:
    """One hit."""
    document = found.document
    return Hit(
        id=document.id,
        slug=document.slug,
        kind=document.kind,
        title=shown_title(document, language),
        summary=shown_summary(document, language),
        highlights=Highlights(found.title_html, found.text_html),
        category=document.category,
        region=document.region,
        region_name=knowledge.region_name(document.region),
        network=document.network,
        network_name=document.network_name,
        provider_name=document.provider_name,
        stages=document.stages,
        target_groups=document.target_groups,
        topics=document.topics,
        languages=document.languages,
        formats=document.formats,
        date=document.date,
        date_end=document.date_end,
        status=document.status,
        lat=document.lat,
        lon=document.lon,
        distance_km=None if found.distance_km is None else round(found.distance_km, 1),
        reasons=[Reason(reason.kind, reason.text) for reason in found.reasons],
        title_language="en" if language == "en" and document.title_en else "de",
        text_language="en" if language == "en" and _is_of_summary(found.text_html, document.summary_en) else "de",
    )


def _is_of_summary(excerpt: str, summary: str) -> bool:
    """Whether a marked excerpt is a piece of this summary and not of the text, which has one language only."""
    plain = html.unescape(excerpt.replace("<mark>", "").replace("</mark>", ""))
    return bool(summary) and plain.strip(" …") in summary


def facets(page: Page) -> dict[str, list[FacetValue]]:
    """Counts per facet."""
    return {facet: list(starmap(FacetValue, values)) for facet, values in page.facets.items()}


def places(page: Page, knowledge: Knowledge) -> list[Place]:
    """What the query named, then regions of which it cannot be told what named them."""
    named = {place.region for place in page.places}
    unnamed = [Understood("", knowledge.region_name(slug), slug) for slug in page.regions if slug not in named]
    return [_place(understood) for understood in (*page.places, *unnamed)]


def suggestions(completions: Sequence[Completion]) -> list[Suggestion]:
    """Completions as they are answered."""
    return [Suggestion(item.text, item.kind, item.slug) for item in completions]


def _place(understood: Understood) -> Place:
    point = understood.point
    lat, lon = (point.lat, point.lon) if point else (None, None)
    return Place(understood.region, understood.name, understood.text, lat, lon)
