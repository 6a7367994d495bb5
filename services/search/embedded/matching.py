"""What must hold for a document to be found: who may see it, what was chosen, where it lies, and the words.

Nothing here has a say in the order. The words are looked up in the one field that has the terms of all texts, so that
counting needs few lists; how well a document meets them is for `ranking`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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


def visible(schema: tantivy.Schema, audience: Collection[str]) -> list[Clause]:
    """What these audiences may see, to be joined with something that must hold.

    Nearly everything is public, so the public is shown what is not closed, which is the shorter list.
    """
    if PUBLIC not in audience:
        return [(Occur.Must, any_of(schema, "audience", audience))]
    closed = term(schema, "access", CLOSED)
    own = sorted(set(audience) - {PUBLIC})
    if not own:
        return [(Occur.MustNot, closed)]
    others = Query.boolean_query([(Occur.Must, closed), (Occur.MustNot, any_of(schema, "audience", own))])
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
        asked = self.request
        clauses = [(Occur.Must, self._value(*facet)) for facet in chosen.items()]
        if asked.within is not None:
            clauses.append((Occur.Must, self.spots.within(self.knowledge, asked.within)))
        if asked.only is not None:
            clauses.append((Occur.Must, any_of(self.schema, "id", asked.only)))
        if self.plan.concepts:
            clauses.append((Occur.Must, self._words(demand)))
        return [*(clauses or [(Occur.Must, Query.all_query())]), *visible(self.schema, asked.audience)]

    def conditions(self) -> dict[str, str]:
        """What was chosen, by facet, in tantivy's query language."""
        asked = {facet: self._field_and_values(facet, values) for facet, values in self.request.filters.items()}
        return {
            facet: "(" + " OR ".join(f'{name}:"{_escaped(value)}"' for value in values) + ")"
            for facet, (name, values) in asked.items()
        }

    def _value(self, facet: str, values: Sequence[str]) -> Query:
        return any_of(self.schema, *self._field_and_values(facet, values))

    def _field_and_values(self, facet: str, values: Sequence[str]) -> tuple[str, Collection[str]]:
        """The field to look into and what to look for; a district is any region that concerns it."""
        if facet == "district":
            return "region", sorted({slug for value in values for slug in self.knowledge.concerning(value)})
        return facet, values

    def _words(self, demand: float) -> Query:
        """The share `demand` (0 to 1) of the concepts, at least one.

        A place must be met when everything must; with less demand it does not count, and with none it may stand alone.
        What is in the very district asked for is shown although it meets fewer words.
        """
        things = [self._concept(item, loose=demand < 1) for item in self.plan.concepts if not item.regions]
        places = [self._concept(item, loose=False) for item in self.plan.concepts if item.regions]
        if not things or not 0 < demand < 1:
            return at_least(len(things) + len(places) if demand else 1, things + places)
        enough = at_least(ceil(len(things) * demand), things)
        districts = on_the_spot(self.plan, self.knowledge.territory)
        return at_least(1, [enough, any_of(self.schema, "region", districts)] if districts else [enough])

    def _concept(self, concept: Concept, *, loose: bool) -> Query:
        """Any of the wordings or facet values, or a region that concerns the place."""
        wordings = concept.wordings + (concept.loose if loose else ())
        ways = [self._stems(stems) for stems in dict.fromkeys(wording.stems for wording in wordings) if stems]
        ways += [term(self.schema, tag.field, tag.value) for tag in concept.tags_if(loose=loose) if not concept.regions]
        if concept.regions:
            slugs = {slug for region in concept.regions for slug in self.knowledge.concerning(region)}
            ways.append(any_of(self.schema, "region", slugs))
        return at_least(1, ways)

    def _stems(self, stems: Sequence[str]) -> Query:
        all_of = [term(self.schema, "anywhere", stem) for stem in dict.fromkeys(stems)]
        return all_of[0] if len(all_of) == 1 else Query.boolean_query([(Occur.Must, query) for query in all_of])


def _escaped(value: str) -> str:
    """What stands between quotation marks in tantivy's query language."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def on_the_spot(plan: Plan, territory: Territory) -> list[str]:
    """The very districts that a query asks for."""
    return [slug for slug in plan.regions if not territory.below(slug)]


def term(schema: tantivy.Schema, name: str, value: str) -> Query:
    """Documents with exactly this value in a field."""
    return Query.term_query(schema, name, value, "basic")


def any_of(schema: tantivy.Schema, name: str, values: Iterable[str]) -> Query:
    """Documents with one of these values in a field.

    Alternatives instead of tantivy's set of terms, which walks the whole dictionary of the field: a thousand of 100,000
    ids take 3 ms of the processor instead of 10, three districts 0.06 instead of 0.24.
    """
    wanted = [term(schema, name, value) for value in sorted(values)]
    if len(wanted) == 1:
        return wanted[0]
    return Query.const_score_query(Query.boolean_query([(Occur.Should, value) for value in wanted]), 1.0)


def at_least(number: int, queries: Sequence[Query]) -> Query:
    """Documents that meet so many of these, at least one."""
    if len(queries) == 1:
        return queries[0]
    if number >= len(queries):
        return Query.boolean_query([(Occur.Must, query) for query in queries])
    return Query.boolean_query([(Occur.Should, query) for query in queries], max(1, number))
