"""Reading saved searches: only their owner sees them, and for anybody else they do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec
from tortoise.queryset import QuerySet

from infra.errors import NotFound, Unavailable
from infra.ids import as_id
from infra.web.identity import Identity
from services.search import running
from services.search.models import SavedSearch as Row
from services.search.queries import numbers
from services.search.saved.domain import MOST_OF_ACCOUNT, NEWEST, account
from services.search.saved.evaluation import Evaluation, Match, criteria_of, evaluation
from services.search.saved.schemas import Frequency, SavedSearch, SavedSearchList


def owned(identity: Identity) -> QuerySet[Row]:
    """The searches that a person has saved. Raises Unauthenticated for a visitor."""
    identity.require_account()
    return Row.filter(recipient=account(identity.account))


async def one_owned(identity: Identity, identifier: str) -> Row:
    """One of them. Raises Unauthenticated, or NotFound when there is none of theirs with this id."""
    rows, key = owned(identity), as_id(identifier)
    found = await rows.get_or_none(id=key) if key else None
    if found is None:
        raise NotFound
    return found


async def view_of(row: Row) -> SavedSearch:
    """One saved search as its owner sees it."""
    return (await views([row]))[0]


async def overview(identity: Identity) -> SavedSearchList:
    """All saved searches of a person, the newest first."""
    rows = await owned(identity).order_by("-id").limit(MOST_OF_ACCOUNT)
    return SavedSearchList(items=await views(rows), most=MOST_OF_ACCOUNT)


async def views(rows: Sequence[Row]) -> list[SavedSearch]:
    """Rows as their owner sees them, each with the count of what is new to them."""
    if not rows:
        return []
    mark = min((await numbers()).last_change, running.current().engine.position)
    new = await evaluation(min(row.looked_up_to for row in rows), mark, NEWEST)
    return [_view(row, mark, await _new(new, row)) for row in rows]


async def _new(new: Evaluation, row: Row) -> Match | None:
    """What is new in one; None when it cannot be told, for this one or one before: nobody waits for each in turn."""
    if new.unanswered:
        return None
    try:
        return await new.match(row, row.looked_up_to)
    except Unavailable:
        return None


def _view(row: Row, mark: int, new: Match | None) -> SavedSearch:
    return SavedSearch(
        **msgspec.structs.asdict(criteria_of(row)),
        id=row.id,
        name=row.name,
        frequency=cast(Frequency, row.frequency),
        created_at=row.created_at,
        looked_at=row.looked_at,
        next_at=row.next_at,
        new=new.total if new else None,
        new_ids=list(new.ids) if new else [],
        mark=mark,
    )
