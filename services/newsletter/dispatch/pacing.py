"""Keeps the rates of a server and of recipients' domains: what is too much now gets a turn of its own later."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from infra.db import transaction
from infra.mail import InvalidMail, domain_of
from infra.mail.servers import Server
from services.newsletter.context import current
from services.newsletter.dispatch.domain import Claim
from services.newsletter.jobs import SERVICE

# The last turn that was given for each domain: thousands that wait for one are spread over hours at once, instead of
# all coming back with the next minute.
_turns: dict[str, datetime] = {}


async def held_back(server: Server, claims: Sequence[Claim], now: datetime) -> dict[UUID, datetime]:
    """Which of the claims must not go over `server` now, and when they may."""
    limits = current().limits
    if not limits.concern(server):
        return {}
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        if domain := _domain(claim):
            groups.setdefault(domain, []).append(claim)
    async with transaction(SERVICE) as tx:
        wanted = {domain: len(group) for domain, group in groups.items()}
        granted = await limits.take(tx, server, wanted, now, bulk=True)
    held: dict[UUID, datetime] = {}
    for domain, group in groups.items():
        if rest := group[granted[domain] :]:
            free, pace = await limits.free_at(server, domain)
            for claim in rest:
                _turns[domain] = max(free, now, _turns.get(domain, now)) + timedelta(seconds=pace)
                held[claim.id] = _turns[domain]
    return held


def _domain(claim: Claim) -> str:
    """The domain of an address; "" for one that is none, which is found out when its mail is made."""
    with suppress(InvalidMail):
        return domain_of(claim.address) if claim.address else ""
    return ""
