"""The second look before anything is shown: hits as the table has them at this moment.

An index is a moment behind, and later pages are read from an older state of it. So what was hidden or removed meanwhile
is left out here, and what was changed is shown as it is now. One statement for a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any

import msgspec

from infra.db.routing import reading
from infra.db.statements import placed
from services.search.domain import Document, shown_summary, shown_title
from services.search.engine import Found

# The data of rows whose version is the one shown is not read: texts are long.
_LOOK = (
    "SELECT id, removed, CASE WHEN id || ' ' || version IN ({places}) THEN NULL ELSE data END AS data"
    " FROM search_documents WHERE id IN ({places})"
)


async def present(hits: Sequence[Found], audience: frozenset[str], language: str) -> list[Found]:
    """Those of `hits` that a person of these audiences may see now, in their order and as the table has them."""
    if not hits:
        return []
    connection = reading("search")
    statement = placed(connection, _LOOK.format(places=", ".join("?" * len(hits))))
    shown = [f"{found.document.id} {found.document.version}" for found in hits]
    rows = await connection.execute_query_dict(statement, [*shown, *(found.document.id for found in hits)])
    held = {row["id"]: row for row in rows if not row["removed"]}
    looked = [_now(found, held[found.document.id], language) for found in hits if found.document.id in held]
    return [found for found in looked if not audience.isdisjoint(found.document.audience)]


def _now(found: Found, row: dict[str, Any], language: str) -> Found:
    """The hit as its row has it: as it is, or, in another version, with nothing marked."""
    if row["data"] is None:
        return found
    document, before = msgspec.json.decode(row["data"], type=Document), found.document
    stayed = (document.lat, document.lon, document.regions) == (before.lat, before.lon, before.regions)
    return replace(
        found,
        document=document,
        title_html=escape(shown_title(document, language)),
        text_html=escape(shown_summary(document, language)),
        reasons=(),
        distance_km=found.distance_km if stayed else None,
    )
