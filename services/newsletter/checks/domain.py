"""What a check finds: something that must be mended before an issue goes out, or something to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from infra.errors import Text

Severity = Literal["error", "warning"]
# "installation" is what its operator has to set; a demo does without.
Kind = Literal["accessibility", "headers", "size", "links", "translation", "placeholder", "installation", "empty"]


@dataclass(frozen=True)
class Finding:
    """One thing found. An "error" keeps an issue from being approved, scheduled and sent; a "warning" does not.

    `place` says where: the kind of a section, a language ("de", "en"), a header or an address; "" for the whole issue.
    """

    kind: Kind
    severity: Severity
    place: str
    text: Text


def error(kind: Kind, place: str, de: str, en: str) -> Finding:
    """Something that must be mended."""
    return Finding(kind, "error", place, Text(de, en))


def warning(kind: Kind, place: str, de: str, en: str) -> Finding:
    """Something to look at."""
    return Finding(kind, "warning", place, Text(de, en))
