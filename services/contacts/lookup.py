"""Finding one entry by what an address may hold: its slug or its id."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from infra.errors import NotFound
from services.contacts.entry import Versioned

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
