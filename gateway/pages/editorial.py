"""The editor's desk: the issues, and one issue on its way from draft to dispatch."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from starlette.responses import Response

from gateway.forms import Form
from gateway.i18n import LANGUAGES, show_date
from gateway.pages import desk
from gateway.pages.attempts import VERSION_FIELD, Outcome, attempt
from gateway.pages.desk import DESK, require_desk, require_publisher
from gateway.routing import Page
from gateway.visit import Visit
from infra.web.client import segment

QUARTERS_SHOWN = 5
# What the address says and what the service is asked.
STEPS = {"einreichen": "submit", "freigeben": "approve", "versenden": "send"}
# Where findings of the checks can be mended on the page.
_PLACES = frozenset(
    {"title", "editorial", "success-story", "project-presentation", "portal-articles"}
    | {"figure-of-the-quarter", "legislation", "events-and-courses", "offers", "about"}
)


def address(visit: Visit) -> str:
    """The desk's page of the issue in the address."""
    return f"{DESK}/ausgaben/{segment(visit.param('slug'))}"


def service_path(visit: Visit) -> str:
    """The service's path of the issue in the address."""
    return f"/issues/{segment(visit.param('slug'))}"


def quarters(today: date) -> list[str]:
    """The quarters an issue can be begun for: this one and the next ones, as "2026-Q4"."""
    first = today.year * 4 + (today.month - 1) // 3
    return [f"{number // 4}-Q{number % 4 + 1}" for number in range(first, first + QUARTERS_SHOWN)]


async def issues(visit: Visit) -> Response:
    """All issues, and the form that begins one."""
    require_desk(visit)
    if visit.posted:
        begun = await attempt(visit, "newsletter", "POST", "/issues", {"quarter": visit.form.text("quarter")})
        if begun.done:
            return visit.redirect(f"{DESK}/ausgaben/{segment(begun.value['slug'])}")
    page = await visit.get("newsletter", "/issues", cursor=visit.query("cursor"))
    choices = [(quarter, show_date(quarter, visit.language)) for quarter in quarters(datetime.now(UTC).date())]
    return desk.page(
        visit, "editorial/issues.html", status=422 if visit.form.refused else 200, issues=page, quarters=choices
    )


async def issue(visit: Visit) -> Response:
    """One issue: title and focus, its sections, what to look at, and the next step."""
    require_desk(visit)
    if visit.posted:
        saved = await attempt(
            visit, "newsletter", "PATCH", service_path(visit), _heading(visit.form), field_name=_heading_field
        )
        if saved.done:
            return visit.redirect(address(visit), gespeichert=1)
        return await _overview(visit, saved)
    return await _overview(visit)


def _heading(form: Form) -> dict[str, Any]:
    return {"title": bilingual(form, "title"), "focus": bilingual(form, "focus")}


def _heading_field(path: str) -> str:
    """The form's field for "title.de"; for "title" the German one."""
    name, _, language = path.partition(".")
    return f"{name}_{language or LANGUAGES[0]}"


def bilingual(form: Form, name: str) -> dict[str, str]:
    """A text in both languages, from the fields "NAME_de" and "NAME_en"."""
    return {language: form.text(f"{name}_{language}") for language in LANGUAGES}


async def _overview(visit: Visit, outcome: Outcome | None = None) -> Response:
    """The issue as it stands. What was typed in the form of the title stays in it when it was refused."""
    found = await visit.get("newsletter", service_path(visit))
    if "title_de" not in visit.form.values:
        visit.form.values.update(_heading_values(found))
    if outcome is None or outcome.stale:
        visit.form.values[VERSION_FIELD] = [str(found["version"])]
    saved = visit.query("gespeichert") == "1" and not visit.posted
    return desk.page(
        visit,
        "editorial/issue.html",
        status=422 if visit.form.refused else 200,
        issue=found,
        address=address(visit),
        saved=saved,
        overtaken=outcome is not None and outcome.stale,
    )


def _heading_values(found: Any) -> dict[str, list[str]]:
    return {f"{name}_{language}": [found[name][language]] for name in ("title", "focus") for language in LANGUAGES}


async def step(visit: Visit) -> Response:
    """Submit or approve the issue as it was shown."""
    require_desk(visit)
    action = STEPS[visit.path.rsplit("/", 1)[1]]
    outcome = await attempt(visit, "newsletter", "POST", f"{service_path(visit)}/{action}", field_name=_place)
    return visit.redirect(address(visit)) if outcome.done else await _overview(visit, outcome)


def _place(place: str) -> str:
    """Where on the page to mend what a check found: at title, focus or section, else by the steps."""
    if place == "focus":
        return "focus_de"
    return place if place in _PLACES else "checks"


async def send(visit: Visit) -> Response:
    """Asks once more, then starts the dispatch. Where there is nothing to send, the issue's page says how it stands."""
    require_publisher(visit)
    if visit.posted:
        outcome = await attempt(visit, "newsletter", "POST", f"{service_path(visit)}/send")
        return visit.redirect(f"{address(visit)}/versand") if outcome.done else await _overview(visit, outcome)
    found = await visit.get("newsletter", service_path(visit))
    if not found["can"]["send"]:
        return visit.redirect(address(visit))
    return desk.page(visit, "editorial/send.html", issue=found, address=address(visit))


PAGES = (
    Page(DESK, issues, ("GET", "POST"), signed_in=True),
    Page(DESK + "/ausgaben/{slug}", issue, ("GET", "POST"), signed_in=True),
    Page(DESK + "/ausgaben/{slug}/einreichen", step, ("POST",), signed_in=True),
    Page(DESK + "/ausgaben/{slug}/freigeben", step, ("POST",), signed_in=True),
    Page(DESK + "/ausgaben/{slug}/versenden", send, ("GET", "POST"), signed_in=True),
)
