"""What is looked for and what is not found: the table for those who see to it that something is offered.

Search counts without people and decides what may be told; this page asks, and gives the same as a file.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway import spreadsheets
from gateway.forms import Form
from gateway.problems import Refused
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import Forbidden

PATH = "/koordination/nachfrage"
FILE = PATH + ".csv"
FILTERS = ("by", "since", "until", "region", "language", "order")
BY = "words"
PAGE_SIZE = 50
FILE_PAGE = 500
MOST_ROWS = 10_000


def require_reader(visit: Visit) -> None:
    """Raises Forbidden for everybody but coordinators, editors and administrators; search checks again."""
    if visit.person is None or not (visit.person.coordinates or visit.person.edits):
        raise Forbidden


async def demand(visit: Visit) -> Response:
    """The table for the days, region and language of the address; what is wrong with these stands at its field."""
    require_reader(visit)
    asked = _asked(visit)
    visit.form = Form.of({**asked, "by": asked["by"] or BY})
    report = None
    try:
        report = await visit.get("search", "/demand", limit=PAGE_SIZE, cursor=visit.query("cursor"), **asked)
    except Refused as problem:
        if not problem.correctable:
            raise
        visit.form.refuse(problem)
    if report is not None:  # without dates in the address search has chosen some
        visit.form.values |= {"since": [report["since"]], "until": [report["until"]]}
    return visit.page(
        "coordination/demand.html",
        status=422 if report is None else 200,
        report=report,
        heading=_heading(visit, visit.form.text("by")),
        choices=headings(visit),
        start=visit.url(PATH, **asked) if visit.query("cursor") else "",
        following=visit.url(PATH, **asked, cursor=report["next"]) if report and report["next"] else "",
        file=visit.url(FILE, **asked),
        search=lambda row: _search_for(visit, row),
    )


async def demand_file(visit: Visit) -> Response:
    """The whole table as a file for a spreadsheet."""
    require_reader(visit)
    asked = _asked(visit)
    rows: list[tuple[str, int, int]] = []
    cursor: str | None = ""
    while cursor is not None and len(rows) < MOST_ROWS:
        report = await visit.get("search", "/demand", limit=FILE_PAGE, cursor=cursor, **asked)
        rows += [(row["label"], row["searches"], row["misses"]) for row in report["items"]]
        cursor = report["next"]
    head = (_heading(visit, asked["by"] or BY), visit._("Anzahl der Suchen"), visit._("davon ohne Treffer"))
    name = visit._("nachfrage")
    headers = {"content-disposition": f'attachment; filename="{name}-{report["since"]}-{report["until"]}.csv"'}
    return Response(spreadsheets.write([head, *rows]), headers=headers, media_type=spreadsheets.MEDIA_TYPE)


def headings(visit: Visit) -> dict[str, str]:
    """What the rows can be, by the service's word for it."""
    return {
        "words": visit._("Suchwörter"),
        "region": visit._("Region"),
        "topic": visit._("Thema"),
        "stage": visit._("Schritt auf dem Weg in Arbeit"),
        "target_group": visit._("Zielgruppe"),
        "language": visit._("Sprache"),
        "format": visit._("Form"),
    }


def _heading(visit: Visit, by: str) -> str:
    """What the rows are; the service's own word where it counts by something that is new to this gateway."""
    return headings(visit).get(by, by)


def _asked(visit: Visit) -> dict[str, str]:
    """The filters of the address, as search takes them."""
    chosen = {name: visit.query(name) for name in FILTERS}
    return {**chosen, "missed": "true" if visit.query("missed") else ""}


def _search_for(visit: Visit, row: dict[str, Any]) -> str:
    """The address of the search that a row counts."""
    by = visit.form.text("by")
    name = {"words": "q", "region": "district"}.get(by, by)
    return visit.url("/suche", **{name: row["value"]})


PAGES = (Page(PATH, demand, signed_in=True), Page(FILE, demand_file, signed_in=True))
