"""Finding entries: one by what an address may hold (slug or id), or which of some slugs exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from infra.errors import NotFound
from services.contacts.entry import Versioned
from services.contacts.known import MAX_SLUG

V = TypeVar("V", bound=Versioned)


def as_id(reference: str) -> UUID | None:
    """`reference` as an id, or None when it does not look like one."""
    try:
        return UUID(reference)
    except ValueError:
        return None


async def find(model: type[V], reference: str) -> V:
    """The entry with this slug or id. Raises NotFound."""
    identifier = as_id(reference)
    row = await (model.get_or_none(slug=reference) if identifier is None else model.get_or_none(id=identifier))
    if row is None:
        raise NotFound
    return row


async def existing(model: type[Versioned], slugs: Iterable[str]) -> frozenset[str]:
    """Those of `slugs` that exist. Longer ones than any slug can be are not even asked for."""
    asked = [slug for slug in slugs if len(slug) <= MAX_SLUG]
    rows = await model.filter(slug__in=asked).values_list("slug", flat=True)
    return frozenset(str(slug) for slug in rows)
