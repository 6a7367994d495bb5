"""What every engine does alike once it has found something: how far to loosen, what to show, count and suggest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter

import msgspec

from services.search.domain import FACETS, Document, Request, names_of, shown_summary, shown_title
from services.search.engine import Completion, Found
from services.search.language.analysis import fold, name_key, surfaces
from services.search.language.highlighting import Highlighter
from services.search.language.knowledge import Knowledge
from services.search.language.lexicon import Lexicon
from services.search.language.reasons import Reasons
from services.search.language.suggesting import QUERY, suggester
from services.search.language.understanding import Plan

ENOUGH = 15  # so many results are not loosened further
LOOKED_UP, WAYS = 3, 8
DEMANDS = (1.0, 0.5, 0.0)  # the share of a query's concepts that must be met, from strict to loose

Counts = Mapping[str, int]


def shown(
    documents: Iterable[Document], plan: Plan, highlighter: Highlighter, knowledge: Knowledge, request: Request
) -> list[Found]:
    """Documents with what matched marked in them, why they are there, and how far they are from the request's point."""
    reasons = Reasons(plan, knowledge, request, highlighter.lookout)
    hits: list[Found] = []
    for document in documents:
        title = shown_title(document, request.language)
        marked = highlighter.mark(document, title, shown_summary(document, request.language))
        hits.append(
            Found(document, marked.title, marked.text, reasons.of(document, marked.stems), reasons.distance(document))
        )
    return hits


def exported(documents: Iterable[Document]) -> bytes:
    """The canonical form: one JSON object a line, keys sorted, lines sorted by id."""
    encoder = msgspec.json.Encoder(order="sorted")
    ordered = sorted(documents, key=lambda document: document.id)
    return b"".join(encoder.encode(document) + b"\n" for document in ordered)


def sorted_facets(counted: Mapping[str, Counts]) -> dict[str, list[tuple[str, int]]]:
    """Every facet's values, the most frequent first."""
    return {facet: sorted(sorted(counted[facet].items()), key=itemgetter(1), reverse=True) for facet in FACETS}


def count_by_territory(combinations: Mapping[tuple[str, ...], int], knowledge: Knowledge) -> dict[str, int]:
    """From counts per combination of own regions to counts per region that is named or contains a named one.

    Districts follow the rule of the territory: a document of a district counts for its Land, one of a Land for its
    districts, a nation-wide one for all.
    """
    own = {combination: [slug for slug in combination if slug in knowledge.regions] for combination in combinations}
    named = {slug for slugs in own.values() for slug in slugs}
    named |= {above for slug in named for above in knowledge.territory.above(slug)}
    named = {slug for slug in named if knowledge.territory.above(slug)}  # the federation concerns everybody
    counts = dict.fromkeys(named, 0)
    for combination, slugs in own.items():
        for slug in named & frozenset[str]().union(*map(knowledge.concerning, slugs)):
            counts[slug] += combinations[combination]
    return counts


def typed_words(prefix: str) -> list[str]:
    """The folded words of what was typed so far; the last one may be unfinished."""
    return [fold(found[0]) for found in surfaces(prefix)]


def spellings(words: Sequence[str], lexicon: Lexicon) -> list[list[str]]:
    """For each typed word the ways it may have been meant: as typed, then the nearest known words, a few of them.

    The last word may be a beginning. Of many words only the last few are looked up, which takes milliseconds each.
    """
    *before, last = words
    early, late = before[:-LOOKED_UP], before[-LOOKED_UP:]
    near = [[word, *(found for found, _ in lexicon.near(word))] for word in late]
    return [*([word] for word in early), *(ways[:WAYS] for ways in [*near, [last, *lexicon.begun(last)]])]


def respelt(ways: Iterable[Sequence[str]], known: Callable[[str], bool]) -> list[str]:
    """The first way to spell each word that is `known` to stand in a name the asking person may see, else as typed.

    Words of hidden documents must not stand before those that everybody sees: what is missing would betray them.
    """
    return [next(filter(known, spelt), spelt[0]) for spelt in ways]


def completions(knowledge: Knowledge, prefix: str, titled: Sequence[Document], limit: int) -> list[Completion]:
    """Places and terms that begin like `prefix`, then `titled` documents, those first whose name begins so.

    Whole queries come last. Neither takes more than half of the room if the other has use for it. What stands in a
    title as it was typed is no typing error: Flücht is not the town of Frücht.
    """
    begin = name_key(prefix)
    last = f" {begin.rsplit(' ', 1)[-1]}"
    spelt_well = any(last in f" {name_key(name)}" for document in titled for name in names_of(document))
    proposed = suggester(knowledge).proposals(prefix, limit, forgiving=not spelt_well)
    named = [document for document in titled if _begins(names_of(document), begin)]
    chosen = {document.title: document for document in [*named, *titled]}
    things = [Completion(document.title, document.kind, document.slug) for document in chosen.values()]
    words = [Completion(item.text, item.kind, item.slug) for item in proposed if item.kind != QUERY]
    queries = [Completion(item.text, item.kind, item.slug) for item in proposed if item.kind == QUERY]
    room = max(limit - limit // 2, limit - len(things))
    return [*words[:room], *things, *queries][:limit]


def _begins(names: list[str], begin: str) -> bool:
    return any(name_key(name).startswith(begin) for name in names)
