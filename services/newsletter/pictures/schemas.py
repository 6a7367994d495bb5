"""Requests and answers around the picture library."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

Line = Annotated[str, msgspec.Meta(max_length=500)]
Address = Annotated[str, msgspec.Meta(max_length=500)]


class Alternative(msgspec.Struct, forbid_unknown_fields=True):
    """What a picture shows, in both languages, for people who do not see it."""

    de: Line = ""
    en: Line = ""


class PictureRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A new picture. `content` is the file in base64: JPEG, PNG or WebP, at most 12 MB and 40 million pixels.

    `alt` is required in both languages, and `credit` (who made it); `licence` and its address are said beside it.
    """

    content: bytes = b""
    alt: Alternative = msgspec.field(default_factory=Alternative)
    credit: Line = ""
    licence: Line = ""
    licence_url: Address = ""


class PictureChange(msgspec.Struct, forbid_unknown_fields=True):
    """A change of what is said of a picture; what is left out stays."""

    alt: Alternative | UnsetType = UNSET
    credit: Line | UnsetType = UNSET
    licence: Line | UnsetType = UNSET
    licence_url: Address | UnsetType = UNSET


class PictureShown(msgspec.Struct, frozen=True):
    """A picture to show. `path` is its address below the site, width and height are pixels."""

    hash: str
    path: str
    width: int
    height: int
    alt: Alternative
    credit: str
    licence: str
    licence_url: str


class UseView(msgspec.Struct, frozen=True):
    """Something that shows a picture, by the name and slug under which editors know it."""

    kind: Literal["article", "issue"]
    title: str
    slug: str


class PictureView(PictureShown, frozen=True, kw_only=True):
    """A picture as editors see it: its size in bytes, who uploaded it and when (ISO 8601), and where it is shown."""

    size: int
    version: int
    uploaded_by: str
    uploaded_at: str
    used_in: list[UseView]


class PicturePage(msgspec.Struct):
    """A page of the library, newest first."""

    items: list[PictureView]
    total: int
    next: str | None = None


class PicturesQuery(msgspec.Struct):
    """A page of a list."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 24
    cursor: str = ""
