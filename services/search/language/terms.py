"""A document as ready terms: what every engine keeps of it to find and to order it.

Documents and queries are taken apart by the same code (`analysis`), whichever engine holds the terms; titles also keep
unstemmed words, since names must not be bent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter

from services.search.domain import Document, names_of, texts_of
from services.search.language.analysis import MAX_WORD, Analyzer, Forms, name_key

FACET_FIELDS = {
    "stage": "stages",
    "target_group": "target_groups",
    "topic": "topics",
    "language": "languages",
    "format": "formats",
}
ENDED = "ended"
NEVER_OVER = 9999_99_99
_ORDER_OF_KINDS = ("glossary_term", "document", "organisation", "state_profile", "contact_point", "network", "issue")
_TEXT, _FOLDED, _STEM, _PARTS, _TOLD, _TERMS = map(attrgetter, ("text", "folded", "stem", "parts", "told", "terms"))
_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


@dataclass(frozen=True)
class Terms:
    """What the words of a document come to, those of its names, of what it is related to and of its texts.

    As terms they are joined by spaces: stems, those of compounds' parts, or folded words.
    """

    names: Sequence[str]
    named: Sequence[Forms]
    linked: Sequence[Forms]
    telling: Sequence[Forms]

    @property
    def title(self) -> str:
        """The stems of its names, each in its place."""
        return " ".join(map(_STEM, self.named))

    @property
    def title_told(self) -> str:
        """The stems of its names that tell something."""
        return _stems(self.named)

    @property
    def title_parts(self) -> str:
        """The parts in its names."""
        return _parts(self.named)

    @property
    def name_words(self) -> str:
        """The folded words of all names."""
        return " ".join(map(_FOLDED, chain(self.named, self.linked)))

    @property
    def related(self) -> str:
        """The stems and parts of what it is related to."""
        return f"{_stems(self.linked)} {_parts(self.linked)}"

    @property
    def text(self) -> str:
        """The stems of its texts."""
        return _stems(self.telling)

    @property
    def text_parts(self) -> str:
        """The parts in its texts."""
        return _parts(self.telling)

    @property
    def anywhere(self) -> str:
        """Every stem and part once."""
        told = chain.from_iterable(map(_TERMS, chain(self.named, self.linked, self.telling)))
        return " ".join(dict.fromkeys(chain(map(_STEM, self.named), told)))

    @property
    def words(self) -> list[str]:
        """All words as they are written."""
        written = dict.fromkeys(map(_TEXT, chain(self.named, self.linked, self.telling)))
        return [text for text in written if len(text) < MAX_WORD]

    @property
    def name_keys(self) -> list[str]:
        """Whole names in folded spelling."""
        return list(dict.fromkeys(map(name_key, self.names)))


def terms_of(document: Document, analyzer: Analyzer) -> Terms:
    """Take a document apart."""
    names, texts = names_of(document), texts_of(document)
    related = len(names) + len(document.related)
    written = (names, document.related, texts[related:])
    return Terms(names, *(analyzer.text_forms(" ".join(some)) for some in written))


def freshness(document: Document) -> int:
    """A number that sorts documents by day, and on the same day by what a person rather looks for."""
    day = _day(document.date, "00")
    order = _ORDER_OF_KINDS.index(document.kind) if document.kind in _ORDER_OF_KINDS else len(_ORDER_OF_KINDS)
    return day * 10 + order


def until(document: Document) -> int:
    """The last day on which it is of use, as the number yyyymmdd: 0 for what has ended, `NEVER_OVER` without an end."""
    if document.status == ENDED:
        return 0
    last = {"event": document.date_end or document.date, "offer": document.date_end}.get(document.kind, "")
    return _day(last, "99") or NEVER_OVER


def _day(text: str, unknown: str) -> int:
    """An ISO day, month or year as a number, with `unknown` for what it leaves open; 0 when it is none."""
    found = _DAY.match(text)
    return int("".join(part or unknown for part in found.groups())) if found else 0


def _stems(words: Iterable[Forms]) -> str:
    return " ".join(filter(None, map(_TOLD, words)))


def _parts(words: Iterable[Forms]) -> str:
    return " ".join(chain.from_iterable(map(_PARTS, words)))
