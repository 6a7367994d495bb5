"""A document as ready terms: what every engine keeps of it to find and to order it.

Documents and queries are taken apart by the same code (`analysis`), whichever engine holds the terms; titles also keep
unstemmed words, since names must not be bent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
_TEXT, _FOLDED, _STEM, _PARTS, _TOLD = map(attrgetter, ("text", "folded", "stem", "parts", "told"))
_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


@dataclass(frozen=True)
class Terms:
    """The terms of one document, joined by spaces; `words` as written, `name_keys` whole names in folded spelling.

    `title`, `related` and `text` hold stems, `title_parts` and `text_parts` those of compounds' parts; `name_words` the
    folded words of all names.
    """

    title: str
    title_parts: str
    name_words: str
    related: str
    text: str
    text_parts: str
    words: list[str]
    name_keys: list[str]


def terms_of(document: Document, analyzer: Analyzer) -> Terms:
    """Take a document apart."""
    names, texts = names_of(document), texts_of(document)
    related = len(names) + len(document.related)
    written = (names, document.related, texts[related:])
    named, linked, telling = [analyzer.text_forms(" ".join(some)) for some in written]
    return Terms(
        title=" ".join(map(_STEM, named)),
        title_parts=_parts(named),
        name_words=" ".join(map(_FOLDED, chain(named, linked))),
        related=f"{_stems(linked)} {_parts(linked)}",
        text=_stems(telling),
        text_parts=_parts(telling),
        words=[text for text in dict.fromkeys(map(_TEXT, chain(named, linked, telling))) if len(text) < MAX_WORD],
        name_keys=list(dict.fromkeys(map(name_key, names))),
    )


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
