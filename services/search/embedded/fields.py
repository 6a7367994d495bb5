"""The fields of the embedded index and how a document fills them.

Text comes as ready terms joined by spaces (`language.terms`), so that documents and queries are treated by one code.
`anywhere` repeats the terms of all texts once, to tell quickly what matches; the others tell how well.
"""

from __future__ import annotations

import msgspec
import tantivy

from infra.contracts.territory import Territory
from services.search.domain import PUBLIC, Document, categories_of
from services.search.embedded.districts import reach
from services.search.language.terms import FACET_FIELDS, Terms, freshness, until

VERSION = 3
STATE_ID = "_state"
READY = "whitespace"
CLOSED = "closed"


def make_schema() -> tantivy.Schema:
    """The schema. Change `VERSION` with it: an index of another version is built anew."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("body", stored=True)
    for name in ("title", "name_words"):
        builder.add_text_field(name, tokenizer_name=READY, index_option="position")
    for name in ("title_parts", "related", "text", "text_parts"):
        builder.add_text_field(name, tokenizer_name=READY, index_option="freq")
    builder.add_text_field("anywhere", tokenizer_name=READY, index_option="basic")
    for name in ("name_key", "audience", "access", "region", "area", "spot"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("kind", "category", "territory", *FACET_FIELDS):
        builder.add_text_field(name, tokenizer_name="raw", fast=True, index_option="basic")
    for name in ("freshness", "until"):
        builder.add_unsigned_field(name, fast=True)
    return builder.build()


def fields_of(document: Document, terms: Terms, territory: Territory) -> dict[str, object]:
    """What the index keeps of one document, which has come to these terms."""
    spot = spot_of(document)
    return {
        "id": document.id,
        "body": msgspec.json.encode(document),
        "title": terms.title,
        "name_words": terms.name_words,
        "title_parts": terms.title_parts,
        "related": terms.related,
        "text": terms.text,
        "text_parts": terms.text_parts,
        "anywhere": _anywhere(terms),
        "name_key": terms.name_keys,
        "audience": document.audience,
        "access": [] if PUBLIC in document.audience else [CLOSED],
        "kind": document.kind,
        "category": categories_of(document),
        "region": document.regions,
        "area": [] if spot else document.regions,
        "spot": [spot] if spot else [],
        "territory": reach(document.regions, territory),
        "freshness": freshness(document),
        "until": until(document),
        **{name: getattr(document, attribute) for name, attribute in FACET_FIELDS.items()},
    }


def spot_of(document: Document) -> str:
    """A document's own place as the index writes it, "" when it has none."""
    if document.lat is None or document.lon is None:
        return ""
    return f"{document.lat!r} {document.lon!r}"


def _anywhere(terms: Terms) -> str:
    texts = (terms.title, terms.title_parts, terms.related, terms.text, terms.text_parts)
    return " ".join(dict.fromkeys(" ".join(texts).split()))
