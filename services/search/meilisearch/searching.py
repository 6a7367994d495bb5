"""One search from request to page, in a few rounds of questions that each go in one request.

First: how far the index has got, and which typed words occur at all. Then how many documents meet all, half or any of
the concepts; then how many there are in each band, with the facet counts; at last the documents of the page. Later
rounds see only documents up to the position of the first, and so do later pages: what comes meanwhile shifts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.search.answering import (
    DEMANDS,
    ENOUGH,
    completions,
    count_by_territory,
    shown,
    sorted_facets,
    typed_words,
)
from services.search.domain import FACETS, Request
from services.search.engine import Completion, EngineStats, Page
from services.search.language.highlighting import Highlighter
from services.search.language.knowledge import Knowledge
from services.search.language.understanding import Interpreter, Plan
from services.search.meilisearch.conditions import ANYWHERE, Conditions, chosen, visible
from services.search.meilisearch.documents import ANYTHING, State, document_of, region_code, regions_of
from services.search.meilisearch.filters import at_most, both, equal
from services.search.meilisearch.held import Held, counting, fetching, read_state, state_query
from services.search.meilisearch.server import Query, Result, Server
from services.search.meilisearch.settings import RANKED

MOST_WORDS = 9  # Meilisearch reads ten words of a query; the first is in every document
NEWEST = ["freshness:desc", "key:asc"]


@dataclass(frozen=True)
class Searching:
    """Answers requests about one index as this process knows it."""

    server: Server
    uid: str
    held: Held
    knowledge: Knowledge

    async def understand(self, request: Request) -> tuple[Plan, State]:
        """The plan of a request and the index's state.

        Which words occur is asked as the interpreter comes to need it: those that were typed, then, if one does not
        occur, its neighbours in the lexicon.
        """
        words = _Occurrences()
        state: State | None = None
        while True:
            interpreter = Interpreter(self.held.analyzer, self.knowledge, self.held.lexicon, words.occurs)
            plan = interpreter.plan(request.q) if request.q else Plan()
            asked = words.open_questions()
            if state is not None and not asked:
                return plan, state
            seen = visible(request.audience)
            questions = [counting(self.uid, both(seen, equal(ANYWHERE, stem))) for stem in asked]
            found = await self.server.search([state_query(self.uid), *questions])
            state = state or read_state(found[0])
            words.answer({stem: bool(result.total_hits) for stem, result in zip(asked, found[1:], strict=True)})

    async def search(self, request: Request, plan: Plan, position: int) -> Page:
        """One page of results, of documents up to `position` or, on later pages, up to the request's snapshot."""
        snapshot = request.snapshot or position
        base = both(visible(request.audience), at_most("position", snapshot))
        narrowed = both(base, chosen(self.knowledge, request.filters))
        conditions = Conditions(plan, self.knowledge)
        demand = await self._demand(narrowed, conditions) if plan.concepts else DEMANDS[0]
        bands = [both(narrowed, band) for band in conditions.bands(demand)]
        sizes, facets = await self._counted(request, both(base, conditions.met(demand)), bands)
        asked = list(_slices(self.uid, bands, sizes, request, _ranked_by(plan)))
        found = await self.server.search(asked) if asked else []
        documents = [document_of(hit) for result in found for hit in result.hits]
        end = request.offset + len(documents)
        more = bool(documents) and end < sum(sizes)
        highlighter = Highlighter(plan, self.held.analyzer, loose=demand < 1)
        return Page(
            hits=shown(documents, plan, highlighter, self.knowledge, request),
            total=sum(sizes),
            facets=facets,
            next_offset=end if more else None,
            snapshot=snapshot if more else 0,
            corrections=plan.corrections,
            regions=plan.regions,
            places=plan.places,
        )

    async def suggest(self, prefix: str, audience: frozenset[str], limit: int) -> list[Completion]:
        """Regions and terms that begin like `prefix`, then titles with all its words."""
        words = typed_words(prefix)
        if not words:
            return []
        query = fetching(self.uid, visible(audience), limit * 2, attributes_to_search_on=["name_words"])
        [found] = await self.server.search([query | {"query": " ".join(words), "matching_strategy": "all"}])
        return completions(self.knowledge, prefix, [document_of(hit) for hit in found.hits], limit)

    async def stats(self, audience: frozenset[str]) -> EngineStats:
        """Counts of what an audience can find."""
        [found] = await self.server.search([counting(self.uid, visible(audience), ["kind"])])
        return EngineStats(found.total_hits or 0, _values(found, "kind"))

    async def _demand(self, narrowed: str, conditions: Conditions) -> float:
        """The strictest demand that gives enough."""
        asked = [counting(self.uid, both(narrowed, conditions.met(demand))) for demand in DEMANDS[:-1]]
        found = await self.server.search(asked)
        for demand, result in zip(DEMANDS, found, strict=False):
            if (result.total_hits or 0) >= ENOUGH:
                return demand
        return DEMANDS[-1]

    async def _counted(
        self, request: Request, met: str, bands: Sequence[str]
    ) -> tuple[list[int], dict[str, list[tuple[str, int]]]]:
        """How many documents each band has, and the facet counts; a chosen facet as if nothing were chosen in it."""
        free = [facet for facet in FACETS if facet not in request.filters]
        groups = [("", free)] if free else []
        groups += [(facet, [facet]) for facet in request.filters]
        asked = [counting(self.uid, band) for band in bands]
        for less, facets in groups:
            condition = both(met, chosen(self.knowledge, request.filters, less))
            asked.append(counting(self.uid, condition, map(_attribute, facets)))
        found = await self.server.search(asked)
        sizes = [result.total_hits or 0 for result in found[: len(bands)]]
        counted: dict[str, dict[str, int]] = {}
        for (_, facets), result in zip(groups, found[len(bands) :], strict=True):
            counted |= {facet: _values(result, _attribute(facet)) for facet in facets}
        counted["district"] = self._by_region(counted["district"])
        return sizes, sorted_facets(counted)

    def _by_region(self, counted: Mapping[str, int]) -> dict[str, int]:
        slugs = {region_code(slug): slug for slug in self.knowledge.regions}
        combined: dict[tuple[str, ...], int] = {}
        for codes, count in counted.items():
            regions = regions_of(codes, slugs)
            combined[regions] = combined.get(regions, 0) + count
        return count_by_territory(combined, self.knowledge)


class _Occurrences:
    """Which stems occur in documents that the asking person may see, as far as that was asked."""

    def __init__(self) -> None:
        self._known: dict[str, bool] = {}
        self._asked: dict[str, None] = {}

    def occurs(self, stem: str) -> bool:
        """Whether a stem occurs; True, and an open question, where that is not known yet."""
        if stem not in self._known:
            self._asked[stem] = None
        return self._known.get(stem, True)

    def open_questions(self) -> list[str]:
        """The stems to ask for."""
        return list(self._asked)

    def answer(self, known: Mapping[str, bool]) -> None:
        """Take the answers to all open questions."""
        self._known |= known
        self._asked.clear()


def _slices(
    uid: str, bands: Sequence[str], sizes: Sequence[int], request: Request, ranked: Mapping[str, object]
) -> Iterator[Query]:
    """Questions for what of each band lies on the page."""
    start, left = request.offset, request.limit
    for band, size in zip(bands, sizes, strict=True):
        if left > 0 and start < size:
            taken = min(left, size - start)
            yield fetching(uid, band, taken, start, **ranked)
            left -= taken
        start = max(0, start - size)


def _ranked_by(plan: Plan) -> dict[str, object]:
    """How Meilisearch ranks inside a band: by the query's words, or the newest first where there are none.

    The first word is in every document, so the words after it may be missing: they rank and exclude nothing. The space
    at the end says that the last word is whole.
    """
    if not plan.concepts:
        return {"sort": NEWEST}
    stems = [concept.wordings[0].stems for concept in plan.concepts if not concept.regions]
    words = list(dict.fromkeys(stem for group in stems for stem in group))[:MOST_WORDS]
    return {
        "query": " ".join([ANYTHING, *words, ""]),
        "matching_strategy": "last",
        "attributes_to_search_on": list(RANKED),
    }


def _attribute(facet: str) -> str:
    return "territory" if facet == "district" else facet


def _values(result: Result, attribute: str) -> dict[str, int]:
    return dict((result.facet_distribution or {}).get(attribute, {}))
