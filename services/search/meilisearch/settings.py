"""The settings of the index as code: applied when they differ from what the server has.

The index gets ready terms (docs/decisions/0043), so what Meilisearch would do to text is switched off: stop words,
synonyms, typing errors and the splitting of German compounds are dealt with before, by the code that treats the
embedded engine's documents and queries too. Its locale is therefore one that only parts words at spaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VERSION = 2
"""Of documents and settings together: another version is another index, built anew beside the old one."""

EVERYWHERE = "everywhere"
POINT = "_geo"
PLACELESS = "placeless_in"
UNTIL = "until"
SEARCHABLE = ("title", "title_parts", "related", "text", "text_parts", EVERYWHERE, "name_words")
RANKED = SEARCHABLE[:-1]
FACETS = ("territory", "stage", "target_group", "topic", "kind", "language", "format")
_ONLY_EQUAL = ("key", "terms", "title_terms", "name_key", "audience", "region", "category", PLACELESS)
_UNORDERED = frozenset(
    {"filterableAttributes", "sortableAttributes", "stopWords", "dictionary", "separatorTokens", "nonSeparatorTokens"}
)

SETTINGS: Mapping[str, Any] = {
    "searchableAttributes": list(SEARCHABLE),
    "displayedAttributes": ["*"],
    "filterableAttributes": [
        *FACETS,
        "words",
        "position",
        UNTIL,
        POINT,
        {
            "attributePatterns": list(_ONLY_EQUAL),
            "features": {"facetSearch": False, "filter": {"equality": True, "comparison": False}},
        },
    ],
    "sortableAttributes": ["freshness", "key"],
    "rankingRules": [
        "sort",
        "words",
        "attribute",
        "exactness",
        "proximity",
        "kind_order:asc",
        "freshness:desc",
        "key:asc",
    ],
    "synonyms": {},
    "stopWords": [],
    "dictionary": [],
    "separatorTokens": [],
    "nonSeparatorTokens": [],
    "typoTolerance": {"enabled": False},
    "localizedAttributes": [{"locales": ["eng"], "attributePatterns": ["*"]}],
    "faceting": {"maxValuesPerFacet": 1_000_000},
    "pagination": {"maxTotalHits": 1_000_000},
    "prefixSearch": "indexingTime",
}


def differing(held: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The settings that are not as they should be, each with what there is and what there should be."""
    return {
        name: (held.get(name), wanted) for name, wanted in SETTINGS.items() if not _holds(name, held.get(name), wanted)
    }


def _holds(name: str, held: Any, wanted: Any) -> bool:
    """Whether `held` says at least what is `wanted`: servers add settings of their own inside of objects."""
    if isinstance(wanted, Mapping) and wanted:
        return isinstance(held, Mapping) and all(_holds("", held.get(key), value) for key, value in wanted.items())
    if not wanted:
        return not held
    if not isinstance(wanted, list):
        return bool(held == wanted)
    if not isinstance(held, list) or len(held) != len(wanted):
        return False
    if name in _UNORDERED or name == "attributePatterns":
        return all(any(_holds("", item, other) for item in held) for other in wanted)
    return all(_holds("", item, other) for item, other in zip(held, wanted, strict=True))
