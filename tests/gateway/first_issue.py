"""The first issue of the newsletter in a world of its own: composed from the shipped content, approved by a second
person, sent to readers of all districts, and every mail of it read as a mail program and as the checks do.

    python -m tests.gateway.first_issue --readers 1000 FOLDER

fills FOLDER with the data of such a world (its mails lie in FOLDER/mailbox) and prints what came of it.
"""

from __future__ import annotations

import argparse
import asyncio
import email
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path
from typing import Any

from infra.db import transaction
from infra.ids import content_id
from infra.mail import mailbox
from services.newsletter.checks import accessibility, messages
from services.newsletter.directory.models import Region
from services.newsletter.seed import CONTENT
from services.newsletter.service import service as newsletter
from services.newsletter.subscribers.domain import ACTIVE, ASKED, CONFIRMED
from services.newsletter.subscribers.ledger import write_ledger
from services.newsletter.subscribers.models import Subscriber
from services.newsletter.subscribers.queries import hash_of
from tests.gateway.api_client import Program, program_of
from tests.gateway.world import EDITOR, SECOND_EDITOR, World, fill, world_of
from tests.infra.mail.reading import body

SLUG = "2026-q4"
DISTRICTS = ("landkreis", "kreisfreie-stadt", "kreis", "stadtkreis")
TOPICS = ("", "anerkennung", "sprachfoerderung")
STORY = {
    "kind": "success-story",
    "title": {"de": "Vom Praktikum in die Werkstatt", "en": "From an internship to the workshop"},
    "summary": {
        "de": "Ein Betrieb im Harz hat im Praktikum seinen neuen Gesellen gefunden.",
        "en": "A company in the Harz found its new journeyman during an internship.",
    },
    "text": {
        "de": "Drei Wochen Praktikum, ein Sprachkurs am Abend und eine Meisterin, die sich Zeit nahm.",
        "en": "Three weeks of internship, a language course in the evening and a master who took her time.",
    },
}


@dataclass(frozen=True)
class Outcome:
    """What came of an issue: its report, what the checks found by kind and place, and how large its mails are."""

    report: dict[str, Any]
    faults: dict[str, int]
    largest: int
    languages: dict[str, int]


def sections() -> list[dict[str, Any]]:
    """The sections of the first issue as the shared content has them, in both languages."""
    german = json.loads((CONTENT / "newsletter_issue_1.json").read_text())["sections"]
    english = json.loads((CONTENT / "newsletter_issue_1.en.json").read_text())["sections"]
    both = {
        part["kind"]: {
            "title": {"de": part["title"], "en": english[part["id"]]["title"]},
            "text": {"de": part["summary"], "en": english[part["id"]]["summary"]},
        }
        for part in german
    }
    return [
        {
            "kind": "editorial",
            "text": both["editorial"]["text"],
            "items": [both[kind] for kind in ("portal-news", "masthead", "preview", "press-links")],
        },
        {"kind": "figure-of-the-quarter", "items": [both["figure-of-the-quarter"]]},
        {"kind": "legislation", "items": [both["legislation"]]},
        {"kind": "about", "text": both["about"]["text"]},
    ]


async def compose(editor: Program) -> dict[str, Any]:
    """Publish an article, begin the issue of the quarter, and write the first issue into it."""
    story = await editor.post("/articles", STORY)
    assert story.status_code == 201, story.text
    published = await editor.post(f"/articles/{story.json()['slug']}/publish")
    assert published.status_code == 200, published.text
    begun = await editor.post("/issues", {"quarter": SLUG.upper()})
    assert begun.status_code == 201, begun.text
    change = {
        "title": {"de": "Willkommen zur ersten Ausgabe", "en": "Welcome to the first issue"},
        "focus": {"de": "Wege in das Handwerk", "en": "Ways into the crafts"},
        "sections": sections(),
    }
    changed = await editor.patch(f"/issues/{SLUG}", change, begun.headers["etag"])
    assert changed.status_code == 200, changed.text
    return dict(changed.json())


async def add_readers(number: int) -> None:
    """So many confirmed readers, spread over all districts, three choices of topics and both languages."""
    districts = sorted(await Region.filter(kind__in=DISTRICTS).values_list("slug", flat=True))
    assert districts
    confirmed = datetime.now(UTC) - timedelta(days=30)
    readers = []
    for place in range(number):
        address, topic = f"person{place:04d}@example.org", TOPICS[place % len(TOPICS)]
        reader = Subscriber(
            id=content_id("subscriber", address),
            address=address,
            address_hash=hash_of(address),
            status=ACTIVE,
            language="en" if place % 4 == 3 else "de",
            districts=[districts[place % len(districts)]],
            topics=[topic] if topic else [],
            asked_at=confirmed - timedelta(hours=2),
            confirmed_at=confirmed,
        )
        readers.append(reader)
    async with transaction("newsletter") as tx:
        await Subscriber.bulk_create(readers, batch_size=200, using_db=tx.connection)
        for reader in readers:
            await write_ledger(tx, reader, ASKED, "demo", at=reader.asked_at)
            await write_ledger(tx, reader, CONFIRMED, "demo", at=confirmed)


async def send(editor: Program, second: Program) -> dict[str, Any]:
    """Submit, let a second person approve, send, and work until the issue is closed; returns its report."""
    assert (await editor.post(f"/issues/{SLUG}/submit")).status_code == 200
    own = await editor.post(f"/issues/{SLUG}/approve")
    assert own.status_code == 403, "nobody approves their own issue"
    approved = await second.post(f"/issues/{SLUG}/approve")
    assert approved.status_code == 200, approved.text
    started = await second.post(f"/issues/{SLUG}/send")
    assert started.status_code == 202, started.text
    issue = started.json()
    deadline = time.monotonic() + 300
    while issue["state"] != "sent" and time.monotonic() < deadline:
        await newsletter.jobs.run("send_batch", issue["id"])
        issue = (await second.get(f"/issues/{SLUG}")).json()
    report = await second.get(f"/issues/{SLUG}/deliveries", params={"limit": 1})
    return dict(report.json()["counts"])


def lint(world: World) -> Outcome:
    """Read every mail of the local mailbox and let the checks look at it."""
    faults: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    largest = 0
    for path in sorted(mailbox(world.kit.settings).folder.glob("*.eml")):
        content = path.read_bytes()
        message = email.message_from_bytes(content, policy=policy.default)
        if message["List-Id"] is None:
            continue
        language, html = str(message["Content-Language"]), body(message, "html")
        languages[language] += 1
        largest = max(largest, len(html.encode()))
        found = [*accessibility.check(html, language), *messages.check(content)]
        errors = [finding for finding in found if finding.severity == "error" and finding.kind != "installation"]
        faults.update(f"{finding.kind} {finding.place}: {finding.text.en}" for finding in errors)
    return Outcome({}, dict(faults), largest, dict(languages))


async def first_issue(world: World, readers: int) -> Outcome:
    """All of it: compose, add readers, send, read. `readers` come on top of the demo's own."""
    api = program_of(world)
    async with api.http:
        editor, second = await api.signed_in(EDITOR), await api.signed_in(SECOND_EDITOR)
        await compose(editor)
        await add_readers(readers)
        report = await send(editor, second)
    read = await asyncio.to_thread(lint, world)
    return Outcome(report, read.faults, read.largest, read.languages)


async def _main(folder: Path, readers: int) -> int:
    template, data = folder / "template", folder / "data"
    for path in (template, data):
        path.mkdir(parents=True)
    await fill(template)
    async with world_of(template, data) as world:
        begun, used = time.monotonic(), time.process_time()
        outcome = await first_issue(world, readers)
        seconds, processor = time.monotonic() - begun, time.process_time() - used
        held = len(list(mailbox(world.kit.settings).folder.glob("*.eml")))
    lines = {
        "report": outcome.report,
        "mails by language": outcome.languages,
        "largest HTML part (bytes)": outcome.largest,
        "faults": outcome.faults,
        "mails in the mailbox": held,
        "seconds, and of the processor": f"{seconds:.1f}, {processor:.1f}",
    }
    for name, value in lines.items():
        sys.stdout.write(f"{name}: {value}\n")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder that does not exist yet")
    parser.add_argument("--readers", type=int, default=1000)
    given = parser.parse_args()
    sys.exit(asyncio.run(_main(given.folder, given.readers)))
