"""From a plan to tantivy queries: what counts how much among the documents that match.

Numbers here were set on the shipped content with the public judged queries (`bench/search_quality.py`) and are few on
purpose: a rule for one query is not a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import tantivy

from infra.contracts.territory import Territory
from services.search.embedded.fields import STILL
from services.search.embedded.matching import any_of, inside, meeting, on_the_spot, term
from services.search.language.meanings import Tag
from services.search.language.terms import NEVER_OVER
from services.search.language.understanding import Concept, Plan, Wording

Occur = tantivy.Occur
Query = tantivy.Query

WORD = 1.4
EXACT_NAME = 12.0
TITLE_PHRASE = 2.0
IN_PLACE, AROUND_PLACE, NATION_WIDE = 15.0, 7.0, 1.5
PLACE_ALONE = 0.5
ON_THE_SPOT = 2.0
NOT_OVER = 2.0
TAG = 3.0
TIE = 0.2


@dataclass(frozen=True)
class Ranking:
    """Builds the scoring part of one request's queries."""

    schema: tantivy.Schema
    territory: Territory
    searcher: tantivy.Searcher

    def words(self, plan: Plan, demand: float) -> Query:
        """How well each concept of a plan is met, in what meets the share `demand` of them: see `matching.meeting`.

        With no demand a place may stand alone, and then counts for less than words do.
        """
        alone = PLACE_ALONE if not demand and any(not concept.regions for concept in plan.concepts) else 1.0

        def build(concept: Concept) -> Query:
            if concept.regions:
                return Query.boost_query(self._place(concept), alone)
            return self._concept(concept, loose=demand < 1)

        spot = [_const(any_of(self.schema, places), ON_THE_SPOT) for places in on_the_spot(plan, self.territory)]
        return meeting(plan, demand, build, spot)

    def places(self, plan: Plan) -> list[Query]:
        """How well each place of a plan is met."""
        return [self._place(concept) for concept in plan.concepts if concept.regions]

    def bonuses(self, plan: Plan, today: str, *, weighed: bool) -> list[Query]:
        """What lifts a document further: its exact name, the words in a row in its title, that it is not over.

        Where scores are `weighed`, what is there for good is lifted by that already (`fields.WEIGHTS`).
        """
        queries = [_const(self._term("name_key", plan.name), EXACT_NAME)] if plan.name else []
        if len(plan.stems) > 1:
            in_a_row = Query.phrase_query(self.schema, "title", list(plan.stems), 1)
            queries.append(Query.boost_query(in_a_row, TITLE_PHRASE))
        if not weighed:
            queries.append(_const(self._not_over(today), NOT_OVER))
        elif self._stands("ending", STILL):
            ending = [(Occur.Must, self._term("ending", STILL)), (Occur.Must, self._not_over(today))]
            queries.append(_const(Query.boolean_query(ending), NOT_OVER))
        return queries

    def _not_over(self, today: str) -> Query:
        """What is of use on or after `today` (ISO, "" for: on some day)."""
        day = int(today.replace("-", "") or 1)
        return Query.range_query(self.schema, "until", tantivy.FieldType.Unsigned, day, NEVER_OVER)

    def _concept(self, concept: Concept, *, loose: bool) -> Query:
        wordings = concept.wordings + (concept.loose if loose else ())
        return Query.disjunction_max_query(
            [*self._wordings(wordings), *map(self._tag, concept.tags_if(loose=loose))], TIE
        )

    def _wordings(self, wordings: Sequence[Wording]) -> list[Query]:
        """Every way to meet one of these, side by side: alternatives within alternatives take twice as long."""
        return [way for wording in wordings if wording.stems for way in self._wording(wording)]

    def _wording(self, wording: Wording) -> list[Query]:
        """The ways to meet all stems of a wording; several together count about as much as one."""
        share = wording.weight / len(wording.stems) ** 0.5
        each = [self._stem(stem, share) for stem in wording.stems]
        if len(each) == 1:
            return each[0]
        return [Query.boolean_query([(Occur.Must, Query.disjunction_max_query(ways, TIE)) for ways in each])]

    def _stem(self, stem: str, share: float) -> list[Query]:
        """A stem among the names and anywhere; to be told that it stands nowhere takes a tenth of a query for it."""
        ways = [
            (name, option) for name, option in (("names", "freq"), ("anywhere", "basic")) if self._stands(name, stem)
        ]
        found = (Query.term_query(self.schema, name, stem, option) for name, option in ways)
        return [Query.boost_query(query, WORD * share) for query in found]

    def _stands(self, name: str, value: str) -> bool:
        return self.searcher.doc_freq(name, value) > 0

    def _tag(self, tag: Tag) -> Query:
        return Query.boost_query(self._term(tag.field, tag.value), TAG * tag.weight)

    def _place(self, concept: Concept) -> Query:
        """In the place, around it, nation-wide — or the place is in the words."""
        above = [self.territory.above(region) for region in concept.regions]
        top = {chain[-1] for chain in above if chain}
        around = {slug for chain in above for slug in chain} - {*concept.regions} - top
        rings = (
            ([inside(slug) for slug in concept.regions], IN_PLACE),
            ([("region", slug) for slug in around], AROUND_PLACE),
            ([("region", slug) for slug in top - {*concept.regions}], NATION_WIDE),
        )
        queries = [_const(any_of(self.schema, ring), score) for ring, score in rings if ring]
        return Query.disjunction_max_query([*queries, *self._wordings(concept.wordings)], TIE)

    def _term(self, name: str, value: str) -> Query:
        return term(self.schema, name, value)


def _const(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)
