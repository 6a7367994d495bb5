"""`dead-letters list|retry`: what no handler could finish, shown and handled again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from infra.inbox import dead_letters
from infra.runtime.service import Service

SHOWN = 100


async def show_letters(services: Sequence[Service], say: Callable[[str], None]) -> int:
    """Say which dead letters wait, the oldest first; returns the exit code."""
    found = 0
    for service in services:
        waiting = await dead_letters.show(service.name)
        found += waiting
        for row in await dead_letters.listing(service.name, limit=SHOWN):
            say(f"{row.id}  {service.name}.{row.handler}  {row.type}")
            reason = row.error.strip().splitlines()[-1]
            say(f"    {row.created_at:%Y-%m-%d %H:%M} UTC, {row.attempts} attempts: {reason}")
        if waiting > SHOWN:
            say(f"… and {waiting - SHOWN} more in {service.name}")
    if not found:
        say("No dead letters.")
    return 0


async def retry_letters(services: Sequence[Service], wanted: str, say: Callable[[str], None]) -> int:
    """Have one dead letter (its id) or "all" handled again; returns 1 when one failed again or there is none."""
    ids = None if wanted == "all" else _ids(wanted)
    resolved = failed = 0
    for service in services:
        report = await dead_letters.retry(service.name, service.handlers, ids)
        resolved, failed = resolved + report.resolved, failed + report.failed
    if ids is not None and not resolved + failed:
        say(f"No dead letter with the id {wanted} waits. See: python -m infra.runtime dead-letters list")
        return 1
    say(f"{resolved} handled, {failed} failed again")
    return 1 if failed else 0


def _ids(text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        return []
