"""The fields of the embedded index and how a document fills them.

Text comes as ready terms joined by spaces (`language.terms`), so that documents and queries are treated by one code.
A term is kept once for all texts of a document (`anywhere`) and again for its names, where a whole word counts twice as
much as a part of one (`names`): how often a word stands in a text told nothing that the judged queries knew of, and
every further list makes a search slower.
"""

from __future__ import annotations

from math import exp2

import msgspec
import tantivy

from infra.contracts.territory import Territory
from services.search.domain import FACETS, PUBLIC, Document, categories_of
from services.search.embedded.districts import reach
from services.search.embedded.facets import ALL_FACETS, entries
from services.search.language.terms import FACET_FIELDS, NEVER_OVER, Terms, freshness, until

VERSION = 4
STATE_ID = "_state"
READY = "whitespace"
CLOSED = "closed"
PASSING = ("offer", "event", "network")
"""Kinds of things that can be over; what others say of an end is not looked at."""
STILL = "still"
WEIGHTS = {"offer": 1.12, "organisation": 1.1, "contact_point": 1.1, "network": 1.07, "event": 1.06, "document": 1.04}
"""By how much the score of a document of a kind is multiplied that has no last day; others count as they are. What ends
some day is lifted until then instead (`ranking.NOT_OVER`).

Set on the judged queries. A number in a column instead of a part of the query: to look each document up in the lists of
six kinds took a third of the time of putting them in order.
"""


def make_schema() -> tantivy.Schema:
    """The schema. Change `VERSION` with it: an index of another version is built anew."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("body", stored=True)
    builder.add_text_field("title", tokenizer_name=READY, index_option="position")
    builder.add_text_field("names", tokenizer_name=READY, index_option="freq")
    for name in ("anywhere", "name_words"):
        builder.add_text_field(name, tokenizer_name=READY, index_option="basic")
    for name in ("name_key", "audience", "access", "category", "region", "within", "area", "spot", "ending"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in (*FACETS, ALL_FACETS):
        builder.add_text_field(name, tokenizer_name="raw", fast=True, index_option="basic")
    for name in ("freshness", "until"):
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("weight", fast=True)
    return builder.build()


def fields_of(document: Document, terms: Terms, territory: Territory) -> dict[str, object]:
    """What the index keeps of one document, which has come to these terms."""
    spot = spot_of(document)
    last_day = until(document)
    is_lasting = last_day == NEVER_OVER or document.kind not in PASSING
    chosen_by: dict[str, list[str]] = {
        "kind": [document.kind],
        "district": reach(document.regions, territory),
        **{name: getattr(document, attribute) for name, attribute in FACET_FIELDS.items()},
    }
    return {
        "id": document.id,
        "body": msgspec.json.encode(document),
        "title": terms.title,
        "names": f"{terms.title_told} {terms.title_told} {terms.title_parts}",
        "anywhere": terms.anywhere,
        "name_words": terms.name_words,
        "name_key": terms.name_keys,
        "audience": document.audience,
        "access": [] if PUBLIC in document.audience else [CLOSED],
        "region": document.regions,
        "within": sorted({slug for own in document.regions for slug in (own, *territory.above(own))}),
        "area": [] if spot else document.regions,
        "spot": [spot] if spot else [],
        "weight": _as_weight(WEIGHTS.get(document.kind, 1.0) if is_lasting else 1.0),
        "ending": [STILL] if last_day and not is_lasting else [],
        "freshness": freshness(document),
        "until": last_day,
        "category": categories_of(document),
        **chosen_by,
        ALL_FACETS: entries(chosen_by),
    }


def spot_of(document: Document) -> str:
    """A document's own place as the index writes it, "" when it has none."""
    if document.lat is None or document.lon is None:
        return ""
    return f"{document.lat!r} {document.lon!r}"


def _as_weight(factor: float) -> float:
    """The number by which tantivy multiplies a score with `factor`: it takes log2(2 + number)."""
    return exp2(factor) - 2.0
