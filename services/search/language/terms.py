"""A document as ready terms: what every engine keeps of it to find and to order it.

Documents and queries are taken apart by the same code (`analysis`), whichever engine holds the terms; titles also keep
unstemmed words, since names must not be bent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.search.domain import Document, names_of, texts_of
from services.search.language.analysis import MAX_WORD, Analyzer, fold, is_stop_word, stem, surfaces
from services.search.language.understanding import name_key

FACET_FIELDS = {
    "stage": "stages",
    "target_group": "target_groups",
    "topic": "topics",
    "language": "languages",
}
_ORDER_OF_KINDS = ("glossary_term", "document", "organisation", "state_profile", "contact_point", "network", "issue")
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
    named, related = " ".join(names), " ".join(document.related)
    written = " ".join(texts[len(names) + len(document.related) :])
    return Terms(
        title=_stems(named),
        title_parts=_parts(named, analyzer),
        name_words=" ".join(fold(found[0]) for found in surfaces(f"{named} {related}")),
        related=f"{_telling_stems(related)} {_parts(related, analyzer)}",
        text=_telling_stems(written),
        text_parts=_parts(written, analyzer),
        words=sorted({found[0] for found in surfaces(" ".join(texts)) if len(found[0]) <= MAX_WORD}),
        name_keys=list(dict.fromkeys(map(name_key, names))),
    )


def freshness(document: Document) -> int:
    """A number that sorts documents by day, and on the same day by what a person rather looks for."""
    found = _DAY.match(document.date)
    day = int("".join(part or "00" for part in found.groups())) if found else 0
    order = _ORDER_OF_KINDS.index(document.kind) if document.kind in _ORDER_OF_KINDS else len(_ORDER_OF_KINDS)
    return day * 10 + order


def _stems(text: str) -> str:
    return " ".join(stem(found[0]) for found in surfaces(text))


def _telling_stems(text: str) -> str:
    return " ".join(stem(found[0]) for found in surfaces(text) if not is_stop_word(found[0]))


def _parts(text: str, analyzer: Analyzer) -> str:
    return " ".join(part for found in surfaces(text) for part in analyzer.parts(found[0]))
