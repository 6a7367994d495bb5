"""What must hold for a document to be found: who may see it, what was chosen, where it lies, and the words.

Nothing here has a say in the order. The words are looked up in the one field that has the terms of all texts, so that
counting needs few lists; how well a document meets them is for `ranking`, which finds the same documents.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import tantivy

from infra.contracts.territory import Territory
from services.search.domain import PUBLIC, Request
from services.search.embedded.fields import CLOSED
from services.search.embedded.nearness import Spots
from services.search.language.knowledge import Knowledge
from services.search.language.understanding import Concept, Plan

Occur = tantivy.Occur
Query = tantivy.Query
Clause = tuple[Occur, Query]
Value = tuple[str, str]
"""A field and what stands in it."""


def visible(schema: tantivy.Schema, audience: Collection[str]) -> list[Clause]:
    """What these audiences may see, to be joined with something that must hold.

    Nearly everything is public, so the public is shown what is not closed, which is the shorter list.
    """
    if PUBLIC not in audience:
        return [(Occur.Must, any_of(schema, (("audience", who) for who in audience)))]
    closed = term(schema, "access", CLOSED)
    own = set(audience) - {PUBLIC}
    if not own:
        return [(Occur.MustNot, closed)]
    others = Query.boolean_query(
        [(Occur.Must, closed), (Occur.MustNot, any_of(schema, (("audience", who) for who in own)))]
    )
    return [(Occur.MustNot, others)]


@dataclass(frozen=True)
class Matching:
    """Builds what must hold for one request."""

    schema: tantivy.Schema
    knowledge: Knowledge
    spots: Spots
    request: Request
    plan: Plan

    def clauses(self, demand: float, chosen: Mapping[str, Sequence[str]]) -> list[Clause]:
        """All conditions with these facet values; the share `demand` of the plan's concepts must be met."""
        words = [self.words(demand)] if self.plan.concepts else []
        clauses: list[Clause] = [(Occur.Must, query) for query in [*self.circumstances(chosen), *words]]
        return [*(clauses or [(Occur.Must, Query.all_query())]), *visible(self.schema, self.request.audience)]

    def circumstances(self, chosen: Mapping[str, Sequence[str]]) -> list[Query]:
        """What must hold besides the words and who may see it, with these facet values."""
        asked = self.request
        queries = [any_of(self.schema, self._values_of(*facet)) for facet in chosen.items()]
        if asked.within is not None:
            queries.append(self.spots.within(self.knowledge, asked.within))
        if asked.only is not None:
            queries.append(any_of(self.schema, (("id", identifier) for identifier in asked.only)))
        return queries

    def conditions(self) -> dict[str, str]:
        """What was chosen, by facet, in tantivy's query language."""
        asked = {facet: self._values_of(facet, values) for facet, values in self.request.filters.items()}
        return {
            facet: "(" + " OR ".join(f'{name}:"{_escaped(value)}"' for name, value in sorted(values)) + ")"
            for facet, values in asked.items()
        }

    def _values_of(self, facet: str, values: Sequence[str]) -> Iterable[Value]:
        """What to look for; a district is met by all that concerns it."""
        if facet == "district":
            return {place for value in values for place in concerning(value, self.knowledge.territory)}
        return [(facet, value) for value in values]

    def words(self, demand: float) -> Query:
        """What meets the share `demand` of the concepts: see `meeting`."""
        spot = [any_of(self.schema, places) for places in on_the_spot(self.plan, self.knowledge.territory)]
        return meeting(self.plan, demand, partial(self._concept, loose=demand < 1), spot)

    def _concept(self, concept: Concept, *, loose: bool) -> Query:
        """Any of the wordings or facet values, or a region that concerns the place."""
        wordings = concept.wordings + (concept.loose if loose and not concept.regions else ())
        ways = [self._stems(stems) for stems in dict.fromkeys(wording.stems for wording in wordings) if stems]
        ways += [term(self.schema, tag.field, tag.value) for tag in concept.tags_if(loose=loose) if not concept.regions]
        if concept.regions:
            places = {place for slug in concept.regions for place in concerning(slug, self.knowledge.territory)}
            ways.append(any_of(self.schema, places))
        return at_least(1, ways)

    def _stems(self, stems: Sequence[str]) -> Query:
        all_of = [term(self.schema, "anywhere", stem) for stem in dict.fromkeys(stems)]
        return all_of[0] if len(all_of) == 1 else Query.boolean_query([(Occur.Must, query) for query in all_of])


def _escaped(value: str) -> str:
    """What stands between quotation marks in tantivy's query language."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def concerning(slug: str, territory: Territory) -> list[Value]:
    """What a document has that concerns a region: it lies there or within, or names a region above."""
    return [inside(slug), *(("region", above) for above in territory.above(slug))]


def inside(slug: str) -> Value:
    """What a document has that lies in a region or within it."""
    return "within", slug


def on_the_spot(plan: Plan, territory: Territory) -> list[list[Value]]:
    """What a document has that names one of the very districts that a query asks for; nothing if it asks for none."""
    districts = [("region", slug) for slug in plan.regions if not territory.below(slug)]
    return [districts] if districts else []


def meeting(plan: Plan, demand: float, build: Callable[[Concept], Query], spot: list[Query]) -> Query:
    """Documents that meet the share `demand` (0 to 1) of a plan's concepts, at least one; `build` makes each.

    A place must be met when everything must; with less demand it does not count, and with none it may stand alone.
    What is in the very district asked for (`spot`, at most one) is shown although it meets fewer words.
    """
    things = [build(concept) for concept in plan.concepts if not concept.regions]
    if things and 0 < demand < 1:
        enough = at_least(ceil(len(things) * demand), things)
        here = [
            Query.boolean_query([(Occur.Must, place), *((Occur.Should, thing) for thing in things)]) for place in spot
        ]
        return Query.disjunction_max_query([enough, *here], 0.0) if here else enough
    places = [build(concept) for concept in plan.concepts if concept.regions]
    return at_least(len(plan.concepts) if demand else 1, things + places)


def term(schema: tantivy.Schema, name: str, value: str) -> Query:
    """Documents with exactly this value in a field."""
    return Query.term_query(schema, name, value, "basic")


def any_of(schema: tantivy.Schema, values: Iterable[Value]) -> Query:
    """Documents with one of these values.

    Alternatives instead of tantivy's set of terms, which walks the whole dictionary of the field: a thousand of 100,000
    ids take 3 ms of the processor instead of 10, three districts 0.06 instead of 0.24.
    """
    wanted = [term(schema, *value) for value in sorted(values)]
    if len(wanted) == 1:
        return wanted[0]
    return Query.const_score_query(Query.boolean_query([(Occur.Should, value) for value in wanted]), 1.0)


def at_least(number: int, queries: Sequence[Query]) -> Query:
    """Documents that meet so many of these, at least one; their score is the sum of those that they meet."""
    if len(queries) == 1:
        return queries[0]
    if number >= len(queries):
        return Query.boolean_query([(Occur.Must, query) for query in queries])
    return Query.boolean_query([(Occur.Should, query) for query in queries], max(1, number))
