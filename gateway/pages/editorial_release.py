"""The editor's desk: what the checks of an issue found, when it goes out by itself, and mails to try it on oneself."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from gateway.forms import Form
from gateway.i18n import LANGUAGES, TIMEZONE
from gateway.pages import desk
from gateway.pages.attempts import attempt
from gateway.pages.desk import DESK, require_desk, require_publisher
from gateway.pages.editorial import address, service_path
from gateway.routing import Page
from gateway.visit import Visit


async def checks(visit: Visit) -> Response:
    """Everything that the checks found, and what each link answered."""
    require_desk(visit)
    issue = await visit.get("newsletter", service_path(visit))
    found = await visit.part("newsletter", f"{service_path(visit)}/checks")
    return desk.page(visit, "editorial/checks.html", issue=issue, found=found, address=address(visit))


async def hour(visit: Visit) -> Response:
    """When an approved issue goes out by itself; left empty, a person sends it."""
    require_publisher(visit)
    if visit.posted:
        day, time = visit.form.text("day"), visit.form.text("time")
        wanted = "" if visit.form.has("action", "clear") else f"{day}T{time}"
        saved = await attempt(visit, "newsletter", "POST", f"{service_path(visit)}/schedule", {"send_at": wanted})
        if saved.done:
            return visit.redirect(address(visit))
    issue = await visit.get("newsletter", service_path(visit))
    if not visit.posted:
        if not issue["can"]["schedule"]:
            return visit.redirect(address(visit))
        day, _, time = _clock(issue["send_at"]).partition("T")
        visit.form = Form.of({"version": str(issue["version"]), "day": day, "time": time})
    return desk.page(
        visit,
        "editorial/hour.html",
        status=422 if visit.form.refused else 200,
        issue=issue,
        address=address(visit),
    )


def _clock(moment: str | None) -> str:
    """A moment (UTC) by the clock in Germany, as the fields of a form take it: "2026-12-01T08:00"; "" for none."""
    if not moment:
        return ""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(TIMEZONE)).strftime("%Y-%m-%dT%H:%M")


async def test_mail(visit: Visit) -> Response:
    """Sends the issue as it stands to an address of the editor's own, as a chosen kind of reader gets it."""
    require_desk(visit)
    if visit.posted:
        form = visit.form
        language = form.text("language")
        body = {
            "to": form.text("to"),
            "language": language if language in LANGUAGES else visit.language,
            "districts": form.texts("districts"),
            "topics": form.texts("topics"),
        }
        if (await attempt(visit, "newsletter", "POST", f"{service_path(visit)}/test", body)).done:
            return visit.redirect(f"{address(visit)}/testmail", gesendet=1)
    else:
        own = visit.person.email if visit.person else ""
        visit.form = Form.of({"to": own, "language": visit.language})
    issue = await visit.get("newsletter", service_path(visit))
    return desk.page(
        visit,
        "editorial/test_mail.html",
        status=422 if visit.form.refused else 200,
        issue=issue,
        sent=visit.query("gesendet") == "1" and not visit.posted,
        address=address(visit),
    )


PAGES = (
    Page(DESK + "/ausgaben/{slug}/pruefung", checks, signed_in=True),
    Page(DESK + "/ausgaben/{slug}/sendezeit", hour, ("GET", "POST"), signed_in=True),
    Page(DESK + "/ausgaben/{slug}/testmail", test_mail, ("GET", "POST"), signed_in=True),
)
