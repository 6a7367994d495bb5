"""How a document, and the index's own state, are kept in Meilisearch.

Beside the documents lie two entries of ours that no search can find, since they have no audience: `state` holds the
number of the last change and goes with the last documents of a batch; `make` holds how the index was built, above all
the parts that compounds were split with.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from services.search.domain import Document, categories_of
from services.search.language.analysis import Analyzer
from services.search.language.terms import FACET_FIELDS, freshness, terms_of, until
from services.search.meilisearch.filters import fits
from services.search.meilisearch.settings import EVERYWHERE, PLACELESS, POINT, UNTIL

KEY = "key"
STATE_KEY, MAKE_KEY = "state", "make"
ANYTHING = "irgendwas"
CHUNK_BYTES = 4_000_000
REGION_CODE = 6
MOST_REGIONS = 75
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_KINDS = ("offer", "organisation", "contact_point", "network", "event", "document")

Entry = dict[str, Any]


class State(msgspec.Struct, frozen=True):
    """How far the index has got, and which build of it this is."""

    position: int
    build: str


class Make(msgspec.Struct, frozen=True):
    """How an index was built: the change it began with, how many documents it had, the parts of compounds."""

    build: str
    position: int
    documents: int
    constituents: list[str]

    @classmethod
    def of(cls, position: int, documents: int, constituents: Iterable[str]) -> Make:
        """A build with a name that says what is in it, so that equal ones are called the same."""
        parts = sorted(constituents)
        content = msgspec.json.encode((position, documents, parts))
        return cls(hashlib.blake2b(content, digest_size=12).hexdigest(), position, documents, parts)


def key_of(identifier: str) -> str:
    """The key of a document: Meilisearch takes letters, digits, - and _ only, so other ids are hashed."""
    if _PLAIN_ID.fullmatch(identifier):
        return f"id-{identifier}"
    return f"hash-{hashlib.blake2b(identifier.encode(), digest_size=20).hexdigest()}"


def entry_of(document: Document, analyzer: Analyzer, position: int) -> Entry:
    """What Meilisearch keeps of one document; `position` is that of the batch it came with."""
    terms = terms_of(document, analyzer)
    title = {*terms.title.split(), *terms.title_parts.split()}
    return {
        KEY: key_of(document.id),
        "body": msgspec.to_builtins(document),
        "title": terms.title,
        "title_parts": terms.title_parts,
        "related": terms.related,
        "text": terms.text,
        "text_parts": terms.text_parts,
        "name_words": terms.name_words,
        EVERYWHERE: ANYTHING,
        "title_terms": sorted(title),
        "terms": sorted(terms.anywhere.split()),
        "words": terms.words,
        "name_key": list(filter(fits, terms.name_keys)),
        "audience": document.audience,
        "kind": document.kind,
        "category": categories_of(document),
        "region": document.regions,
        **_place_of(document),
        "territory": territory_of(document.regions),
        "position": position,
        "freshness": freshness(document),
        UNTIL: until(document),
        "kind_order": _KINDS.index(document.kind) if document.kind in _KINDS and until(document) else len(_KINDS),
        **{name: getattr(document, attribute) for name, attribute in FACET_FIELDS.items()},
    }


def _place_of(document: Document) -> Entry:
    """Where a document is: its own point, or, only where it has none, the regions in whose stead it is looked for."""
    if document.lat is None or document.lon is None:
        return {PLACELESS: document.regions}
    return {POINT: {"lat": document.lat, "lng": document.lon}}


def state_entry(state: State) -> Entry:
    """The entry that holds the state."""
    return {KEY: STATE_KEY, "body": msgspec.to_builtins(state)}


def make_entry(make: Make) -> Entry:
    """The entry that holds how the index was built."""
    return {KEY: MAKE_KEY, "body": msgspec.to_builtins(make)}


def document_of(entry: Mapping[str, Any]) -> Document:
    """The document that an entry carries."""
    return msgspec.convert(entry["body"], Document)


def territory_of(regions: Iterable[str]) -> str:
    """The combination of regions as one facet value, which may have 468 bytes: a code of six letters for each.

    A document that names more than `MOST_REGIONS` of them is counted for the first ones only.
    """
    return "".join(sorted(map(region_code, regions))[:MOST_REGIONS])


def region_code(slug: str) -> str:
    """A short code of a region; two of Germany's 400 districts get the same in one of 200 such countries."""
    return hashlib.blake2b(slug.encode(), digest_size=3).hexdigest()


def regions_of(territory: str, slugs: Mapping[str, str]) -> tuple[str, ...]:
    """The regions of a combination; `slugs` gives the slug to each code, unknown ones are left out."""
    codes = [territory[start : start + REGION_CODE] for start in range(0, len(territory), REGION_CODE)]
    return tuple(slugs[code] for code in codes if code in slugs)


def chunks(entries: Iterable[Entry], most_bytes: int) -> Iterator[list[Entry]]:
    """Entries in portions that stay below the size a request may have; at least one each."""
    portion: list[Entry] = []
    size = 0
    for entry in entries:
        weight = len(msgspec.json.encode(entry))
        if portion and size + weight > most_bytes:
            yield portion
            portion, size = [], 0
        portion.append(entry)
        size += weight
    if portion:
        yield portion
