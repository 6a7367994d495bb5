"""One request as queries of tantivy: what must hold, and what has a say in the order."""

from __future__ import annotations

import tantivy

from services.search.domain import Request
from services.search.embedded.matching import Matching, visible
from services.search.embedded.ranking import Ranking
from services.search.embedded.snapshots import Snapshot
from services.search.language.knowledge import Knowledge
from services.search.language.understanding import Plan

Occur = tantivy.Occur
Query = tantivy.Query


class Question:
    """Puts the parts of one request's query together as needed.

    `demand` is the share (0 to 1) of the plan's concepts that must be met.
    """

    def __init__(self, snapshot: Snapshot, knowledge: Knowledge, request: Request, plan: Plan) -> None:
        store = snapshot.store
        self.request = request
        self.plan = plan
        self._matching = Matching(store.schema, knowledge, store.spots, request, plan)
        self._ranking = Ranking(store.schema, knowledge.territory, snapshot.searcher)

    @property
    def orders(self) -> bool:
        """Whether anything but the day has a say in the order."""
        asked = self.request
        return not asked.newest_first and (bool(self.plan.concepts) or asked.nearest_to is not None)

    @property
    def is_weighed(self) -> bool:
        """Whether scores are multiplied by the documents' weights: what lies nearer comes first, whatever it is."""
        return self.orders and self.request.nearest_to is None

    @property
    def chosen(self) -> dict[str, str]:
        """The conditions of what was chosen in facets."""
        return self._matching.conditions()

    def matching(self, demand: float) -> tantivy.Query:
        """What must hold."""
        return Query.boolean_query(self._matching.clauses(demand, self.request.filters))

    def before_choice(self, demand: float) -> tantivy.Query:
        """What must hold, whatever was chosen in facets."""
        return Query.boolean_query(self._matching.clauses(demand, {}))

    def scored(self, demand: float) -> tantivy.Query:
        """What must hold, with all that has a say in the order: looked for once, with its score."""
        plan, asked, ranking = self.plan, self.request, self._ranking
        lifts = ranking.bonuses(plan, asked.today, weighed=self.is_weighed) if plan.concepts else []
        if 0 < demand < 1:
            lifts += ranking.places(plan)
        if asked.nearest_to is not None:
            lifts.append(self._matching.spots.nearest(self._matching.knowledge, asked.nearest_to))
        found = [Query.const_score_query(query, 0.0) for query in self._matching.circumstances(asked.filters)]
        found.append(ranking.words(plan, demand) if plan.concepts else Query.all_query())
        seen = visible(self._matching.schema, asked.audience)
        query = Query.boolean_query([*((Occur.Must, part) for part in found), *seen])
        for lift in lifts:  # one in the other: side by side tantivy would score what does not match, too
            query = Query.boolean_query([(Occur.Must, query), (Occur.Should, lift)])
        return query
