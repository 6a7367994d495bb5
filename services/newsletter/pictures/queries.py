"""Reads pictures: the library for editors, a file for everybody, and what an article or an issue shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tortoise.expressions import Q

from infra.contracts import addresses
from infra.errors import NotFound
from infra.web.cursors import MomentKey, decode_cursor, encode_cursor, moment_key, moment_of
from services.newsletter.pictures.domain import SUFFIX, Shown, is_hash
from services.newsletter.pictures.models import Picture, PictureFile, PictureUse
from services.newsletter.pictures.schemas import (
    Alternative,
    PicturePage,
    PicturesQuery,
    PictureView,
    UseView,
)
from services.newsletter.texts import Local


async def page(query: PicturesQuery) -> PicturePage:
    """The library, newest first. Raises Invalid for a cursor of another list."""
    rows = Picture.all().order_by("-created_at", "-hash")
    if query.cursor:
        key, name = decode_cursor(query.cursor, tuple[MomentKey, str])
        moment = moment_of(key)
        rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, hash__lt=name[:32]))
    found = await rows.limit(query.limit + 1)
    shown = found[: query.limit]
    following = encode_cursor((moment_key(shown[-1].created_at), shown[-1].hash)) if len(found) > query.limit else None
    return PicturePage(await views(shown), await Picture.all().count(), following)


async def one(name: str) -> Picture:
    """A picture by its hash. Raises NotFound."""
    row = await Picture.get_or_none(hash=name) if is_hash(name) else None
    if row is None:
        raise NotFound
    return row


async def file(name: str) -> bytes:
    """The JPEG of this hash. Raises NotFound."""
    row = await PictureFile.get_or_none(hash=name) if is_hash(name) else None
    if row is None:
        raise NotFound
    return bytes(row.content)


async def shown(hashes: Iterable[str]) -> Mapping[str, Shown]:
    """Pictures to show, by their hashes; those that do not exist are missing."""
    names = [name for name in set(hashes) if is_hash(name)]
    rows = await Picture.filter(hash__in=names) if names else []
    return {row.hash: _shown(row) for row in rows}


async def views(rows: Sequence[Picture]) -> list[PictureView]:
    """Pictures as editors see them."""
    uses: dict[str, list[UseView]] = {row.hash: [] for row in rows}
    for use in await PictureUse.filter(picture__in=list(uses)).order_by("title", "id"):
        uses[use.picture].append(use_view(use))
    return [_view(row, uses[row.hash]) for row in rows]


def use_view(use: PictureUse) -> UseView:
    """Where a picture is shown."""
    return UseView("issue" if use.kind == "issue" else "article", use.title, use.slug)


def path_of(name: str) -> str:
    """The address of a picture below the site, the same for everybody and in all languages."""
    return addresses.path("picture", name + SUFFIX)


def _shown(row: Picture) -> Shown:
    return Shown(
        hash=row.hash,
        path=path_of(row.hash),
        width=row.width,
        height=row.height,
        alt=Local(row.alt["de"], row.alt["en"]),
        credit=row.credit,
        licence=row.licence,
        licence_url=row.licence_url,
    )


def _view(row: Picture, used_in: list[UseView]) -> PictureView:
    return PictureView(
        hash=row.hash,
        path=path_of(row.hash),
        width=row.width,
        height=row.height,
        alt=Alternative(row.alt["de"], row.alt["en"]),
        credit=row.credit,
        licence=row.licence,
        licence_url=row.licence_url,
        size=row.size,
        version=row.version,
        uploaded_by=row.uploaded["name"],
        uploaded_at=row.uploaded["at"],
        used_in=used_in,
    )
