"""From a plan to tantivy queries: what counts how much among the documents that match.

Numbers here were set on the shipped content with the public judged queries (`bench/search_quality.py`) and are few on
purpose: a rule for one query is not a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import tantivy

from infra.contracts.territory import Territory
from services.search.embedded.matching import any_of, at_least, on_the_spot, term
from services.search.language.meanings import Tag
from services.search.language.terms import NEVER_OVER
from services.search.language.understanding import Concept, Plan, Wording

Occur = tantivy.Occur
Query = tantivy.Query

FIELD_WEIGHTS = {"title": 2.0, "title_parts": 1.4, "related": 1.2, "text": 1.6, "text_parts": 0.8}
NAME_WEIGHTS = {name: weight for name, weight in FIELD_WEIGHTS.items() if not name.startswith("text")}
COMMON = 0.1  # of all texts: that a word stands in a text then says little about it, and is the dearest to work out
NAME_WORD = 0.15
EXACT_NAME = 12.0
TITLE_PHRASE = 2.0
IN_PLACE, AROUND_PLACE, NATION_WIDE = 15.0, 7.0, 1.5
PLACE_ALONE = 0.5
ON_THE_SPOT = 2.0
KIND_BONUS = {"offer": 2.0, "organisation": 1.6, "network": 1.2, "contact_point": 1.6, "event": 1.0, "document": 0.6}
PASSING = ("offer", "event", "network")
TAG = 3.0
TIE = 0.35


@dataclass(frozen=True)
class Ranking:
    """Builds the scoring part of one request's queries; what a concept came to is remembered for the next of them."""

    schema: tantivy.Schema
    territory: Territory
    searcher: tantivy.Searcher
    _built: dict[tuple[Concept, bool], Query] = field(default_factory=dict)

    def words(self, plan: Plan, demand: float) -> list[Query]:
        """How well each concept of a plan is met where the share `demand` (0 to 1) of them must be.

        With no demand a place may stand alone, and then counts for less than words do.
        """
        things = [self._concept(concept, loose=demand < 1) for concept in plan.concepts if not concept.regions]
        places = [self._place(concept) for concept in plan.concepts if concept.regions]
        if things and not demand:
            places = [Query.boost_query(query, PLACE_ALONE) for query in places]
        districts = on_the_spot(plan, self.territory) if things and 0 < demand < 1 else []
        spot = [_const(any_of(self.schema, "region", districts), ON_THE_SPOT)] if districts else []
        return [*things, *places, *spot]

    def prominent(self, plan: Plan) -> Query:
        """Documents with some concept in their title or among their facets, or in the place asked for."""
        wordings = [item for concept in plan.concepts for item in concept.wordings if item.stems]
        stems = sorted({stem for item in wordings for stem in item.stems})
        ways = [self._term(name, stem) for stem in stems for name in ("title", "title_parts")]
        ways += [self._term(tag.field, tag.value) for concept in plan.concepts for tag in concept.tags]
        inside = {slug for region in plan.regions for slug in (region, *self.territory.below(region))}
        return at_least(1, [*ways, any_of(self.schema, "region", inside)])

    def bonuses(self, plan: Plan, today: str) -> list[Query]:
        """What lifts a document further: its exact name, the words in a row in its title, its kind while not over."""
        queries = [_const(self._current(kind, today), bonus) for kind, bonus in KIND_BONUS.items()]
        if plan.name:
            queries.append(_const(self._term("name_key", plan.name), EXACT_NAME))
        if len(plan.stems) > 1:
            in_a_row = Query.phrase_query(self.schema, "title", list(plan.stems), 1)
            queries.append(Query.boost_query(in_a_row, TITLE_PHRASE))
        return queries

    def _current(self, kind: str, today: str) -> Query:
        """Things of a kind, less those that are over by `today` (ISO, "" for: never)."""
        named = self._term("kind", kind)
        if not today or kind not in PASSING:
            return named
        day = int(today.replace("-", ""))
        later = Query.range_query(self.schema, "until", tantivy.FieldType.Unsigned, day, NEVER_OVER)
        return Query.boolean_query([(Occur.Must, named), (Occur.Must, later)])

    def _concept(self, concept: Concept, *, loose: bool) -> Query:
        built = self._built.get((concept, loose))
        if built is None:
            built = self._built[concept, loose] = self._build(concept, loose)
        return built

    def _build(self, concept: Concept, loose: bool) -> Query:
        wordings = concept.wordings + (concept.loose if loose else ())
        queries = [*self._wordings(wordings), *map(self._tag, concept.tags_if(loose=loose))]
        return Query.disjunction_max_query(queries, TIE)

    def _wordings(self, wordings: Sequence[Wording]) -> list[Query]:
        """Those that some document may meet."""
        built = (self._wording(wording) for wording in wordings if wording.stems)
        return [query for query in built if query is not None]

    def _wording(self, wording: Wording) -> Query | None:
        """All stems of a wording; several together count about as much as one. None if one of them stands nowhere."""
        share = wording.weight / len(wording.stems) ** 0.5
        each: list[Query] = []
        for stem in wording.stems:
            if (found := self._stem(stem)) is None:
                return None
            each.append(Query.boost_query(found, share))
        if wording.words:
            each = [self._also_as_written(query, word, share) for query, word in zip(each, wording.words, strict=True)]
        return each[0] if len(each) == 1 else Query.boolean_query([(Occur.Must, query) for query in each])

    def _also_as_written(self, query: Query, word: str, share: float) -> Query:
        if not self._stands("name_words", word):
            return query
        written = Query.boost_query(self._term("name_words", word), share * NAME_WORD)
        return Query.disjunction_max_query([query, written], 1.0)

    def _stem(self, stem: str) -> Query | None:
        common = self.searcher.doc_freq("text", stem) > COMMON * self.searcher.num_docs
        weights = NAME_WEIGHTS if common else FIELD_WEIGHTS
        found = [
            Query.boost_query(self._term(name, stem), weight)
            for name, weight in weights.items()
            if self._stands(name, stem)
        ]
        return Query.disjunction_max_query(found, TIE) if found else None

    def _stands(self, name: str, value: str) -> bool:
        """Whether a field has a value anywhere: to be told so takes a tenth of the time of a query for nothing."""
        return self.searcher.doc_freq(name, value) > 0

    def _tag(self, tag: Tag) -> Query:
        return Query.boost_query(self._term(tag.field, tag.value), TAG * tag.weight)

    def _place(self, concept: Concept) -> Query:
        """In the place, around it, nation-wide — or the place is in the words."""
        inside = {slug for region in concept.regions for slug in (region, *self.territory.below(region))}
        above = [self.territory.above(region) for region in concept.regions]
        top = {chain[-1] for chain in above if chain}
        around = {slug for chain in above for slug in chain} - inside - top
        rings = ((inside, IN_PLACE), (around, AROUND_PLACE), (top - inside, NATION_WIDE))
        queries = [_const(any_of(self.schema, "region", ring), score) for ring, score in rings if ring]
        text = Query.disjunction_max_query(self._wordings(concept.wordings), 0.0)
        return Query.disjunction_max_query([*queries, text], 0.5)

    def _term(self, name: str, value: str) -> Query:
        return term(self.schema, name, value)


def _const(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)
