"""Fills a new installation: the content bundle always, in demo mode people and their stories. Idempotent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from infra.db import transaction
from infra.ids import content_id
from infra.settings import Settings
from infra.web.identity import Identity
from services.contacts.accounts.commands import create_account
from services.contacts.accounts.models import Account
from services.contacts.accounts.passwords import hashed
from services.contacts.demo.people import COORDINATION, PASSWORD, PEOPLE, Person
from services.contacts.demo.stories import contact_points, offers
from services.contacts.directory.commands import add_contact_point
from services.contacts.directory.models import ContactPoint
from services.contacts.intake.importer import import_bundle
from services.contacts.offers.commands import create, publish
from services.contacts.offers.models import Offer

CONTENT = Path(__file__).resolve().parent.parent / "content"


async def seed(settings: Settings) -> None:
    """Bring in the shipped content and, in demo mode, accounts and stories."""
    await fill(CONTENT)
    if settings.demo:
        await _seed_people()
        await _seed_stories()


async def fill(content: Path) -> None:
    """Bring in a bundle that has to be right. Raises RuntimeError with the rows that are not."""
    report = await import_bundle(content, dry_run=False)
    if report.errors:
        raise RuntimeError("; ".join(f"{error.file}:{error.line} {error.message}" for error in report.errors))


async def _seed_people() -> None:
    for person in PEOPLE:
        if not await Account.exists(id=content_id("account", person.email)):
            await _add(person)


async def _add(person: Person) -> None:
    password_hash = await hashed(PASSWORD)
    async with transaction("contacts") as tx:
        await create_account(
            tx,
            email=person.email,
            name=person.name,
            password_hash=password_hash,
            roles=person.roles,
            networks=person.networks,
            account_id=content_id("account", person.email),
            confirmed=True,
        )


async def _seed_stories() -> None:
    """The coordinator's entries, each in a transaction of its own, as if entered one after the other."""
    identity = Identity(
        str(content_id("account", COORDINATION.email)),
        COORDINATION.name,
        frozenset(COORDINATION.roles),
        frozenset(COORDINATION.networks),
    )
    today = datetime.now(UTC).date()
    points: dict[str, str] = {}
    for key, draft in contact_points(today).items():
        point = await ContactPoint.get_or_none(id=content_id("contact_point", f"demo-{key}"))
        if point is None:
            async with transaction("contacts") as tx:
                point = await add_contact_point(tx, identity, draft, content_id("contact_point", f"demo-{key}"))
        points[key] = point.slug
    for story in offers(today, points):
        offer_id = content_id("offer", f"demo-{story.key}")
        if await Offer.exists(id=offer_id):
            continue
        async with transaction("contacts") as tx:
            row = await create(tx, identity, story.draft, offer_id)
            if story.publish:
                await publish(tx, identity, row.slug)
