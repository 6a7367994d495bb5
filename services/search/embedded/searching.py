"""One search from request to page, on a snapshot of the index. Runs in a reader thread.

First every concept of the query must be met; where that finds too little, half of them suffice, then one (`demands`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import tantivy

from services.search.answering import (
    completions,
    exported,
    respelt,
    shown,
    sorted_facets,
    spellings,
    typed_words,
)
from services.search.domain import FACETS, Document, Request
from services.search.embedded.demands import Demand, demands
from services.search.embedded.districts import Districts
from services.search.embedded.facets import Counted, count, number_of
from services.search.embedded.matching import Matching, term, visible
from services.search.embedded.ranking import Ranking
from services.search.embedded.snapshots import Snapshot, Snapshots
from services.search.embedded.store import Store, read_body
from services.search.engine import Completion, EngineStats, Page
from services.search.language.highlighting import Highlighter
from services.search.language.knowledge import Knowledge
from services.search.language.understanding import Interpreter, Plan

Occur = tantivy.Occur
Query = tantivy.Query


class _Query:
    """The parts of one request's query, put together as needed. `demand` is how much of it must be met."""

    def __init__(self, snapshot: Snapshot, knowledge: Knowledge, request: Request, plan: Plan) -> None:
        store = snapshot.store
        self.request = request
        self.plan = plan
        self.demand = Demand()
        self._matching = Matching(store.schema, knowledge, store.spots, request, plan)
        self._ranking = Ranking(store.schema, knowledge.territory, snapshot.searcher)

    @property
    def orders(self) -> bool:
        """Whether anything but the day has a say in the order."""
        asked = self.request
        return not asked.newest_first and (bool(self.plan.concepts) or asked.nearest_to is not None)

    @property
    def chosen(self) -> dict[str, str]:
        """The conditions of what was chosen in facets."""
        return self._matching.conditions()

    def matching(self) -> tantivy.Query:
        """What must hold."""
        return Query.boolean_query(self._matching.clauses(self.demand, self.request.filters))

    def before_choice(self) -> tantivy.Query:
        """What must hold, whatever was chosen in facets."""
        return Query.boolean_query(self._matching.clauses(self.demand, {}))

    def scored(self) -> tantivy.Query:
        """What must hold, with all that has a say in the order: looked for once, with its score."""
        plan, asked, ranking = self.plan, self.request, self._ranking
        lifts = ranking.bonuses(plan, asked.today) if plan.concepts else []
        if self.demand.is_partial:
            lifts += ranking.places(plan)
        if asked.nearest_to is not None:
            lifts.append(self._matching.spots.nearest(self._matching.knowledge, asked.nearest_to))
        found = [Query.const_score_query(query, 0.0) for query in self._matching.circumstances(asked.filters)]
        found.append(ranking.words(plan, self.demand) if plan.concepts else Query.all_query())
        seen = visible(self._matching.schema, asked.audience)
        query = Query.boolean_query([*((Occur.Must, part) for part in found), *seen])
        for lift in lifts:  # one in the other: side by side tantivy would score what does not match, too
            query = Query.boolean_query([(Occur.Must, query), (Occur.Should, lift)])
        return query


class Searching:
    """Answers requests; keeps the snapshots that later pages need."""

    def __init__(self) -> None:
        self._snapshots = Snapshots()

    def search(self, store: Store, knowledge: Knowledge, request: Request) -> Page:
        """One page of results; the same one for the same question while the index stands."""
        snapshot = self._snapshots.get(store, request.snapshot)
        page = snapshot.pages.get((knowledge, request), lambda: self._page(snapshot, knowledge, request))
        if page.next_offset is not None:
            self._snapshots.keep(snapshot)
        return page

    def _page(self, snapshot: Snapshot, knowledge: Knowledge, request: Request) -> Page:
        plan = _plan(snapshot, knowledge, request)
        query = _Query(snapshot, knowledge, request, plan)
        counted, exact = _counted(snapshot, query)
        found = _top(snapshot.searcher, query, counted.total)
        end = request.offset + len(found)
        more = bool(found) and end < counted.total
        return Page(
            hits=shown(
                (read_body(snapshot.searcher.doc(address)) for address in found),
                plan,
                Highlighter(plan, snapshot.store.analyzer, loose=query.demand.is_loose),
                knowledge,
                request,
            ),
            total=counted.total,
            exact=exact,
            facets=_facets(counted, snapshot.store.districts) if request.facets else {},
            next_offset=end if more else None,
            snapshot=snapshot.number if more else 0,
            corrections=plan.corrections,
            regions=plan.regions,
            places=plan.places,
        )

    def suggest(
        self, store: Store, knowledge: Knowledge, prefix: str, audience: frozenset[str], limit: int
    ) -> list[Completion]:
        """Regions and terms that begin like `prefix`, then titles with all its words."""
        words = typed_words(prefix)
        if not words:
            return []
        titled = _titled(store, words, audience, limit * 2)
        if not titled:
            spelt = respelt(spellings(words, store.lexicon), _named(store, audience))
            titled = _titled(store, spelt, audience, limit * 2)
        return completions(knowledge, prefix, titled, limit)

    def stats(self, store: Store, audience: frozenset[str]) -> EngineStats:
        """Counts of what an audience can find."""
        query = Query.boolean_query([(Occur.Must, Query.all_query()), *visible(store.schema, audience)])
        kinds = dict(count(store.searcher(), query, {}).values.get("kind", {}))
        return EngineStats(sum(kinds.values()), kinds)

    def export(self, store: Store) -> bytes:
        """All documents, one JSON object a line, sorted by id, keys sorted."""
        return exported(store.all_documents())


def _counted(snapshot: Snapshot, query: _Query) -> tuple[Counted, int]:
    """How many documents match, as strictly as gives enough of them; and how many when all must be met."""
    request = query.request
    narrowed = query.plan.concepts or request.filters or request.within or request.only is not None
    if request.facets and not narrowed:
        counted = _everything(snapshot, query)
        return counted, counted.total
    exact = 0
    steps = demands(query.plan, partial(snapshot.searcher.doc_freq, "anywhere"), strict=request.strict)
    for query.demand in steps:
        counted = _count(snapshot.searcher, query)
        exact = exact if query.demand.is_loose else counted.total
        if counted.total >= query.demand.enough or not query.plan.concepts:
            break
    return counted, exact


def _everything(snapshot: Snapshot, query: _Query) -> Counted:
    """Counts of all that an audience may see: the first page of every visit, and the dearest to count."""
    return snapshot.everything.get(query.request.audience, lambda: _count(snapshot.searcher, query))


def _plan(snapshot: Snapshot, knowledge: Knowledge, request: Request) -> Plan:
    """What the words ask for, whatever else was chosen."""
    question = knowledge, request.audience, request.q
    return snapshot.plans.get(question, lambda: _understood(snapshot, knowledge, request))


def _understood(snapshot: Snapshot, knowledge: Knowledge, request: Request) -> Plan:
    if not request.q:
        return Plan()
    store, searcher = snapshot.store, snapshot.searcher
    seen = visible(store.schema, request.audience)

    def exists(stem: str) -> bool:
        query = Query.boolean_query([(Occur.Must, term(store.schema, "anywhere", stem)), *seen])
        return bool(searcher.search(query, 1, count=False).hits)

    return Interpreter(store.analyzer, knowledge, store.lexicon, exists).plan(request.q)


def _count(searcher: tantivy.Searcher, query: _Query) -> Counted:
    if query.request.facets:
        return count(searcher, query.before_choice(), query.chosen)
    return Counted(number_of(searcher, query.matching()), {})


def _facets(counted: Counted, districts: Districts) -> dict[str, list[tuple[str, int]]]:
    """Values and counts of every facet, the most frequent first."""
    values = {facet: counted.values.get(facet, {}) for facet in FACETS}
    return sorted_facets({**values, "district": districts.count(values["district"])})


def _top(searcher: tantivy.Searcher, query: _Query, total: int) -> list[tantivy.DocAddress]:
    """The hits of one page: by score, or the newest first where that was asked for or nothing has a say."""
    if not query.orders:
        return _page(searcher, query.matching(), query.request, total, "freshness")
    return _page(searcher, query.scored(), query.request, total)


def _page(
    searcher: tantivy.Searcher, query: tantivy.Query, request: Request, total: int, order: str | None = None
) -> list[tantivy.DocAddress]:
    """Where the documents of one page are. tantivy sets memory aside for all that it skips."""
    if request.offset >= total:
        return []
    weight = "weight" if not order and request.nearest_to is None else None  # what lies nearer comes first, of any kind
    found = searcher.search(
        query, request.limit, count=False, offset=request.offset, order_by_field=order, weight_by_field=weight
    )
    return [address for _, address in found.hits]


def _titled(store: Store, words: list[str], audience: frozenset[str], limit: int) -> list[Document]:
    """Documents with all of `words` in their names, the last one as a prefix."""
    schema = store.schema
    clauses = visible(schema, audience)
    clauses += [(Occur.Must, Query.term_query(schema, "name_words", word, "basic")) for word in words[:-1]]
    clauses.append((Occur.Must, Query.fuzzy_term_query(schema, "name_words", words[-1], 0, prefix=True)))
    searcher = store.searcher()
    found = searcher.search(Query.boolean_query(clauses), limit, count=False)
    return [read_body(searcher.doc(address)) for _, address in found.hits]


def _named(store: Store, audience: frozenset[str]) -> Callable[[str], bool]:
    """Whether a word stands in a name that these audiences may see."""
    schema, searcher = store.schema, store.searcher()
    seen = visible(schema, audience)

    def named(word: str) -> bool:
        query = Query.boolean_query([(Occur.Must, term(schema, "name_words", word)), *seen])
        return bool(searcher.search(query, 1, count=False).hits)

    return named
