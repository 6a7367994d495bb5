"""What “near” means: the place a person names, the circle around it, and where to look when it has nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from infra.errors import FieldError, Invalid, Text, Unavailable
from services.search.domain import Circle, Point, Request, Understood
from services.search.language.knowledge import Knowledge
from services.search.language.suggesting import PLACE, REGION, suggester

MOST_LETTERS = 100
_PLZ = re.compile(r"\b\d{5}\b")
_ALIKE = 5
_NONE_YET = Text(
    "Die Suche kennt noch keine Orte. Bitte versuchen Sie es gleich noch einmal.",
    "Search knows no places yet. Please try again in a moment.",
)


@dataclass(frozen=True)
class Surroundings:
    """A place that was named, with the kilometres around it; 0 for a Land or the federation, which is meant as such."""

    place: Understood
    km: int


def surroundings(near: str, km: int, knowledge: Knowledge) -> Surroundings | None:
    """The place that `near` names, None when nothing was typed. Of several places of one name the largest is meant.

    Raises:
        Invalid: there is no such place, at the field `near`.
        Unavailable: no place is known, since the process has just started.
    """
    typed = " ".join(near.split())
    if not typed:
        return None
    if not knowledge.regions:
        raise Unavailable(_NONE_YET)
    named = knowledge.places_named(typed) if len(typed) <= MOST_LETTERS else []
    plz = _PLZ.search(typed)
    if not named and plz:
        named = knowledge.places_named(plz[0])
    if not named:
        raise Invalid(fields=[FieldError("near", _unknown(typed, knowledge))])
    place = replace(named[0], text=typed)
    return Surroundings(place, km if knowledge.geography.centre(place.region) else 0)


def narrowed(request: Request, around: Surroundings | None) -> Request:
    """The request, held to the surroundings: to the circle, the nearer first, or to the Land as if it were chosen."""
    if around is None:
        return request
    point = around.place.point
    if not around.km or point is None:
        chosen = request.filters.get("district", ())
        return replace(request, filters={**request.filters, "district": chosen or (around.place.region,)})
    nearest_to = None if request.newest_first else point
    return replace(request, within=Circle(point, float(around.km)), nearest_to=nearest_to)


def elsewhere(request: Request, around: Surroundings | None, knowledge: Knowledge) -> Request | None:
    """The same without its choice of district or surroundings, the nearest to there first; None: none was chosen."""
    districts = request.filters.get("district", ())
    if not districts and request.within is None:
        return None
    others = {facet: values for facet, values in request.filters.items() if facet != "district"}
    point = around.place.point if around else _centre(districts, knowledge)
    return replace(request, filters=others, within=None, nearest_to=point, newest_first=False)


def _centre(districts: tuple[str, ...], knowledge: Knowledge) -> Point | None:
    """Where the first of the chosen districts lies."""
    places = knowledge.places_named(districts[0])
    return places[0].point if places else None


def _unknown(typed: str, knowledge: Knowledge) -> Text:
    shown = typed[:60]
    proposed = suggester(knowledge).proposals(typed, 2 * _ALIKE)
    alike = [item.text for item in proposed if item.kind in (REGION, PLACE)]
    de = f"Den Ort „{shown}“ kennt Lotse nicht. Bitte geben Sie eine Postleitzahl, eine Stadt oder einen Landkreis an."
    en = f"Lotse knows no place “{shown}”. Please give a postal code, a town or a district."
    if not alike:
        return Text(de, en)
    names = ", ".join(alike[:_ALIKE])
    return Text(f"{de} So ähnlich heißen: {names}.", f"{en} Similar names: {names}.")
