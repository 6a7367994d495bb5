"""The first page: search, an entry for each audience, and the Länder as list and map."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from gateway import maps
from gateway.routing import Page
from gateway.visit import Visit


@dataclass(frozen=True)
class Entry:
    """A way in for one audience."""

    title: str
    text: str
    address: str


def _audiences(visit: Visit) -> list[Entry]:
    return [
        Entry(
            visit._("Ich suche Arbeit oder Beratung"),
            visit._("Sprachkurs, Anerkennung, Ausbildung: Angebote für Zugewanderte und Geflüchtete"),
            visit.url("/suche", kind="offer", target_group=["migrants", "refugees"]),
        ),
        Entry(
            visit._("Ich berate oder vermittle"),
            visit._("Stellen und Angebote im Landkreis, Schritt für Schritt auf dem Weg in Arbeit"),
            visit.url("/regionen"),
        ),
        Entry(
            visit._("Mein Betrieb sucht Fachkräfte"),
            visit._("Ansprechstellen, Förderung und Begleitung für Unternehmen"),
            visit.url("/suche", target_group="companies"),
        ),
        Entry(
            visit._("Ich engagiere mich"),
            visit._("Schulungen, Austausch und Kontakte für Ehrenamtliche"),
            visit.url("/suche", target_group="volunteers"),
        ),
    ]


async def home(visit: Visit) -> Response:
    """The first page."""
    lands, events, archive = await asyncio.gather(
        visit.part("contacts", "/regions", kind="land"),
        visit.part("contacts", "/offers", sort="changed", limit=4),
        visit.part("newsletter", "/archive", limit=1),
    )
    return visit.page(
        "home.html",
        audiences=_audiences(visit),
        stages=visit.vocabulary.choices("stages", visit.language),
        lands=lands,
        newest=events,
        archive=archive,
        drawing=maps.germany(),
    )


PAGES = (Page("/", home),)
