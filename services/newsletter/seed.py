"""Fills a new installation: the first issue, articles, and in demo mode people who read the newsletter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.db import Transaction, transaction
from infra.ids import content_id
from infra.settings import Settings
from services.newsletter.articles.importing import import_articles
from services.newsletter.importing import import_issues
from services.newsletter.subscribers.domain import ACTIVE, ASKED, CONFIRMED
from services.newsletter.subscribers.ledger import write_ledger
from services.newsletter.subscribers.models import Subscriber, Suppression
from services.newsletter.subscribers.queries import hash_of

CONTENT = Path(__file__).parent / "content"
HARZ, MAGDEBURG, HALLE = "landkreis-harz", "stadt-magdeburg", "stadt-halle-saale"

# address, language, districts, topics
READERS: tuple[tuple[str, str, list[str], list[str]], ...] = (
    ("beratung.harz@example.org", "de", [HARZ, MAGDEBURG], []),
    ("anerkennung.magdeburg@example.org", "de", [MAGDEBURG], ["anerkennung", "qualifizierung"]),
    ("jobcenter.halle@example.org", "de", [HALLE], []),
    ("sprachkurse.halle@example.org", "de", [HALLE], ["sprachfoerderung"]),
    ("welcome.office@example.org", "en", [MAGDEBURG], []),
    ("volunteers.harz@example.org", "en", [HARZ], ["ehrenamt", "sprachfoerderung"]),
    ("betrieb.handwerk@example.org", "de", ["salzlandkreis"], ["handwerk", "ausbildung"]),
    ("pflege.stendal@example.org", "de", ["landkreis-stendal"], ["pflege-gesundheit"]),
    ("netzwerk.sachsen@example.org", "de", ["sachsen"], []),
    ("land.sachsen-anhalt@example.org", "de", ["sachsen-anhalt"], []),
    ("bundesweit@example.org", "de", [], []),
    ("everything@example.org", "en", [], []),
)


async def seed(settings: Settings) -> None:
    """Import the first issue and articles; in demo mode add the demo readers. Running it again changes nothing."""
    await import_issues(CONTENT, dry_run=False)
    await import_articles(CONTENT)
    if settings.demo:
        async with transaction("newsletter") as tx:
            for address, language, districts, topics in READERS:
                await _reader(tx, address, language, districts, topics)


async def _reader(tx: Transaction, address: str, language: str, districts: list[str], topics: list[str]) -> None:
    """Add a confirmed reader with the lines of the ledger, unless the address is known or has been taken off."""
    hashed = hash_of(address)
    known = await Subscriber.filter(address_hash=hashed).using_db(tx.connection).exists()
    gone = await Suppression.filter(address_hash=hashed).using_db(tx.connection).exists()
    if known or gone:
        return
    confirmed = datetime.now(UTC) - timedelta(days=30)
    asked = confirmed - timedelta(hours=2)
    reader = await Subscriber.create(
        id=content_id("subscriber", address),
        address=address,
        address_hash=hashed,
        status=ACTIVE,
        language=language,
        districts=districts,
        topics=topics,
        asked_at=asked,
        confirmed_at=confirmed,
        using_db=tx.connection,
    )
    await write_ledger(tx, reader, ASKED, "demo", at=asked)
    await write_ledger(tx, reader, CONFIRMED, "demo", at=confirmed)
