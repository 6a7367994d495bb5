"""The fields of the embedded index and how a document fills them.

Text is taken apart by `language.analysis` and handed over as ready terms joined by spaces, so that documents and
queries are treated by the same code; titles also keep an unstemmed field, since names must not be bent.
"""

from __future__ import annotations

import re

import msgspec
import tantivy

from services.search.domain import Document, names_of, texts_of
from services.search.language.analysis import Analyzer, fold, is_stop_word, stem, surfaces
from services.search.language.understanding import name_key

VERSION = 1
STATE_ID = "_state"
READY = "whitespace"
TERM_FIELDS = ("title", "title_parts", "related", "text", "text_parts")
FACET_FIELDS = {
    "stage": "stages",
    "target_group": "target_groups",
    "topic": "topics",
    "language": "languages",
}
_ORDER_OF_KINDS = ("glossary_term", "document", "organisation", "state_profile", "contact_point", "network", "issue")
_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def make_schema() -> tantivy.Schema:
    """The schema. Change `VERSION` with it: an index of another version is built anew."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("body", stored=True)
    for name in ("title", "name_words"):
        builder.add_text_field(name, tokenizer_name=READY, index_option="position")
    for name in ("title_parts", "related", "text", "text_parts"):
        builder.add_text_field(name, tokenizer_name=READY, index_option="freq")
    builder.add_text_field("words", tokenizer_name=READY, index_option="basic")
    for name in ("name_key", "audience", "region"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("kind", "category", "territory", *FACET_FIELDS):
        builder.add_text_field(name, tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_unsigned_field("freshness", fast=True)
    return builder.build()


def fields_of(document: Document, analyzer: Analyzer) -> dict[str, object]:
    """What the index keeps of one document."""
    names, texts = names_of(document), texts_of(document)
    named, related = " ".join(names), " ".join(document.related)
    written = " ".join(texts[len(names) + len(document.related) :])
    return {
        "id": document.id,
        "body": msgspec.json.encode(document),
        "title": _stems(named),
        "name_words": " ".join(fold(found[0]) for found in surfaces(f"{named} {related}")),
        "title_parts": _parts(named, analyzer),
        "related": f"{_telling_stems(related)} {_parts(related, analyzer)}",
        "text": _telling_stems(written),
        "text_parts": _parts(written, analyzer),
        "words": " ".join({found[0] for found in surfaces(" ".join(texts))}),
        "name_key": list(dict.fromkeys(map(name_key, names))),
        "audience": document.audience,
        "kind": document.kind,
        "category": [document.category] if document.category else [],
        "region": document.regions,
        "territory": "|".join(sorted(document.regions)),
        "freshness": freshness(document),
        **{name: getattr(document, attribute) for name, attribute in FACET_FIELDS.items()},
    }


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
