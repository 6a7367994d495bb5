"""One search from request to page, on a snapshot of the index. Runs in a reader thread.

First every concept of the query must be met; where that finds too little, half of them suffice, then one. The next
page goes on in the same snapshot, so that nothing is shown twice or skipped; the most recent ones are kept.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

import tantivy

from services.search.answering import DEMANDS, ENOUGH, completions, exported, shown, typed_words
from services.search.domain import Document, Request
from services.search.embedded.facets import Facets, count_facets, count_kinds
from services.search.embedded.matching import Matching, term, visible
from services.search.embedded.ranking import Ranking
from services.search.embedded.store import Store, read_body
from services.search.engine import Completion, EngineStats, Page
from services.search.language.highlighting import Highlighter
from services.search.language.knowledge import Knowledge
from services.search.language.lexicon import Lexicon
from services.search.language.understanding import Interpreter, Plan

KEPT_SNAPSHOTS = 32
Occur = tantivy.Occur
Query = tantivy.Query


@dataclass(frozen=True)
class State:
    """An index with its lexicon."""

    store: Store
    lexicon: Lexicon


@dataclass(frozen=True)
class _Snapshot:
    number: int
    state: State
    position: int
    searcher: tantivy.Searcher


@dataclass(frozen=True)
class _Top:
    addresses: list[tantivy.DocAddress]
    count: int


class _Query:
    """The parts of one request's query, put together as needed. `demand` is the share of concepts to be met."""

    def __init__(self, snapshot: _Snapshot, knowledge: Knowledge, request: Request, plan: Plan) -> None:
        store = snapshot.state.store
        self._matching = Matching(store.schema, knowledge, store.spots, request, plan)
        self._ranking = Ranking(store.schema, knowledge.territory)
        self._request = request
        self.demand = DEMANDS[0]

    @property
    def orders(self) -> bool:
        """Whether anything but the day has a say in the order."""
        asked = self._request
        return not asked.newest_first and (bool(self._matching.plan.concepts) or asked.nearest_to is not None)

    def matching(self) -> tantivy.Query:
        """What must hold."""
        return self.without("")

    def without(self, facet: str) -> tantivy.Query:
        """What must hold, less the choice in one facet."""
        chosen = {name: values for name, values in self._request.filters.items() if name != facet}
        return Query.boolean_query(self._matching.clauses(self.demand, chosen))

    def scored(self) -> tantivy.Query:
        """What must hold, with all that has a say in the order."""
        plan, near = self._matching.plan, self._request.nearest_to
        lifting = self._ranking.words(plan, self.demand) + self._ranking.bonuses(plan) if plan.concepts else []
        if near is not None:
            lifting.append(self._matching.spots.nearest(self._matching.knowledge, near))
        found = Query.const_score_query(self.matching(), 0.0)
        return Query.boolean_query([(Occur.Must, found), *((Occur.Should, query) for query in lifting)])


class Searching:
    """Answers requests; keeps the snapshots that later pages need."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, _Snapshot] = OrderedDict()
        self._newest: _Snapshot | None = None
        self._guard = threading.Lock()

    def search(self, state: State, knowledge: Knowledge, request: Request) -> Page:
        """One page of results."""
        snapshot = self._snapshot(state, request.snapshot)
        plan = self._plan(snapshot, knowledge, request)
        query = _Query(snapshot, knowledge, request, plan)
        exact = 0
        for query.demand in DEMANDS[:1] if request.strict else DEMANDS:
            found = _top(snapshot.searcher, query, request)
            exact = exact if query.demand < 1 else found.count
            if found.count >= ENOUGH or not plan.concepts:
                break
        end = request.offset + len(found.addresses)
        more = bool(found.addresses) and end < found.count
        if more:
            self._keep(snapshot)
        return Page(
            hits=shown(
                (read_body(snapshot.searcher.doc(address)) for address in found.addresses),
                plan,
                Highlighter(plan, snapshot.state.store.analyzer, loose=query.demand < 1),
                knowledge,
                request,
            ),
            total=found.count,
            exact=exact,
            facets=self._facets(snapshot, query, request),
            next_offset=end if more else None,
            snapshot=snapshot.number if more else 0,
            corrections=plan.corrections,
            regions=plan.regions,
            places=plan.places,
        )

    def suggest(
        self, state: State, knowledge: Knowledge, prefix: str, audience: frozenset[str], limit: int
    ) -> list[Completion]:
        """Regions and terms that begin like `prefix`, then titles with all its words."""
        words = typed_words(prefix)
        if not words:
            return []
        return completions(knowledge, prefix, _titled(state.store, words, audience, limit * 2), limit)

    def stats(self, state: State, audience: frozenset[str]) -> EngineStats:
        """Counts of what an audience can find."""
        query = Query.boolean_query([(Occur.Must, Query.all_query()), *visible(state.store.schema, audience)])
        kinds = count_kinds(state.store.searcher(), query)
        return EngineStats(sum(kinds.values()), kinds)

    def export(self, state: State) -> bytes:
        """All documents, one JSON object a line, sorted by id, keys sorted."""
        return exported(state.store.all_documents())

    def _facets(self, snapshot: _Snapshot, query: _Query, request: Request) -> Facets:
        if not request.facets:
            return {}
        return count_facets(snapshot.searcher, query.without, request.filters, snapshot.state.store.territory)

    def _plan(self, snapshot: _Snapshot, knowledge: Knowledge, request: Request) -> Plan:
        if not request.q:
            return Plan()
        store, searcher = snapshot.state.store, snapshot.searcher
        seen = visible(store.schema, request.audience)

        def exists(stem: str) -> bool:
            query = Query.boolean_query([(Occur.Must, term(store.schema, "anywhere", stem)), *seen])
            return bool(searcher.search(query, 1, count=False).hits)

        return Interpreter(store.analyzer, knowledge, snapshot.state.lexicon, exists).plan(request.q)

    def _snapshot(self, state: State, number: int) -> _Snapshot:
        """The snapshot that a cursor names, else the newest; one for all who ask in the same state of the index."""
        with self._guard:
            kept, newest = self._kept.get(number), self._newest
            if kept is not None:
                return kept
            if newest is None or newest.state is not state or newest.position != state.store.position:
                newest = _Snapshot(time.time_ns(), state, state.store.position, state.store.searcher())
                self._newest = newest
            return newest

    def _keep(self, snapshot: _Snapshot) -> None:
        with self._guard:
            self._kept[snapshot.number] = snapshot
            self._kept.move_to_end(snapshot.number)
            while len(self._kept) > KEPT_SNAPSHOTS:
                self._kept.popitem(last=False)


def _top(searcher: tantivy.Searcher, query: _Query, request: Request) -> _Top:
    """The hits of one page: by score, or the newest first where that was asked for or nothing has a say."""
    offset = min(request.offset, searcher.num_docs)  # tantivy sets memory aside for all that it skips
    if query.orders:
        found = searcher.search(query.scored(), request.limit, offset=offset)
    else:
        found = searcher.search(query.matching(), request.limit, offset=offset, order_by_field="freshness")
    return _Top([address for _, address in found.hits], found.count)  # type: ignore[attr-defined] # not in its stubs


def _titled(store: Store, words: list[str], audience: frozenset[str], limit: int) -> list[Document]:
    """Documents with all of `words` in their names, the last one as a prefix."""
    schema = store.schema
    clauses = visible(schema, audience)
    clauses += [(Occur.Must, Query.term_query(schema, "name_words", word, "basic")) for word in words[:-1]]
    clauses.append((Occur.Must, Query.fuzzy_term_query(schema, "name_words", words[-1], 0, prefix=True)))
    searcher = store.searcher()
    found = searcher.search(Query.boolean_query(clauses), limit, count=False)
    return [read_body(searcher.doc(address)) for _, address in found.hits]
