"""An issue in a process of its own, which does what a worker does and nothing else.

`python -m bench.mailing fill KIND FOLDER PREFIX READERS` makes readers of 15 districts and three languages and an
approved issue of 35-kB mails; `… send KIND FOLDER PREFIX URL` freezes and sends it, `work` goes on with it, `again`
sends what is uncertain once more; `… bare URL MAILS` sends one and the same mail as often, by the same connections and
with nothing around them. What was measured is one line of JSON.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from infra.contracts.contacts import RegionPublished
from infra.db import transaction
from infra.ids import new_id
from infra.mail import Mail, Outcome, Result, build
from infra.mail.pipelining import Parcel, SmtpCarrier
from infra.mail.servers import ServerPool, parse_urls
from services.newsletter.deliveries.queries import counts_of
from services.newsletter.issues.domain import SENT
from services.newsletter.issues.models import Issue
from services.newsletter.service import service
from services.newsletter.subscribers.models import Subscriber
from tests.kit import Database, Running, hosting
from tests.services.newsletter.desk import ANNA, BERTA, Desk

DISTRICTS = [f"kreis-{number:02}" for number in range(1, 16)]
LANGUAGES = ("de", "en", "pl")  # a third one, set in German
MAIL_BYTES = 35_000
SLUG = "2026-q4"
STEPS: dict[str, tuple[str, Any]] = {"send": ("send", None), "again": ("resend", {"status": "uncertain"})}
_SENTENCE = "Die Netzwerke beraten Betriebe und Fachkräfte vor Ort, kostenfrei und in mehreren Sprachen. "
_FILLED_AT_ONCE = 5_000


class Measured(msgspec.Struct):
    """Seconds of the wall and of this process's processor; megabytes at the peak; what became of the mails."""

    mails: int
    seconds: float
    processor: float
    freeze_seconds: float = 0.0
    peak: float = 0.0
    mail_bytes: int = 0
    counts: dict[str, int] = {}


async def fill(database: Database, readers: int) -> Measured:
    """Readers and an approved issue."""
    await database.prepare([service])
    started = time.perf_counter()
    async with hosting([service], database) as kit:
        await _territory(kit)
        await _readers(readers)
        size = await _issue(Desk(kit))
    return Measured(readers, time.perf_counter() - started, time.process_time(), mail_bytes=size)


async def _territory(kit: Running) -> None:
    await kit.deliver("newsletter", _region("land", "land", ""))
    for slug in DISTRICTS:
        await kit.deliver("newsletter", _region(slug, "landkreis", "land"))


def _region(slug: str, kind: str, parent: str) -> RegionPublished:
    return RegionPublished(id=slug, version=1, slug=slug, name=slug, name_full=slug, kind=kind, parent=parent)


async def _readers(number: int) -> None:
    now = datetime.now(UTC)
    for start in range(0, number, _FILLED_AT_ONCE):
        rows = [_reader(each, now) for each in range(start, min(start + _FILLED_AT_ONCE, number))]
        async with transaction("newsletter") as tx:
            await Subscriber.bulk_create(rows, 500, using_db=tx.connection)


def _reader(number: int, now: datetime) -> Subscriber:
    return Subscriber(
        id=new_id(),
        address=f"reader{number}@bench{number % 40}.example.org",
        address_hash=f"{number:064}",
        status="active",
        language=LANGUAGES[number % len(LANGUAGES)],
        districts=[DISTRICTS[number // len(LANGUAGES) % len(DISTRICTS)]],
        topics=[],
        asked_at=now,
        confirmed_at=now,
    )


async def _issue(desk: Desk) -> int:
    """An approved issue whose mails have about 35 kB on the wire; the bytes of one before its headers of a list."""
    issue = await desk.draft()
    paragraphs = 16
    text = "\n\n".join(_SENTENCE * 9 for _ in range(paragraphs))
    section = {"kind": "editorial", "text": {"de": text, "en": text}}
    answer = await desk.change(issue, {"sections": [section]})
    assert answer.status == 200, answer.content
    shown = (await desk.get(f"/issues/{issue['slug']}/preview", identity=ANNA)).json()
    approved = await desk.post(f"/issues/{issue['slug']}/approve", identity=BERTA)
    assert approved.status == 200, approved.content
    sample = Mail(
        sender="a@example.org",
        recipient="b@example.org",
        message_id="<1@example.org>",
        subject=shown["subject"],
        text=shown["text"],
        html=shown["html"],
    )
    return len(build(sample).as_bytes())


async def send(database: Database, url: str, step: str) -> Measured:
    """Freeze the audience (`step` send) and send, turn after turn, as the jobs do; without a `url` only freeze.

    `work` goes on with an issue that is on its way, `again` sends once more what is uncertain.
    """
    async with hosting([service], database, smtp_url=url or "smtp://127.0.0.1:9") as kit:
        started = time.perf_counter()
        if step in STEPS:
            path, body = STEPS[step]
            answer = await kit.post("newsletter", f"/issues/{SLUG}/{path}", body, identity=ANNA)
            assert answer.status == 202, answer.content
        frozen = time.perf_counter() - started
        issue = await Issue.get(slug=SLUG)
        started, processor = time.perf_counter(), time.process_time()
        if url:
            await _work(issue)
        seconds, processor = time.perf_counter() - started, time.process_time() - processor
        counts = await counts_of(issue.id)
    return Measured(
        mails=counts.audience,
        seconds=seconds,
        processor=processor,
        freeze_seconds=frozen,
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1_000_000,
        counts=msgspec.to_builtins(counts),
    )


async def _work(issue: Issue) -> None:
    await service.jobs.run("find_due")
    while (await Issue.get(id=issue.id)).state != SENT:
        await service.jobs.run("send_batch", str(issue.id))


class Bare:
    """An errand that gives the same mail so many times and forgets what becomes of it."""

    def __init__(self, mails: int) -> None:
        body = (_SENTENCE.encode("ascii", "replace").strip() + b"\r\n") * (MAIL_BYTES // len(_SENTENCE))
        self._parcel = Parcel(new_id(), "a@example.org", "b@example.org", b"Subject: bare\r\n\r\n" + body)
        self._open = mails

    def left(self) -> bool:
        """See Errand."""
        return self._open > 0

    def next(self) -> Parcel | None:
        """See Errand."""
        self._open -= 1
        return self._parcel if self._open >= 0 else None

    async def more(self) -> bool:
        """See Errand."""
        return self.left()

    def begun(self, parcel: Parcel) -> None:
        """See Errand."""

    def done(self, _parcel: Parcel, outcome: Outcome) -> None:
        """See Errand."""
        assert outcome.result is Result.ACCEPTED, outcome

    def unsure(self, _parcel: Parcel, reason: str) -> None:
        """See Errand."""
        raise AssertionError(reason)

    def back(self, parcel: Parcel) -> None:
        """See Errand."""


async def bare(url: str, mails: int) -> Measured:
    """What the connections alone take."""
    pool = ServerPool(parse_urls(url))
    started, processor = time.perf_counter(), time.process_time()
    assert await SmtpCarrier(pool.servers[0], pool).carry(Bare(mails), mails) is None
    return Measured(mails, time.perf_counter() - started, time.process_time() - processor)


async def main(what: str, *arguments: str) -> Measured:
    """See above."""
    if what == "bare":
        return await bare(arguments[0], int(arguments[1]))
    kind, folder, prefix, last = arguments
    database = Database(kind, Path(folder), prefix)
    return await (fill(database, int(last)) if what == "fill" else send(database, last, what))


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(main(*sys.argv[1:]))))
