"""Identifiers: time-ordered random ids, ids that follow from imported content, and slugs."""

from __future__ import annotations

import re
import unicodedata
from uuid import UUID, uuid5

import uuid_utils.compat

CONTENT_NAMESPACE = UUID("6f2f9c1e-8e7b-5c4e-9a1d-10753c0a7e01")
# Letters that do not fall apart into an ASCII letter and an accent: German spelling, then the nearest letter.
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"}
)


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): sorts by time of making, so that inserts stay at the end of an index."""
    return uuid_utils.compat.uuid7()


def content_id(kind: str, slug: str) -> UUID:
    """The id of an imported record: the same content gives the same id on every installation."""
    return uuid5(CONTENT_NAMESPACE, f"{kind}/{slug}")


def as_id(reference: str) -> UUID | None:
    """`reference` as an id, or None when it does not look like one (then it may be a slug)."""
    try:
        return UUID(reference)
    except ValueError:
        return None


def slugify(text: str, limit: int = 80) -> str:
    """`text` as lower-case ASCII words joined by hyphens, at most `limit` characters; "" if none remain."""
    folded = text.lower().translate(_LETTERS)
    ascii_only = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:limit].strip("-")
