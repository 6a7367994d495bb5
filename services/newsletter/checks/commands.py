"""Asks the links of issues that did not go out yet, and keeps what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from infra.db import Transaction, transaction
from services.newsletter.checks.links import key_of, outward
from services.newsletter.checks.models import LinkState
from services.newsletter.checks.probe import Answer, Probe, State
from services.newsletter.context import current
from services.newsletter.issues.content import content_of
from services.newsletter.issues.domain import CANCELLED
from services.newsletter.issues.models import Issue
from services.newsletter.jobs import CHECK_LINKS, jobs

# What is well is asked again every day until the issue goes out; what is not, soon: somebody is mending it.
AGAIN_WHEN_ALIVE = timedelta(days=1)
AGAIN_WHEN_NOT = timedelta(minutes=10)
MOST_AT_A_TIME = 20  # two rounds of ten seconds at most, so that a worker which is to stop has little in hand
FORGET_AFTER = timedelta(days=30)


async def check_links(now: datetime) -> None:
    """Ask whatever is due of the links of all issues that did not go out yet, some at a time."""
    urls = await _due(now)
    if not urls:
        return
    answers = await Probe(f"Lotse-Linkcheck (+{current().base_url})").ask(urls[:MOST_AT_A_TIME])
    async with transaction("newsletter") as tx:
        await store(tx, answers, datetime.now(UTC))
        if len(urls) > MOST_AT_A_TIME:
            tx.after_commit(jobs.later(CHECK_LINKS))


async def store(tx: Transaction, answers: Mapping[str, Answer], now: datetime) -> None:
    """Keep what addresses answered, and forget those that nobody asked about for a month."""
    rows = [
        LinkState(key=key_of(url), url=url, state=answer.state.value, status=answer.status, checked_at=now)
        for url, answer in answers.items()
    ]
    await LinkState.bulk_create(
        rows, on_conflict=["key"], update_fields=["state", "status", "checked_at"], using_db=tx.connection
    )
    await LinkState.filter(checked_at__lt=now - FORGET_AFTER).using_db(tx.connection).delete()


async def _due(now: datetime) -> list[str]:
    wanted: dict[str, str] = {}
    for issue in await Issue.filter(published_on="").exclude(state=CANCELLED):
        says = await content_of(issue)
        wanted.update({key_of(link.url): link.url for link in outward(says, current().base_url)})
    known = {row.key: row for row in await LinkState.filter(key__in=list(wanted))}
    return [url for key, url in wanted.items() if key not in known or _is_due(known[key], now)]


def _is_due(row: LinkState, now: datetime) -> bool:
    return now - row.checked_at > (AGAIN_WHEN_ALIVE if row.state == State.ALIVE else AGAIN_WHEN_NOT)
