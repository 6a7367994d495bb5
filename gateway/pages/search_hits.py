"""What the search page shows of a hit: its address, what it is, where, how far away, and why it is there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from gateway.i18n import show_number, translations
from gateway.pages.articles_words import kind_label as article_kind_label
from gateway.pages.search_facets import kind_label
from gateway.visit import Visit
from infra.contracts import addresses

_CATEGORIES = {
    "offer": "offer_kinds",
    "organisation": "organisation_kinds",
    "network": "network_kinds",
    "document": "document_kinds",
    "event": "event_kinds",
}


def shown_hit(visit: Visit, hit: Mapping[str, Any]) -> dict[str, Any]:
    """A hit as the template needs it: what search told, and the words around it."""
    kind = hit["kind"]
    category = _category(visit, kind, hit["category"])
    named = kind_label(visit, kind)
    return {
        "title_language": "de",
        "text_language": "de",
        **hit,
        "address": addresses.path(kind, hit["slug"], visit.language),
        "label": f"{named} ({category})" if category else named,
        "place": hit["region_name"] or (visit.vocabulary.region_name(hit["region"]) if hit["region"] else ""),
        "distance": _distance(visit, hit),
        "stage_labels": [visit.label("stages", slug) for slug in hit["stages"]],
        "state": visit.label("status", hit["status"]) if hit["status"] not in ("", "active") else "",
        "why": _why(visit, hit),
    }


def _why(visit: Visit, hit: Mapping[str, Any]) -> list[str]:
    """The reasons but that it is called what was typed, which its title says already."""
    reasons = [item for item in hit.get("reasons", ()) if item["text"] != hit["title"]]
    return [reason(visit, item["kind"], item["text"]) for item in reasons]


def _category(visit: Visit, kind: str, category: str) -> str:
    """What the kind within the kind is called, "" where there is none."""
    if kind == "article":
        return article_kind_label(visit, category)
    return visit.label(_CATEGORIES[kind], category) if kind in _CATEGORIES and category else ""


def _distance(visit: Visit, hit: Mapping[str, Any]) -> str:
    """How far away, in words and as exact as it helps; "" when that says nothing.

    Without a place of its own a hit is as far away as its district, so nothing is said in that district, nor of what
    covers the whole Land.
    """
    km, exact = hit.get("distance_km"), hit["lat"] is not None
    wide = any(item["kind"] in ("around", "nationwide") for item in hit.get("reasons", ()))
    if km is None or (not exact and (wide or km < 1)):
        return ""
    if km < 1:
        return visit._("unter 1 km")
    number = show_number(round(km), visit.language)
    return visit._("%(number)s km", number=number) if exact else visit._("etwa %(number)s km", number=number)


def reason(visit: Visit, kind: str, text: str) -> str:
    """Why a hit is there, as a short phrase. A kind that is not known yet stands for its text."""
    phrase = _phrases(visit.language).get(kind, "%(text)s")
    return phrase % {"text": text} if "%(text)s" in phrase else phrase


@cache
def _phrases(language: str) -> Mapping[str, str]:
    _ = translations(language).gettext
    return {
        "name": _("Auch unter: %(text)s"),
        "synonym": _("Verwandtes Wort: %(text)s"),
        "compound": _("Zusammengesetztes Wort: %(text)s"),
        "correction": _("Schreibweise: %(text)s"),
        "tag": _("Zugeordnet: %(text)s"),
        "place": _("Vor Ort: %(text)s"),
        "around": _("Für ganz %(text)s"),
        "nationwide": _("Bundesweit"),
    }
