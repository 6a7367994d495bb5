"""Changing the library: take a picture in, say something else of it, delete it, and note who shows it.

Who shows or deletes a picture locks its row first, so that none is deleted while somebody puts it into an article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from tortoise.expressions import Q

from infra.db import Transaction
from infra.errors import Conflict, FieldError, Invalid, NotFound, Stale, Text
from infra.web.identity import Identity
from services.newsletter.pictures.domain import Words, check_words, is_hash
from services.newsletter.pictures.encoding import Encoded
from services.newsletter.pictures.models import Picture, PictureFile, PictureUse
from services.newsletter.pictures.schemas import PictureChange
from services.newsletter.signatures import signature
from services.newsletter.texts import Local


@dataclass(frozen=True)
class User:
    """What shows pictures: its kind (article, issue) and id, and by which title and slug editors know it."""

    kind: str
    id: UUID
    title: str
    slug: str


async def add(tx: Transaction, identity: Identity, encoded: Encoded, words: Words) -> tuple[Picture, bool]:
    """Take a picture in; returns it and whether it is new. One that is there already stays as it is."""
    known = Q(hash=encoded.hash) | Q(source_hash=encoded.source_hash)
    row = await Picture.filter(known).using_db(tx.connection).first()
    if row is not None:
        return row, False
    row = Picture(
        hash=encoded.hash,
        source_hash=encoded.source_hash,
        width=encoded.width,
        height=encoded.height,
        size=len(encoded.content),
        uploaded=signature(identity),
        **_columns(words),
    )
    file = PictureFile(hash=encoded.hash, content=encoded.content)
    # Two editors may upload the same picture at the same moment: the second finds the first one's.
    await Picture.bulk_create([row], ignore_conflicts=True, using_db=tx.connection)
    await PictureFile.bulk_create([file], ignore_conflicts=True, using_db=tx.connection)
    stored = await Picture.get(hash=encoded.hash, using_db=tx.connection)
    return stored, stored.uploaded == row.uploaded


async def change(tx: Transaction, name: str, version: int, request: PictureChange) -> Picture:
    """Say something else of a picture that was read in `version`. Raises NotFound, Stale, Invalid."""
    row = await _locked(tx, name)
    if row.version != version:
        raise Stale
    given: dict[str, Any] = {
        field: value for field in request.__struct_fields__ if (value := getattr(request, field)) is not UNSET
    }
    if "alt" in given:
        given["alt"] = Local(given["alt"].de, given["alt"].en)
    before = Words(Local(row.alt["de"], row.alt["en"]), row.credit, row.licence, row.licence_url)
    words = cleaned(replace(before, **given))
    check_words(words)
    row.update_from_dict(_columns(words))
    row.version += 1
    await row.save(using_db=tx.connection)
    return row


async def delete(tx: Transaction, name: str) -> None:
    """Delete a picture that nobody shows. Raises NotFound, Conflict (with where it is shown)."""
    row = await _locked(tx, name)
    uses = await PictureUse.filter(picture=name).using_db(tx.connection).order_by("title", "id").limit(20)
    if uses:
        titles = ", ".join(f"„{use.title}“" for use in uses)
        english = ", ".join(f"“{use.title}”" for use in uses)
        raise Conflict(
            Text(
                f"Dieses Bild wird noch gezeigt: {titles}. Bitte nehmen Sie es dort zuerst heraus.",
                f"This picture is still shown: {english}. Please take it out there first.",
            )
        )
    await PictureFile.filter(hash=name).using_db(tx.connection).delete()
    await row.delete(using_db=tx.connection)


async def show(tx: Transaction, user: User, hashes: Sequence[str], field: str = "pictures") -> None:
    """Note that `user` shows these pictures and no others. Raises Invalid at `field` for one that does not exist."""
    names = sorted(set(hashes))
    there = (
        await Picture.filter(hash__in=[name for name in names if is_hash(name)])
        .using_db(tx.connection)
        .order_by("hash")
        .select_for_update()
    )
    if len(there) < len(names):
        raise Invalid(fields=[FieldError(field, _GONE)])
    await PictureUse.filter(kind=user.kind, used_by=user.id).using_db(tx.connection).delete()
    uses = [
        PictureUse(picture=name, kind=user.kind, used_by=user.id, title=user.title, slug=user.slug) for name in names
    ]
    await PictureUse.bulk_create(uses, using_db=tx.connection)


async def _locked(tx: Transaction, name: str) -> Picture:
    found = Picture.filter(hash=name).using_db(tx.connection).select_for_update() if is_hash(name) else None
    row = await found.first() if found is not None else None
    if row is None:
        raise NotFound
    return row


def cleaned(words: Words) -> Words:
    """Without white space around the texts."""
    alt = Local(words.alt.de.strip(), words.alt.en.strip())
    return Words(alt, words.credit.strip(), words.licence.strip(), words.licence_url.strip())


def _columns(words: Words) -> dict[str, Any]:
    return dict(msgspec.to_builtins(words))


_GONE = Text(
    "Dieses Bild gibt es nicht (mehr). Bitte wählen Sie ein anderes.",
    "This picture does not exist (any more). Please choose another one.",
)
