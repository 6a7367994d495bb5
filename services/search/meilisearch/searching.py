"""One search from request to page, in one round where everything is as expected, else in two or three.

Guessed is: the index has not moved since the last look, all typed words occur in it, and enough documents meet all of
the query. What a wrong guess leaves open is asked in the next round (`rounds`). All questions see only documents up to
the position that the first round tells, and later pages up to that of the first: what comes meanwhile shifts nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from services.search.answering import (
    DEMANDS,
    ENOUGH,
    completions,
    count_by_territory,
    respelt,
    shown,
    sorted_facets,
    spellings,
    typed_words,
)
from services.search.domain import FACETS, Document, Request
from services.search.engine import Completion, EngineStats, Page
from services.search.language.highlighting import Highlighter
from services.search.language.knowledge import Knowledge
from services.search.language.understanding import Interpreter, Plan
from services.search.meilisearch.conditions import ANYWHERE, Conditions, eligible, nearness, visible
from services.search.meilisearch.documents import ANYTHING, State, document_of, region_code, regions_of
from services.search.meilisearch.filters import at_most, both, equal
from services.search.meilisearch.held import Held, counting, fetching, fetching_and_counting, read_state, state_query
from services.search.meilisearch.rounds import Rounds
from services.search.meilisearch.server import Query, Server
from services.search.meilisearch.settings import RANKED

MOST_WORDS = 9  # Meilisearch reads ten words of a query; the first is in every document
NEWEST = ["freshness:desc", "key:asc"]
Facets = dict[str, list[tuple[str, int]]]


@dataclass(frozen=True)
class _Draft:
    """An answer as far as it is known; `entries` are the hits as Meilisearch keeps them."""

    plan: Plan
    demand: float
    position: int
    exact: int
    total: int
    entries: list[dict[str, Any]]
    facets: Facets


@dataclass(frozen=True)
class Searching:
    """Answers requests about one index as this process knows it."""

    server: Server
    uid: str
    held: Held
    knowledge: Knowledge

    async def search(self, request: Request) -> Page | None:
        """One page of results; None where the index is another build than the one that is held."""
        rounds = Rounds(self.server)
        draft = self._draft(rounds, request)
        while await rounds.send():
            state = self._state(rounds)
            if state.build != self.held.make.build:
                return None
            self.held.seen = state.position
            draft = self._draft(rounds, request)
        end = request.offset + len(draft.entries)
        more = bool(draft.entries) and end < draft.total
        plan, analyzer = draft.plan, self.held.analyzer
        return Page(
            hits=shown(
                map(document_of, draft.entries),
                plan,
                Highlighter(plan, analyzer, loose=draft.demand < 1),
                self.knowledge,
                request,
            ),
            total=draft.total,
            exact=draft.exact,
            facets=draft.facets,
            next_offset=end if more else None,
            snapshot=draft.position if more else 0,
            corrections=plan.corrections,
            regions=plan.regions,
            places=plan.places,
        )

    async def suggest(self, prefix: str, audience: frozenset[str], limit: int) -> list[Completion]:
        """Regions and terms that begin like `prefix`, then titles with all its words."""
        words = typed_words(prefix)
        if not words:
            return []
        titled = await self._titled(words, audience, limit * 2)
        if not titled:
            ways = spellings(words, self.held.lexicon)
            known = await self._named({word for spelt in ways for word in spelt}, audience)
            titled = await self._titled(respelt(ways, known.__contains__), audience, limit * 2)
        return completions(self.knowledge, prefix, titled, limit)

    async def _titled(self, words: Sequence[str], audience: frozenset[str], limit: int) -> list[Document]:
        """Documents with all of `words` in their names, the last one as a prefix."""
        [found] = await self.server.search([self._of_names(words, audience, limit)])
        return [document_of(hit) for hit in found.hits]

    async def _named(self, words: Collection[str], audience: frozenset[str]) -> set[str]:
        """Those of `words` that stand in a name which this audience may see."""
        found = await self.server.search([self._of_names([word], audience, 1) for word in words])
        return {word for word, answer in zip(words, found, strict=True) if answer.hits}

    def _of_names(self, words: Sequence[str], audience: frozenset[str], limit: int) -> Query:
        query = fetching(self.uid, visible(audience), limit, attributes_to_search_on=["name_words"])
        return query | {"query": " ".join(words), "matching_strategy": "all"}

    async def stats(self, audience: frozenset[str]) -> EngineStats:
        """Counts of what an audience can find."""
        [found] = await self.server.search([counting(self.uid, visible(audience), ["kind"])])
        return EngineStats(found.total_hits or 0, dict((found.facet_distribution or {}).get("kind", {})))

    def _draft(self, rounds: Rounds, request: Request) -> _Draft:
        """The answer with what is known; what is not leaves open questions."""
        state, plan = self._state(rounds), self._plan(rounds, request)
        # all documents were written anew since a page of an older snapshot
        kept = request.snapshot if request.snapshot >= self.held.make.position else 0
        position = kept or state.position
        base = at_most("position", position)
        conditions = Conditions(plan, self.knowledge, request.today)
        narrowed = both(eligible(self.knowledge, request), base)
        exact, demand = self._demand(rounds, narrowed, conditions, request)
        total, entries = self._ordered(rounds, narrowed, conditions, demand, request)
        facets = self._facets(rounds, both(base, conditions.met(demand)), request) if request.facets else {}
        return _Draft(plan, demand, position, total if demand == DEMANDS[0] else exact, total, entries, facets)

    def _state(self, rounds: Rounds) -> State:
        """The state of the index, as it was last seen where that is not known yet."""
        found = rounds.ask(state_query(self.uid))
        return State(self.held.seen, self.held.make.build) if found is None else read_state(found)

    def _plan(self, rounds: Rounds, request: Request) -> Plan:
        """What the words mean. Whether one occurs is asked as the interpreter comes to need it, of typed words first
        and then, if one does not occur, of its neighbours in the lexicon."""

        def occurs(stem: str) -> bool:
            return self._frequency(rounds, request, stem) > 0

        interpreter = Interpreter(self.held.analyzer, self.knowledge, self.held.lexicon, occurs)
        return interpreter.plan(request.q) if request.q else Plan()

    def _demand(self, rounds: Rounds, narrowed: str, conditions: Conditions, request: Request) -> tuple[int, float]:
        """How many meet all, where more is asked for than that, and the strictest demand that gives enough."""
        if request.strict or not conditions.demanding:
            return 0, DEMANDS[0]
        met = [both(narrowed, conditions.met(demand)) for demand in DEMANDS[:-1]]
        counted = [rounds.count(self.uid, condition, guess=ENOUGH) for condition in met]
        enough = (demand for demand, count in zip(DEMANDS, counted, strict=False) if count >= ENOUGH)
        return counted[0], next(enough, DEMANDS[-1])

    def _ordered(
        self, rounds: Rounds, narrowed: str, conditions: Conditions, demand: float, request: Request
    ) -> tuple[int, list[dict[str, Any]]]:
        """How many documents there are, and those of the page: band by band, and inside one by Meilisearch's ranking.

        Where the nearest come first, these are bands around the others: counted first, since a page lies in few.
        """
        bands = [conditions.met(demand)] if request.newest_first else conditions.bands(demand)
        ranked = self._ranking(rounds, conditions.plan, demand, request)
        if request.nearest_to is None or request.newest_first:
            whole = [both(narrowed, band) for band in bands]
            return self._taken(rounds, whole, request.offset, request.limit, ranked)
        rings = [both(narrowed, ring) for ring in nearness(self.knowledge, request.nearest_to)]
        sizes = [rounds.count(self.uid, both(ring, conditions.met(demand))) for ring in rings]
        entries: list[dict[str, Any]] = []
        for ring, start, number in _slices(rings, sizes, request.offset, request.limit):
            entries += self._taken(rounds, [both(ring, band) for band in bands], start, number, ranked)[1]
        return sum(sizes), entries

    def _ranking(self, rounds: Rounds, plan: Plan, demand: float, request: Request) -> Query:
        """How Meilisearch ranks inside a band: by the query's words, or by day if that is asked for or there are none.

        The first word is in every document, so the words after it may be missing: they rank and exclude nothing. What
        counts is how many of them from the first on a document has, so where not all are demanded the rarest come
        first. The space at the end says that the last word is whole.
        """
        if request.newest_first or not plan.concepts:
            return {"sort": NEWEST}
        stems = [concept.wordings[0].stems for concept in plan.concepts if not concept.regions]
        words = list(dict.fromkeys(stem for group in stems for stem in group))[:MOST_WORDS]
        frequencies = {word: self._frequency(rounds, request, word) for word in words}
        if demand < DEMANDS[0]:
            words.sort(key=lambda word: frequencies[word] or inf)
        return {
            "query": " ".join([ANYTHING, *words, ""]),
            "matching_strategy": "last",
            "attributes_to_search_on": list(RANKED),
        }

    def _frequency(self, rounds: Rounds, request: Request, stem: str) -> int:
        """How many documents that the asking person may see have a stem; as long as nobody knows, some."""
        return rounds.count(self.uid, both(visible(request.audience), equal(ANYWHERE, stem)), guess=1)

    def _taken(
        self, rounds: Rounds, bands: Sequence[str], offset: int, limit: int, ranked: Query
    ) -> tuple[int, list[dict[str, Any]]]:
        """How many documents lie in these bands, and `limit` of them from `offset` on.

        A page at the beginning is asked for with the sizes: more comes back than is shown, but in one round.
        """
        if offset == 0:
            found = [rounds.ask(fetching_and_counting(self.uid, band, limit, **ranked)) for band in bands]
            sizes = [result.total_hits or 0 if result else 0 for result in found]
            return sum(sizes), [hit for result in found if result for hit in result.hits][:limit]
        sizes = [rounds.count(self.uid, band) for band in bands]
        asked = [
            rounds.ask(fetching(self.uid, band, number, start, **ranked))
            for band, start, number in _slices(bands, sizes, offset, limit)
        ]
        return sum(sizes), [hit for result in asked if result for hit in result.hits]

    def _facets(self, rounds: Rounds, met: str, request: Request) -> Facets:
        """The facet counts; a chosen facet as if nothing were chosen in it."""
        free = [facet for facet in FACETS if facet not in request.filters]
        counted: dict[str, dict[str, int]] = {}
        for less, facets in [("", free), *((facet, [facet]) for facet in request.filters)]:
            if facets:
                condition = both(eligible(self.knowledge, request, less), met)
                found = rounds.values(self.uid, condition, map(_attribute, facets))
                counted |= {facet: found.get(_attribute(facet), {}) for facet in facets}
        counted["district"] = self._by_region(counted["district"])
        return sorted_facets(counted)

    def _by_region(self, counted: Mapping[str, int]) -> dict[str, int]:
        slugs = {region_code(slug): slug for slug in self.knowledge.regions}
        combined: dict[tuple[str, ...], int] = {}
        for codes, count in counted.items():
            regions = regions_of(codes, slugs)
            combined[regions] = combined.get(regions, 0) + count
        return count_by_territory(combined, self.knowledge)


def _slices(bands: Sequence[str], sizes: Sequence[int], offset: int, limit: int) -> Iterator[tuple[str, int, int]]:
    """What of each band lies on a page: the band, where it begins in it, how many."""
    start, left = offset, limit
    for band, size in zip(bands, sizes, strict=True):
        if left > 0 and start < size:
            taken = min(left, size - start)
            yield band, start, taken
            left -= taken
        start = max(0, start - size)


def _attribute(facet: str) -> str:
    return "territory" if facet == "district" else facet
