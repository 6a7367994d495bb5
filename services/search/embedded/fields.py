"""The fields of the embedded index and how a document fills them.

Text comes as ready terms joined by spaces (`language.terms`), so that documents and queries are treated by one code.
"""

from __future__ import annotations

import msgspec
import tantivy

from services.search.domain import Document
from services.search.language.analysis import Analyzer
from services.search.language.terms import FACET_FIELDS, freshness, terms_of

VERSION = 1
STATE_ID = "_state"
READY = "whitespace"
TERM_FIELDS = ("title", "title_parts", "related", "text", "text_parts")


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
    terms = terms_of(document, analyzer)
    return {
        "id": document.id,
        "body": msgspec.json.encode(document),
        "title": terms.title,
        "name_words": terms.name_words,
        "title_parts": terms.title_parts,
        "related": terms.related,
        "text": terms.text,
        "text_parts": terms.text_parts,
        "words": " ".join(terms.words),
        "name_key": terms.name_keys,
        "audience": document.audience,
        "kind": document.kind,
        "category": [document.category] if document.category else [],
        "region": document.regions,
        "territory": "|".join(sorted(document.regions)),
        "freshness": freshness(document),
        **{name: getattr(document, attribute) for name, attribute in FACET_FIELDS.items()},
    }
