"""Freezes an audience: the groups of readers with the same choice, and a row for each reader, by one statement.

The database makes the rows: 200,000 of them by the ORM took a minute, and all of them would pass through this process.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from infra.contracts.territory import Territory
from infra.db import Transaction
from infra.db.statements import all_bound, is_sqlite_client, placed
from services.newsletter.context import current
from services.newsletter.deliveries.domain import WAITING
from services.newsletter.deliveries.models import Delivery, Segment
from services.newsletter.directory import queries as directory
from services.newsletter.issues.content import chosen_for, has_news
from services.newsletter.issues.domain import Content
from services.newsletter.issues.models import Issue
from services.newsletter.subscribers.domain import ACTIVE, EVERY

# An id like those of `infra.ids.new_id` (RFC 9562, version 7) in SQLite's means: rows that follow one another in the
# index are written in half the time of random ones. PostgreSQL has more memory for its indexes.
_MILLISECONDS = "printf('%012x', strftime('%s', 'now') * 1000)"
_SQLITE_ID = f"""
    substr({_MILLISECONDS}, 1, 8) || '-' || substr({_MILLISECONDS}, 9) || printf('-7%03x-8%03x-%012x',
    row_number() OVER () >> 12, row_number() OVER () & 4095, abs(random() % 281474976710656))
"""
_PARTS = ("language", "districts", "topics", "frequency")
_CHOICE = " || '|' || ".join(f"CAST(s.{part} AS text)" for part in _PARTS)
_GROUPS = f"""
    SELECT {", ".join(f"CAST(s.{part} AS text) AS {part}" for part in _PARTS)}, {_CHOICE} AS choice FROM subscribers s
    WHERE s.status = ? AND (s.paused_until IS NULL OR s.paused_until <= ?) {{since}} GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 - the names are ours
# Materialized and as a cross join: SQLite would read the JSON of all groups again for every reader, or all readers
# again for every group. By one column, for which it makes an index.
_ROWS = f"""
    WITH g AS MATERIALIZED ({{groups}})
    INSERT INTO deliveries (id, status, attempts, next_at, reply_code, reply, message_id, created_at, changed_at,
        issue_id, subscriber_id, segment_id)
    SELECT {{id}}, ?, 0, ?{{time}}, 0, '', '<' || CAST(? AS text) || '.' || replace(CAST(s.id AS text), '-', '') ||
        '@' || CAST(? AS text) || '>', ?{{time}}, ?{{time}}, ?{{uuid}}, s.id, g.segment
    FROM subscribers s CROSS JOIN g WHERE g.choice = {_CHOICE}
    AND s.status = ? AND (s.paused_until IS NULL OR s.paused_until <= ?) {{since}}
    AND NOT EXISTS (SELECT 1 FROM suppressions p WHERE p.address_hash = s.address_hash)
    ON CONFLICT (issue_id, subscriber_id) DO NOTHING
"""  # noqa: S608 - the names are ours


@dataclass(frozen=True)
class _Dialect:
    """How the two databases name the same things; `groups` is one bound value: JSON of segments by choice."""

    id: str
    groups: str
    time: str = ""
    uuid: str = ""


_SQLITE = _Dialect(
    id=_SQLITE_ID, groups="SELECT CAST(key AS text) AS choice, CAST(value AS text) AS segment FROM json_each(?)"
)
_POSTGRESQL = _Dialect(
    id="gen_random_uuid()",
    groups="SELECT key AS choice, value::uuid AS segment FROM jsonb_each_text(?::jsonb)",
    time="::timestamptz",
    uuid="::uuid",
)


async def freeze_audience(
    tx: Transaction, issue: Issue, content: Content, now: datetime, since: datetime | None = None
) -> int:
    """Write a row for every confirmed subscriber whom the issue concerns, in groups that get the same mail.

    Who pauses gets nothing; who wants every issue gets one that holds nothing for their choice.
    With `since`, for those who confirmed from then on. Returns how many rows the issue has now.
    """
    connection = tx.connection
    dialect = _SQLITE if is_sqlite_client(connection) else _POSTGRESQL
    late = "" if since is None else "AND s.confirmed_at >= ?"
    border = [now.date()] if since is None else [now.date(), since]
    groups = _GROUPS.format(**asdict(dialect), since=late)
    choices = await connection.execute_query_dict(placed(connection, groups), all_bound(connection, ACTIVE, *border))
    grouped = await _segments(tx, issue, content, choices)
    statement = _ROWS.format(**asdict(dialect), since=late)
    frozen = (json.dumps(grouped), WAITING, now, issue.slug, current().mail_domain, now, now, issue.id, ACTIVE, *border)
    await connection.execute_query(placed(connection, statement), all_bound(connection, *frozen))
    return await Delivery.filter(issue_id=issue.id).using_db(connection).count()


def sent_at(issue: Issue) -> datetime | None:
    """When somebody sent an issue: since then its audience stands, also where an older version kept no Dispatch."""
    return datetime.fromisoformat(issue.people["sent"]["at"]) if "sent" in issue.people else None


async def _segments(tx: Transaction, issue: Issue, content: Content, choices: list[dict[str, Any]]) -> dict[str, str]:
    """The groups that the issue concerns: by choice, as it is stored, the id of the segment, made where new."""
    territory = await directory.territory()
    known = {
        segment.key: segment.id
        for segment in await Segment.filter(issue_id=issue.id).using_db(tx.connection).only("id", "key")
    }
    new: dict[str, Segment] = {}
    grouped: dict[str, str] = {}
    for choice in choices:
        segment = _segment(issue, content, territory, choice)
        if not _concerned(content, segment, choice["frequency"]):
            continue
        if segment.key not in known:
            new[segment.key] = segment
            known[segment.key] = segment.id
        grouped[choice["choice"]] = str(known[segment.key])
    await Segment.bulk_create(new.values(), batch_size=100, using_db=tx.connection)
    return grouped


def _segment(issue: Issue, content: Content, territory: Territory, choice: dict[str, Any]) -> Segment:
    """The group of a choice; the same for readers with the same one, in whatever order they made it."""
    districts, topics = sorted(json.loads(choice["districts"])), sorted(json.loads(choice["topics"]))
    key = json.dumps([choice["language"], districts, topics])
    return Segment(
        issue_id=issue.id,
        key=hashlib.sha256(key.encode()).hexdigest(),
        language=choice["language"],
        districts=districts,
        topics=topics,
        entries=chosen_for(content, territory, districts, topics),
    )


def _concerned(content: Content, segment: Segment, frequency: str) -> bool:
    return frequency == EVERY or current().settings.newsletter_empty or has_news(content, segment.entries)
