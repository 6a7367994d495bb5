"""One search from request to page, on a snapshot of the index. Runs in a reader thread.

First every concept of the query must be met; where that finds too little, half of them suffice, then one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tantivy

from services.search.answering import (
    DEMANDS,
    ENOUGH,
    completions,
    exported,
    respelt,
    shown,
    sorted_facets,
    spellings,
    typed_words,
)
from services.search.domain import FACETS, Document, Request
from services.search.embedded.districts import Districts
from services.search.embedded.facets import Counted, count, number_of
from services.search.embedded.matching import term, visible
from services.search.embedded.question import Question
from services.search.embedded.snapshots import Snapshot, Snapshots
from services.search.embedded.store import Store, read_body
from services.search.engine import Completion, EngineStats, Found, Page
from services.search.language.highlighting import Highlighter
from services.search.language.knowledge import Knowledge
from services.search.language.understanding import Interpreter, Plan

Occur = tantivy.Occur
Query = tantivy.Query


@dataclass(frozen=True)
class _Numbers:
    """How many documents meet the share `demand` of the concepts, as strictly as gives enough; how many meet all."""

    demand: float
    total: int
    exact: int
    facets: dict[str, list[tuple[str, int]]]


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
        question = Question(snapshot, knowledge, request, plan)
        numbers = _numbers(snapshot, question)
        hits = _hits(snapshot, knowledge, question, numbers.demand) if request.offset < numbers.total else []
        end = request.offset + len(hits)
        more = bool(hits) and end < numbers.total
        return Page(
            hits=hits,
            total=numbers.total,
            exact=numbers.exact,
            facets=numbers.facets,
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


def _numbers(snapshot: Snapshot, question: Question) -> _Numbers:
    request, plan = question.request, question.plan
    narrowed = plan.concepts or request.filters or request.within or request.only is not None
    if request.facets and not narrowed:
        counted = snapshot.everything.get(request.audience, lambda: _count(snapshot.searcher, question, DEMANDS[0]))
        return _Numbers(DEMANDS[0], counted.total, counted.total, _facets(counted, snapshot.store.districts))
    exact = 0
    for demand in DEMANDS[:1] if request.strict else DEMANDS:
        counted = _count(snapshot.searcher, question, demand)
        exact = exact if demand < 1 else counted.total
        if counted.total >= ENOUGH or not plan.concepts:
            break
    facets = _facets(counted, snapshot.store.districts) if request.facets else {}
    return _Numbers(demand, counted.total, exact, facets)


def _hits(snapshot: Snapshot, knowledge: Knowledge, question: Question, demand: float) -> list[Found]:
    found = _top(snapshot.searcher, question, demand)
    documents = (read_body(snapshot.searcher.doc(address)) for address in found)
    highlighter = Highlighter(question.plan, snapshot.store.analyzer, loose=demand < 1)
    return shown(documents, question.plan, highlighter, knowledge, question.request)


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


def _count(searcher: tantivy.Searcher, question: Question, demand: float) -> Counted:
    if question.request.facets:
        return count(searcher, question.before_choice(demand), question.chosen)
    return Counted(number_of(searcher, question.matching(demand)), {})


def _facets(counted: Counted, districts: Districts) -> dict[str, list[tuple[str, int]]]:
    """Values and counts of every facet, the most frequent first."""
    values = {facet: counted.values.get(facet, {}) for facet in FACETS}
    return sorted_facets({**values, "district": districts.count(values["district"])})


def _top(searcher: tantivy.Searcher, question: Question, demand: float) -> list[tantivy.DocAddress]:
    """The hits of one page: by score, or the newest first where that was asked for or nothing has a say."""
    request = question.request
    query = question.scored(demand) if question.orders else question.matching(demand)
    found = searcher.search(
        query,
        request.limit,
        count=False,
        offset=request.offset,
        order_by_field=None if question.orders else "freshness",
        weight_by_field="weight" if question.is_weighed else None,
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
