"""Pages of lists: the query string every list understands, and the page by keyset behind it.

A list costs one count and one page at any depth. Cursors carry the order they belong to, so that one from another
list is refused, not misread.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from infra.errors import FieldError, Invalid, Text
from infra.web.cursors import decode_cursor, encode_cursor
from services.contacts.known import MAX_SLUG

T = TypeVar("T")
M = TypeVar("M", bound=Model)
MAX_LIMIT = 100
# Longer values than a column holds are refused at the filter: Tortoise would raise on them.
Slug = Annotated[str, msgspec.Meta(max_length=MAX_SLUG)]
Code = Annotated[str, msgspec.Meta(max_length=40)]
Day = Annotated[str, msgspec.Meta(max_length=10)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_OTHER_LIST = Text(
    "Diese Seitenmarke gehört zu einer anders sortierten Liste. Bitte beginnen Sie bei der ersten Seite.",
    "This cursor belongs to a list in another order. Please begin at the first page.",
)
_NO_SUCH_TIME = Text("Dieser Zeitpunkt liegt zu weit weg.", "This moment is too far away.")


class PageQuery(msgspec.Struct, kw_only=True, frozen=True):
    """What every list understands. `modified_after`: only entries changed after this moment (ISO 8601)."""

    cursor: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = 20
    modified_after: Moment | None = None


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some entries of a list. `total` counts all that match, `next` is the cursor of the page after, if any."""

    items: list[T]
    total: int
    next: str | None = None


@dataclass(frozen=True)
class Order:
    """How a list is sorted: by one column (its values are of type `kind`), then by id, in the same direction."""

    column: str
    kind: Any
    descending: bool = False


BY_NAME = Order("sort_key", Slug)
BY_CHANGE = Order("updated_at", Moment, descending=True)


@dataclass(frozen=True)
class Slice(Generic[M]):
    """The rows of one page, how many there are in all, and the cursor of the next page."""

    rows: list[M]
    total: int
    next: str | None


async def page_of(query: QuerySet[M], page: PageQuery, order: Order = BY_NAME) -> Slice[M]:
    """One page of `query`, in two statements. Raises Invalid for a cursor that is not one of this list's."""
    if page.modified_after is not None:
        query = query.filter(updated_at__gt=_storable("modified_after", page.modified_after))
    total = await query.count()
    if page.cursor:
        query = query.filter(_behind(page.cursor, order))
    sign = "-" if order.descending else ""
    rows = await query.order_by(f"{sign}{order.column}", f"{sign}id").limit(page.limit + 1)
    more = len(rows) > page.limit
    rows = rows[: page.limit]
    return Slice(rows, total, _cursor(rows[-1], order) if more else None)


def _storable(field: str, moment: datetime) -> datetime:
    """`moment`, unless it lies where a database cannot follow (asyncpg fails near the years 1 and 9999)."""
    if not 1900 <= moment.year <= 9000:
        raise Invalid(fields=[FieldError(field, _NO_SUCH_TIME)])
    return moment


def _cursor(row: Model, order: Order) -> str:
    key: list[Any] = [order.column, getattr(row, order.column), row.pk]
    return encode_cursor(key)


def _behind(cursor: str, order: Order) -> Q:
    """What comes after the entry that the cursor names."""
    column, value, last = decode_cursor(cursor, tuple[str, order.kind, UUID])  # type: ignore[name-defined]  # known when it runs
    if column != order.column:
        raise Invalid(fields=[FieldError("cursor", _OTHER_LIST)])
    if isinstance(value, datetime):
        _storable("cursor", value)
    beyond = "lt" if order.descending else "gt"
    return Q(**{f"{order.column}__{beyond}": value}) | Q(**{order.column: value, f"id__{beyond}": last})
