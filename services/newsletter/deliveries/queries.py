"""Reads the accounts of a dispatch."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tortoise.functions import Count

from services.newsletter.deliveries.domain import FAILED, OPEN, SENT, SUPPRESSED, UNCERTAIN
from services.newsletter.deliveries.models import Delivery
from services.newsletter.deliveries.schemas import Counts


async def counts_of(issue_id: UUID) -> Counts:
    """The accounts of an issue, from the rows of its recipients."""
    rows = await Delivery.filter(issue_id=issue_id).annotate(n=Count("id")).group_by("status").values("status", "n")
    return accounts({row["status"]: int(row["n"]) for row in rows})


def accounts(by_status: Mapping[str, int]) -> Counts:
    """The accounts for numbers of rows by status."""
    return Counts(
        audience=sum(by_status.values()),
        waiting=sum(by_status.get(status, 0) for status in OPEN),
        sent=by_status.get(SENT, 0),
        failed=by_status.get(FAILED, 0),
        suppressed=by_status.get(SUPPRESSED, 0),
        uncertain=by_status.get(UNCERTAIN, 0),
    )
