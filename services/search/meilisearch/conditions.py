"""From a plan to filters: what must match, and the bands in which it is shown.

Which documents answer a query is decided here, exactly and the same way as by the embedded engine: each concept is a
filter over the documents' terms. The order comes in bands, filters that exclude one another, the best first; inside a
band Meilisearch's own ranking decides (docs/decisions/0044).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from math import ceil, inf

from services.search.answering import DEMANDS
from services.search.domain import Circle, Point, Request
from services.search.language.geography import BANDS_KM
from services.search.language.knowledge import Knowledge
from services.search.language.understanding import Concept, Plan, Wording
from services.search.meilisearch.documents import KEY, key_of
from services.search.meilisearch.filters import among, at_least, both, either, equal, inside, not_empty, without
from services.search.meilisearch.settings import PLACELESS, UNTIL

ANYWHERE, IN_TITLE = "terms", "title_terms"
HALF_WAY_ROUND = 20_040.0  # km around a point that hold all others
MOST_COMBINED = 6


def visible(audience: Iterable[str]) -> str:
    """What an audience may see."""
    return among("audience", sorted(audience))


def eligible(knowledge: Knowledge, request: Request, less: str = "") -> str:
    """All that a request demands besides its words, less the choice in one facet."""
    demanded = [visible(request.audience)]
    demanded += [_chosen(knowledge, *choice) for choice in request.filters.items() if choice[0] != less]
    if request.within is not None:
        demanded.append(either(inside(request.within), *_instead(knowledge.touched(request.within))))
    if request.only is not None:
        demanded.append(among(KEY, sorted(map(key_of, request.only))))
    return both(*demanded)


def nearness(knowledge: Knowledge, point: Point) -> list[str]:
    """Filters that exclude one another and together match everything, the nearest first: see `Knowledge.bands`."""
    bands = knowledge.bands(point)
    districts = {upper: slugs for upper, slugs in bands if any(map(knowledge.is_district, slugs))}
    near = [
        either(inside(Circle(point, min(km, HALF_WAY_ROUND))), *_instead(districts.get(km, frozenset())))
        for km in (*BANDS_KM, inf)
    ]
    larger = [among(PLACELESS, sorted(slugs)) for upper, slugs in bands if districts.get(upper) != slugs]
    return _apart([*near, *larger, ""])


def _instead(regions: Collection[str]) -> list[str]:
    """What has no place of its own and belongs to one of these regions; nothing to ask without regions."""
    return [among(PLACELESS, sorted(regions))] if regions else []


def _chosen(knowledge: Knowledge, facet: str, values: Sequence[str]) -> str:
    if facet != "district":
        return among(facet, values)
    return among("region", sorted({slug for value in values for slug in knowledge.concerning(value)}))


class Conditions:
    """The filters of one plan; a plan without concepts matches everything, in one band.

    With `today` (ISO) what is over comes after what meets as much in the same place.
    """

    def __init__(self, plan: Plan, knowledge: Knowledge, today: str = "") -> None:
        self.plan = plan
        self._current = at_least(UNTIL, int(today.replace("-", ""))) if today else ""
        self._territory = knowledge.territory
        self._things = [concept for concept in plan.concepts if not concept.regions]
        self._places = [concept for concept in plan.concepts if concept.regions]

    @property
    def demanding(self) -> bool:
        """Whether there are words, which one may ask more or less of."""
        return bool(self.plan.concepts)

    def met(self, demand: float) -> str:
        """The share `demand` (0 to 1) of the concepts is met, at least one; see `embedded.ranking` for places."""
        if not self.plan.concepts:
            return ""
        loose = demand < 1
        things = [_concept(concept, ANYWHERE, loose=loose) for concept in self._things]
        places = [self._place(concept) for concept in self._places]
        if things and 0 < demand < 1:
            return either(_some_of(ceil(len(things) * demand), things), *self._on_the_spot())
        if demand:
            return both(*things, *places)
        return either(*things, *places)

    def bands(self, demand: float) -> list[str]:
        """Filters that exclude one another and together are `met(demand)`, the best first.

        What meets a stricter demand is so little that how many of its words are in the title is left to Meilisearch.
        """
        if not self.plan.concepts:
            return [""]
        levels = [level for level in DEMANDS if level >= demand]
        found: list[str] = []
        for number, level in enumerate(levels):
            fresh = both(self.met(level), *([without(self.met(levels[number - 1]))] if number else []))
            for ring in _apart(self._rings()):
                found += [both(fresh, ring, title) for title in _apart(self._titles(level, few=level > demand))]
        return found

    def _titles(self, demand: float, *, few: bool) -> list[str]:
        """From the exact name to nothing of it in the title; what is over comes after the others of the same name, and
        at the end of what only meets the words in the text."""
        named, current = equal("name_key", self.plan.name), [self._current] if self._current else []
        things = [_concept(concept, IN_TITLE, loose=demand < 1) for concept in self._things]
        half = [_some_of(ceil(len(things) / 2), things)] if len(things) > 1 and not few else []
        titled = [both(*things), *half] if things else []
        return [*(both(named, day) for day in current), named, *titled, *current, ""]

    def _rings(self) -> list[str]:
        """In the places of the query, around them, nation-wide, elsewhere."""
        if not self._places:
            return [""]
        regions = self.plan.regions
        if any(map(self._is_everywhere, regions)):
            return [not_empty("region"), ""]
        above = [self._territory.above(region) for region in regions]
        inside = {slug for region in regions for slug in (region, *self._territory.below(region))}
        top = {chain[-1] for chain in above if chain}
        around = {slug for chain in above for slug in chain} - inside - top
        rings = (inside, around, top - inside)
        return [*(among("region", sorted(ring)) for ring in rings if ring), ""]

    def _place(self, concept: Concept) -> str:
        """In the place, around it, nation-wide, or the place is in the words."""
        if any(map(self._is_everywhere, concept.regions)):
            return either(not_empty("region"), _wordings(concept.wordings, ANYWHERE))
        regions = {
            slug
            for region in concept.regions
            for slug in (region, *self._territory.below(region), *self._territory.above(region))
        }
        return either(among("region", sorted(regions)), _wordings(concept.wordings, ANYWHERE))

    def _is_everywhere(self, region: str) -> bool:
        """Whether a region is the whole federation: all that has a place is inside, which is shorter to say."""
        return not self._territory.above(region) and bool(self._territory.below(region))

    def _on_the_spot(self) -> list[str]:
        """What is in the very district asked for is shown although it meets fewer words."""
        districts = [slug for slug in self.plan.regions if not self._territory.below(slug)]
        return [among("region", districts)] if districts else []


def _apart(levels: Sequence[str]) -> list[str]:
    """Levels that exclude one another: each without those before it. The last one, "", takes all that is left."""
    return [both(level, *map(without, levels[:number])) for number, level in enumerate(levels)]


def _concept(concept: Concept, attribute: str, *, loose: bool) -> str:
    wordings = concept.wordings + (concept.loose if loose else ())
    tags = [equal(tag.field, tag.value) for tag in concept.tags_if(loose=loose)]
    return either(_wordings(wordings, attribute), *tags)


def _wordings(wordings: Sequence[Wording], attribute: str) -> str:
    """Any of these wordings, each with all its stems."""
    single = [wording.stems[0] for wording in wordings if len(wording.stems) == 1]
    several = [both(*(equal(attribute, stem) for stem in item.stems)) for item in wordings if len(item.stems) > 1]
    return either(*([among(attribute, single)] if single else []), *several)


def _some_of(number: int, expressions: Sequence[str]) -> str:
    """At least `number` of these hold. Of many, one of every two neighbours, since all combinations are too many."""
    if number <= 1:
        return either(*expressions)
    if len(expressions) > MOST_COMBINED:
        starts = (min(start, len(expressions) - 2) for start in range(0, len(expressions), 2))
        return both(*(either(*expressions[start : start + 2]) for start in starts))
    return either(*(both(*several) for several in combinations(expressions, number)))
