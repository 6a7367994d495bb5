"""The editor's desk: how the dispatch of an issue goes, who got it, and what can be done about it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway import spreadsheets
from gateway.pages import desk
from gateway.pages.attempts import Outcome, attempt
from gateway.pages.desk import DESK, require_desk, require_publisher
from gateway.pages.editorial import address, service_path
from gateway.routing import Page
from gateway.visit import Visit

STATUSES = ("waiting", "claimed", "sent", "failed", "suppressed", "uncertain")
# What the address says and what the service is asked, with what goes along.
STEPS: dict[str, tuple[str, dict[str, str] | None]] = {
    "anhalten": ("pause", None),
    "fortsetzen": ("resume", None),
    "absagen": ("cancel", None),
    "gescheiterte": ("resend", {"status": "failed"}),
    "unklare": ("resend", {"status": "uncertain"}),
    "neue": ("send-late", None),
}
_ROWS_AT_ONCE = 1000


async def report(visit: Visit) -> Response:
    """The accounts of the dispatch and who got the issue, with what the mail server said."""
    require_desk(visit)
    return await _report(visit)


async def _report(visit: Visit, outcome: Outcome | None = None) -> Response:
    status = visit.query("status") if visit.query("status") in STATUSES else ""
    path = service_path(visit)
    return desk.page(
        visit,
        "dispatch/report.html",
        status=422 if visit.form.refused else 200,
        issue=await visit.get("newsletter", path),
        dispatch=await visit.get("newsletter", f"{path}/dispatch"),
        deliveries=await visit.get(
            "newsletter", f"{path}/deliveries", status=status, cursor=visit.query("cursor"), limit=50
        ),
        chosen=status,
        statuses=STATUSES,
        here=f"{address(visit)}/versand",
        address=address(visit),
        overtaken=outcome is not None and outcome.stale,
    )


async def step(visit: Visit) -> Response:
    """Pause, resume, call off, or send once more."""
    require_publisher(visit)
    action, body = STEPS[visit.path.rsplit("/", 1)[1]]
    outcome = await attempt(visit, "newsletter", "POST", f"{service_path(visit)}/{action}", body)
    return visit.redirect(f"{address(visit)}/versand") if outcome.done else await _report(visit, outcome)


async def call_off(visit: Visit) -> Response:
    """Asks once more before an issue is called off."""
    require_publisher(visit)
    if visit.posted:
        return await step(visit)
    found = await visit.get("newsletter", service_path(visit))
    return desk.page(visit, "dispatch/call_off.html", issue=found, address=address(visit))


async def table(visit: Visit) -> Response:
    """Who got the issue, as a table for a spreadsheet."""
    require_desk(visit)
    rows: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await visit.get("newsletter", f"{service_path(visit)}/deliveries", cursor=cursor, limit=_ROWS_AT_ONCE)
        rows += page["items"]
        cursor = page["next"]
    head = [visit._("Adresse"), visit._("Stand"), visit._("Zeit"), visit._("Code"), visit._("Antwort"), "Message-ID"]
    cells = [
        [row["address"], row["status"], row["at"], row["reply_code"], row["reply"], row["message_id"]] for row in rows
    ]
    headers = {"content-disposition": f'attachment; filename="versand-{visit.param("slug")}.csv"'}
    return Response(spreadsheets.write([head, *cells]), headers=headers, media_type=spreadsheets.MEDIA_TYPE)


_STEP_PAGES = tuple(
    Page(DESK + f"/ausgaben/{{slug}}/versand/{name}", step, ("POST",), signed_in=True)
    for name in STEPS
    if name != "absagen"
)
PAGES = (
    Page(DESK + "/ausgaben/{slug}/versand", report, signed_in=True),
    Page(DESK + "/ausgaben/{slug}/versand/tabelle", table, signed_in=True),
    Page(DESK + "/ausgaben/{slug}/versand/absagen", call_off, ("GET", "POST"), signed_in=True),
    *_STEP_PAGES,
)
