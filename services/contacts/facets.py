"""The index behind filters by facet: written with the entry, asked by subquery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Q, Subquery

from infra.contracts.territory import Territory
from infra.db import Transaction
from services.contacts.entry import FacetRow

F = TypeVar("F", bound=FacetRow)
DISTRICT, AREA = "district", "area"


def rows_of(model: type[F], entry_id: UUID, values: Mapping[str, Iterable[str]], territory: Territory) -> list[F]:
    """The index rows of one entry, given its values by facet; the areas follow from its districts."""
    districts = list(values.get(DISTRICT, ()))
    areas = {slug for district in districts for slug in (district, *territory.above(district))}
    complete = {**values, AREA: areas}
    return [
        model(entry_id=entry_id, facet=facet, value=value)
        for facet, several in complete.items()
        for value in sorted(set(several))
    ]


async def replace_rows(tx: Transaction, model: type[F], entry_id: UUID, rows: Sequence[F]) -> None:
    """Put `rows` in the place of everything the index knew about one entry."""
    await model.filter(entry_id=entry_id).using_db(tx.connection).delete()
    await model.bulk_create(rows, using_db=tx.connection)


def having(model: type[FacetRow], facet: str, values: Sequence[str]) -> Q:
    """Entries with any of `values` in one facet."""
    return Q(id__in=Subquery(model.filter(facet=facet, value__in=list(values)).values("entry_id")))


def concerning(model: type[FacetRow], slug: str, territory: Territory) -> Q:
    """Entries that concern a region by the place rule: inside it, or naming it or a region above it."""
    inside = Q(facet=AREA, value=slug)
    above = Q(facet=DISTRICT, value__in=[slug, *territory.above(slug)])
    return Q(id__in=Subquery(model.filter(inside | above).values("entry_id")))
