"""The frame of the editor's desk: who may come in, its address, and the one list of its parts for the navigation.

A page of the desk is made by `page(visit, template, …)`; its template extends `desk/base.html` and fills the block
`desk`. A new part of the desk is one more line in `_PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from gateway.sessions import Person
from gateway.visit import Visit
from infra.errors import Forbidden

DESK = "/redaktion"


@dataclass(frozen=True)
class Part:
    """One part of the desk: where it is, what it is called, and whose it is."""

    path: str
    label: Callable[[Visit], str]
    open_to: Callable[[Person], bool]


@dataclass(frozen=True)
class Link:
    """A part of the desk as its navigation shows it."""

    label: str
    address: str
    current: str  # the value of aria-current, "" elsewhere


def _works_here(person: Person) -> bool:
    return person.has_editorial_desk


def _edits(person: Person) -> bool:
    return person.edits


_PARTS = (
    Part(DESK, lambda visit: visit._("Ausgaben"), _works_here),
    Part(DESK + "/artikel", lambda visit: visit._("Artikel"), _works_here),
    Part(DESK + "/bilder", lambda visit: visit._("Bilder"), _edits),
    Part(DESK + "/abonnenten", lambda visit: visit._("Abonnements"), _edits),
    Part(DESK + "/zuschriften", lambda visit: visit._("Zuschriften"), _edits),
    Part(DESK + "/ruecklaeufer", lambda visit: visit._("Rückläufer"), _edits),
)


def require_desk(visit: Visit) -> None:
    """Raises Forbidden for everybody but editors and publishers; the services check again."""
    if visit.person is None or not visit.person.has_editorial_desk:
        raise Forbidden


def require_editor(visit: Visit) -> None:
    """Raises Forbidden for everybody but editors; the services check again."""
    if visit.person is None or not visit.person.edits:
        raise Forbidden


def require_publisher(visit: Visit) -> None:
    """Raises Forbidden for everybody but publishers; the services check again."""
    if visit.person is None or not visit.person.releases:
        raise Forbidden


def page(visit: Visit, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page of the desk, with the navigation between its parts."""
    return visit.page(template, status=status, desk=links(visit), **context)


def links(visit: Visit) -> list[Link]:
    """The parts of the desk that are open to this person."""
    return [
        Link(part.label(visit), visit.url(part.path), _current(visit, part))
        for part in _PARTS
        if visit.person is not None and part.open_to(visit.person)
    ]


def _current(visit: Visit, part: Part) -> str:
    """Where the page is seen from this part: itself ("page"), below it ("true") or elsewhere ("")."""
    if visit.path == part.path:
        return "page"
    below = [other.path for other in _PARTS if f"{visit.path}/".startswith(other.path + "/")]
    return "true" if below and max(below, key=len) == part.path else ""
