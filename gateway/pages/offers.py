"""Offers: a list with the plainest filters, which needs no search, and the page of one offer with all it says."""

from __future__ import annotations

import asyncio
from typing import Any

from markupsafe import Markup, escape
from starlette.responses import Response

from gateway import i18n
from gateway.forms import Form
from gateway.pages.paging import steps
from gateway.routing import Page
from gateway.visit import Part, Visit
from infra.contracts import addresses
from infra.web.client import segment

FILTERS = ("district", "stage", "target_group", "topic", "kind", "network")
PAGE_SIZE = 20


async def offers(visit: Visit) -> Response:
    """Published offers by name, filtered by the query string."""
    chosen = {name: visit.query(name) for name in FILTERS}
    found = await visit.part("contacts", "/offers", limit=PAGE_SIZE, cursor=visit.query("cursor"), **chosen)
    return visit.page(
        "offers.html",
        found=found,
        form=Form.of(chosen),
        **steps(visit, found, "/angebote", **chosen),
        filtered=any(chosen.values()),
    )


async def offer(visit: Visit) -> Response:
    """One offer. Raises Refused (404) when there is none the reader may see."""
    slug = visit.param("slug")
    view, topics = await asyncio.gather(
        visit.get("contacts", f"/offers/{segment(slug)}"),
        visit.part("forum", "/topics", offer=slug, limit=1),
    )
    english = visit.language == "en"
    translated = bool(view["title_en"]) and english
    return visit.page(
        "offer.html",
        offer=view,
        shown_language="en" if translated else "de",
        heading=view["title_en"] if translated else view["title"],
        summary=view["summary_en"] if translated else view["summary"],
        text=view["description_en_html"] if translated and view["description_en_html"] else view["description_html"],
        german_only=english and not translated,
        topic=_topic(topics),
        topics=topics,
        audience=_audience_rows(visit, view),
        taking_part=_practical_rows(visit, view),
        origin=_origin_rows(visit, view),
    )


def _topic(topics: Part) -> dict[str, Any] | None:
    return topics.items[0] if topics.items else None


Rows = list[tuple[str, Any]]


def _linked(visit: Visit, kind: str, slug: str, name: str) -> Markup | str:
    """A reference as a link; only its name where the slug is unknown."""
    if not slug:
        return name
    return Markup('<a href="{}">{}</a>').format(addresses.path(kind, slug, visit.language), name or slug)


def _listed(values: list[Any]) -> Markup:
    return Markup(", ").join(escape(value) for value in values)


def _labels(visit: Visit, kind: str, slugs: list[str]) -> Markup:
    return _listed([visit.label(kind, slug) for slug in slugs])


def _yes_no(visit: Visit, value: bool | None) -> str:
    if value is None:
        return ""
    return visit._("ja") if value else visit._("nein")


def _audience_rows(visit: Visit, view: dict[str, Any]) -> Rows:
    """For whom, where and on which step."""
    regions = [_linked(visit, "region", slug, visit.vocabulary.full_name(slug)) for slug in view["districts"]]
    return [
        (visit._("Für wen"), _labels(visit, "target_groups", view["target_groups"])),
        (visit._("Schritt auf dem Weg in Arbeit"), _labels(visit, "stages", view["stages"])),
        (visit._("Thema"), _labels(visit, "topics", view["topics"])),
        (visit._("Region"), _listed(regions)),
        (visit._("Genauer"), view["region_note"]),
        (visit._("Sprachen"), _listed([i18n.language_name(code, visit.language) for code in view["languages"]])),
        (visit._("Sprachniveau"), language_levels(visit, view["language_level_from"], view["language_level_to"])),
    ]


def language_levels(visit: Visit, lowest: str, highest: str) -> str:
    """From one level to another; either may be open."""
    if lowest == highest:
        return lowest
    if not highest:
        return visit._("ab %(level)s", level=lowest)
    if not lowest:
        return visit._("bis %(level)s", level=highest)
    return visit._("%(lowest)s bis %(highest)s", lowest=lowest, highest=highest)


def _practical_rows(visit: Visit, view: dict[str, Any]) -> Rows:
    """What somebody who wants to take part needs to know."""
    hours = view["weekly_hours"]
    return [
        (visit._("Zeitraum"), period(visit, view["valid_from"], view["valid_to"])),
        (visit._("Form"), visit.label("formats", view["format"])),
        (visit._("Stunden in der Woche"), i18n.show_number(hours, visit.language) if hours is not None else ""),
        (visit._("In Teilzeit"), _yes_no(visit, view["part_time"])),
        (visit._("Kinderbetreuung"), _yes_no(visit, view["childcare"])),
        (visit._("Einstieg jederzeit"), _yes_no(visit, view["open_entry"])),
        (visit._("Plätze"), str(view["seats"]) if view["seats"] is not None else ""),
        (visit._("Kosten"), view["costs"]),
        (visit._("Förderung"), _listed(view["funding"])),
        (visit._("Barrierefreiheit"), view["accessibility"]),
        (visit._("Zugang"), visit.label("access", view["access"])),
        (visit._("Voraussetzungen"), view["conditions"]),
        (visit._("So machen Sie mit"), view["how_to_join"]),
    ]


def period(visit: Visit, start: str, end: str) -> str:
    """From one date to another; either may be open."""
    first, last = visit.date(start), visit.date(end)
    if first and last:
        return visit._("%(first)s bis %(last)s", first=first, last=last)
    if first:
        return visit._("ab %(day)s", day=first)
    return visit._("bis %(day)s", day=last) if last else ""


def _origin_rows(visit: Visit, view: dict[str, Any]) -> Rows:
    """Who stands behind it and where we know it from."""
    partners = [_linked(visit, link["kind"], link["slug"], link["name"]) for link in view["partner_links"]]
    return [
        (visit._("Anbieter"), _linked(visit, "organisation", view["provider"], view["provider_name"])),
        (visit._("Netzwerk"), _linked(visit, "network", view["network"], view["network_name"])),
        (visit._("Ansprechstelle"), _linked(visit, "contact_point", view["contact_point"], view["contact_point_name"])),
        (visit._("Beteiligt"), _listed(partners)),
        (visit._("Quelle"), view["source_title"] or view["source"]),
        (visit._("Stand der Angaben"), visit.date(view["stand"])),
    ]


PAGES = (Page("/angebote", offers), Page("/angebote/{slug}", offer))
