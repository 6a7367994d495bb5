"""Brings the articles that ship with Lotse into a new installation, with their pictures.

What is there already stays as editors have left it, also when they have changed or withdrawn it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from infra.db import Transaction, transaction
from infra.ids import content_id
from infra.outbox import record
from infra.web.identity import Identity
from services.newsletter.articles.commands import cleaned, insert
from services.newsletter.articles.domain import PUBLISHED, Draft
from services.newsletter.articles.events import article_published
from services.newsletter.articles.models import Article
from services.newsletter.articles.queries import draft_of
from services.newsletter.pictures.commands import add
from services.newsletter.pictures.domain import Words
from services.newsletter.pictures.encoding import Encoded, encode
from services.newsletter.signatures import signature
from services.newsletter.texts import Local

FILE = "articles.json"
PLATFORM = Identity(name="Lotse")


class PictureRow(msgspec.Struct):
    """A picture of the content: its file in the folder `pictures`, and what is said of it."""

    file: str
    alt: Local
    credit: str
    licence: str = ""
    licence_url: str = ""


class Content(msgspec.Struct):
    """What ships. Articles are drafts whose pictures are named by their files."""

    pictures: list[PictureRow]
    articles: list[dict[str, Any]]


async def import_articles(directory: Path) -> int:
    """Publish the articles of `directory` that are not there yet; returns how many. Again without effect."""
    content = await asyncio.to_thread(_read, directory)
    drafts = {_id_of(draft): draft for draft in (cleaned(msgspec.convert(row, Draft)) for row in content.articles)}
    known = set(await Article.filter(id__in=list(drafts)).values_list("id", flat=True))
    missing = {identifier: draft for identifier, draft in drafts.items() if identifier not in known}
    wanted = {name for draft in missing.values() for name in draft.pictures}
    encoded = {
        row.file: (await encode(await asyncio.to_thread((directory / "pictures" / row.file).read_bytes)), row)
        for row in content.pictures
        if row.file in wanted
    }
    async with transaction("newsletter") as tx:
        hashes = {name: await _add(tx, *held) for name, held in encoded.items()}
        for identifier, draft in missing.items():
            await _publish(tx, identifier, replace(draft, pictures=[hashes[name] for name in draft.pictures]))
    return len(missing)


def _read(directory: Path) -> Content:
    return msgspec.json.decode((directory / FILE).read_bytes(), type=Content)


def _id_of(draft: Draft) -> UUID:
    return content_id("article", draft.slug)


async def _add(tx: Transaction, encoded: Encoded, row: PictureRow) -> str:
    picture, _new = await add(tx, PLATFORM, encoded, Words(row.alt, row.credit, row.licence, row.licence_url))
    return picture.hash


async def _publish(tx: Transaction, identifier: UUID, draft: Draft) -> None:
    now = datetime.now(UTC)
    people = {"created": signature(PLATFORM), "published": signature(PLATFORM)}
    row = Article(id=identifier, state=PUBLISHED, published_at=now, people=people)
    await insert(tx, row, replace(draft, published_on=draft.published_on or now.date().isoformat()))
    await record(tx, article_published(row, draft_of(row)))
