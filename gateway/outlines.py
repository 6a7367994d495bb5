"""Makes outlines simpler without tearing neighbours apart: a border that two regions share stays one line.

Every ring is cut where three borders meet, and each piece between is thinned out by itself (Douglas and Peucker). Both
regions on its sides have the same piece, so both get the same points. All this on the whole units of a drawing.
"""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[int, int]
Ring = list[Point]


def simplified(rings: Sequence[Ring], tolerance: float) -> list[Ring]:
    """The rings (without closing point) with points left out that lie within `tolerance` units of the line."""
    corners = _corners(rings)
    return [_thinned(ring, corners, tolerance) for ring in rings]


def _corners(rings: Sequence[Ring]) -> set[Point]:
    """Points where more than two ways meet."""
    neighbours: dict[Point, set[Point]] = {}
    for ring in rings:
        for position, point in enumerate(ring):
            neighbours.setdefault(point, set()).update((ring[position - 1], ring[(position + 1) % len(ring)]))
    return {point for point, others in neighbours.items() if len(others) > 2}


def _thinned(ring: Ring, corners: set[Point], tolerance: float) -> Ring:
    start = next((position for position, point in enumerate(ring) if point in corners), ring.index(min(ring)))
    closed = [*ring[start:], *ring[: start + 1]]
    kept: Ring = []
    piece = [closed[0]]
    for point in closed[1:]:
        piece.append(point)
        if point in corners or point is closed[-1]:
            kept += _line(piece, tolerance)[:-1]
            piece = [point]
    return kept


def _line(piece: Ring, tolerance: float) -> Ring:
    """One piece thinned out, the same from either end."""
    turned = piece[::-1] < piece
    points = piece[::-1] if turned else piece
    keep = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        far = max(range(first + 1, last), key=lambda at: _off(points[at], points[first], points[last]), default=first)
        if far != first and _off(points[far], points[first], points[last]) > tolerance**2:
            keep.add(far)
            spans += [(first, far), (far, last)]
    line = [points[position] for position in sorted(keep)]
    return line[::-1] if turned else line


def _off(point: Point, start: Point, end: Point) -> float:
    """The square of the distance of a point from the line between two others, which may be one and the same."""
    across, down = end[0] - start[0], end[1] - start[1]
    x, y = point[0] - start[0], point[1] - start[1]
    length = across * across + down * down
    along = min(1.0, max(0.0, (x * across + y * down) / length)) if length else 0.0
    return float((x - along * across) ** 2 + (y - along * down) ** 2)
