"""Reading regions: the tree behind the place rule."""

from __future__ import annotations

from infra.contracts.territory import Territory
from infra.errors import FieldError, Invalid, Text
from services.contacts.places.models import Region


async def territory() -> Territory:
    """The tree of all regions, in one statement."""
    return Territory(dict(await Region.all().values_list("slug", "parent")))


async def territory_with(field: str, slug: str) -> Territory:
    """The tree, sure to contain `slug`. Raises Invalid at `field` when it does not."""
    tree = await territory()
    if slug not in tree:
        text = Text(f"Die Region „{slug[:60]}“ gibt es nicht.", f"There is no region “{slug[:60]}”.")
        raise Invalid(fields=[FieldError(field, text)])
    return tree
