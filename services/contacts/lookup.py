"""Finding entries: one by what an address may hold (slug or id), or which of some slugs exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from tortoise.queryset import QuerySet

from infra.errors import NotFound
from infra.ids import as_id
from services.contacts.entry import Versioned
from services.contacts.known import MAX_SLUG

V = TypeVar("V", bound=Versioned)


def may_be_slug(reference: str) -> bool:
    """Whether `reference` is short enough for a slug. Tortoise raises on longer values instead of finding none."""
    return len(reference) <= MAX_SLUG


async def find(model: type[V], reference: str) -> V:
    """The entry with this slug or id. Raises NotFound."""
    row = await one(model.all(), reference)
    if row is None:
        raise NotFound
    return row


async def one(rows: QuerySet[V], reference: str) -> V | None:
    """The one of `rows` with this slug or id."""
    identifier = as_id(reference)
    if identifier is not None:
        return await rows.filter(id=identifier).first()
    return await rows.filter(slug=reference).first() if may_be_slug(reference) else None


async def existing(model: type[Versioned], slugs: Iterable[str]) -> frozenset[str]:
    """Those of `slugs` that exist."""
    asked = [slug for slug in slugs if may_be_slug(slug)]
    rows = await model.filter(slug__in=asked).values_list("slug", flat=True)
    return frozenset(str(slug) for slug in rows)
