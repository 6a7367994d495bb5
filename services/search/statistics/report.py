"""What was looked for and what was not found, added up over days: for those who plan offers.

Words are told only once they were searched for several times in the days counted: what one person looks for stays
unknown, whatever slice is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import msgspec

from infra.db.routing import reading
from infra.db.statements import placed
from infra.errors import FieldError, Invalid, Text
from infra.web.cursors import decode_cursor, encode_cursor
from services.search.domain import check_filters
from services.search.language.knowledge import Knowledge
from services.search.statistics.counting import ANY, WORDS
from services.search.statistics.schemas import Demand, DemandQuery, DemandReport
from services.search.statistics.writing import SHOWN_FROM

DAYS = 90
_LISTS = {
    "topic": "topics",
    "stage": "stages",
    "target_group": "target_groups",
    "language": "languages",
    "format": "formats",
}
_SUMS = {"searches": "SUM(searches)", "misses": "SUM(misses)"}
_COUNTED = ", ".join(f"{total} AS {name}" for name, total in _SUMS.items())
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


@dataclass
class _Where:
    """A condition with its bound values."""

    text: str
    values: list[object]

    def also(self, text: str, *values: object) -> _Where:
        """Both this and that."""
        return _Where(f"{self.text} AND {text}", [*self.values, *values])


async def report(query: DemandQuery, knowledge: Knowledge, language: str, today: date) -> DemandReport:
    """One page of what was looked for.

    Raises:
        Invalid: the days are the wrong way round, the region is unknown, or the cursor is not one of ours.
    """
    if query.region:
        check_filters({"region": [query.region]}, {"region": knowledge.regions})
    since, until = _days(query, today)
    all_searches = _meant(query, since, until, ANY, knowledge)
    statement = f"SELECT {_COUNTED} FROM demand WHERE {all_searches.text}"  # noqa: S608 - all names are ours
    whole = (await _rows(statement, all_searches.values))[0]
    rows = await _page(query, _meant(query, since, until, _subject(query), knowledge))
    shown = rows[: query.limit]
    return DemandReport(
        since=since,
        until=until,
        searches=whole["searches"] or 0,
        misses=whole["misses"] or 0,
        at_least=_at_least(query),
        items=[_demand(row, query, knowledge, language) for row in shown],
        next=encode_cursor((shown[-1][query.order], shown[-1]["value"])) if len(rows) > query.limit else None,
    )


def _days(query: DemandQuery, today: date) -> tuple[date, date]:
    until = query.until or max(today, query.since or today)
    since = query.since or date.fromordinal(max(1, until.toordinal() - DAYS + 1))
    if since > until:
        text = Text(
            "Der erste Tag liegt nach dem letzten. Bitte tauschen Sie die beiden.",
            "The first day is after the last. Please swap the two.",
        )
        raise Invalid(fields=[FieldError("since", text)])
    return since, until


def _subject(query: DemandQuery) -> str:
    return ANY if query.by == "region" else query.by


def _at_least(query: DemandQuery) -> int:
    return SHOWN_FROM if query.by == WORDS else 1


def _meant(query: DemandQuery, since: date, until: date, subject: str, knowledge: Knowledge) -> _Where:
    """The rows to add up."""
    where = _Where("subject = ? AND day >= ? AND day <= ?", [subject, since, until])
    if query.language:
        where = where.also("language = ?", query.language)
    if query.region:
        inside = sorted({query.region, *knowledge.territory.below(query.region)})
        where = where.also(f"region IN ({', '.join('?' * len(inside))})", *inside)
    return where


async def _page(query: DemandQuery, where: _Where) -> list[dict[str, Any]]:
    """The rows of one page and one more, the most asked for or the most missed first."""
    value, ordered = "region" if query.by == "region" else "value", _SUMS[query.order]
    if query.by == "region":
        where = where.also("region <> ''")
    having = _Where(f"{_SUMS['searches']} >= ?", [_at_least(query)])
    if query.missed:
        having = having.also(f"{_SUMS['misses']} > 0")
    if query.cursor:
        number, last = decode_cursor(query.cursor, tuple[Number, str])
        having = having.also(f"({ordered} < ? OR {ordered} = ? AND {value} > ?)", number, number, last)
    return await _rows(
        f"SELECT {value} AS value, {_COUNTED} FROM demand WHERE {where.text}"  # noqa: S608 - all names are ours
        f" GROUP BY {value} HAVING {having.text} ORDER BY {ordered} DESC, {value} LIMIT ?",
        [*where.values, *having.values, query.limit + 1],
    )


async def _rows(statement: str, values: list[object]) -> list[dict[str, Any]]:
    connection = reading("search")
    return await connection.execute_query_dict(placed(connection, statement), values)


def _demand(row: dict[str, Any], query: DemandQuery, knowledge: Knowledge, language: str) -> Demand:
    label = knowledge.region_name(row["value"]) if query.by == "region" else ""
    for term in knowledge.vocabularies.get(_LISTS.get(query.by, ""), ()):
        if term.slug == row["value"]:
            label = term.en if language == "en" else term.de
    return Demand(row["value"], label or row["value"], row["searches"], row["misses"])
