"""The desk's pages about readers: how many there are, what is held about one, who gets no mail, lists to take over.

An address never stands in a page's own address, where logs and histories would keep it: looking up is a POST.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.pages import desk
from gateway.pages.attempts import attempt
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import NotFound

READERS = desk.DESK + "/abonnenten"
# What the form's buttons say, and what the service is asked.
_DONE_FOR: Mapping[str, str] = {
    "beenden": "/records/end",
    "sperren": "/suppressions",
    "entsperren": "/suppressions/lift",
}
MOST_BYTES = 1_000_000  # what the service takes in one request: some thousands of readers; the command takes more
REASONS = ("unsubscribed", "erased", "bounce", "complaint", "blocked")


async def overview(visit: Visit) -> Response:
    """Figures, and the form that looks somebody up."""
    desk.require_editor(visit)
    figures = await visit.part("newsletter", "/subscribers/figures")
    return desk.page(visit, "subscribers/overview.html", figures=figures)


async def record(visit: Visit) -> Response:
    """What is held about one address: to answer a letter, and to print as proof."""
    desk.require_editor(visit)
    return await _record(visit)


async def change(visit: Visit) -> Response:
    """Ends a subscription, suppresses an address or allows it again, with the reason, which stands in the proof."""
    desk.require_editor(visit)
    verb = visit.form.text("verb")
    if verb not in _DONE_FOR:
        raise NotFound
    body = {"email": visit.form.text("email"), "note": visit.form.text("note")}
    done = (await attempt(visit, "newsletter", "POST", _DONE_FOR[verb], body)).done
    return await _record(visit, done=verb if done else "")


async def _record(visit: Visit, done: str = "") -> Response:
    problems = visit.form.errors.copy()
    found = await attempt(visit, "newsletter", "POST", "/records/look-up", {"email": visit.form.text("email")})
    if not found.done:
        figures = await visit.part("newsletter", "/subscribers/figures")
        return desk.page(visit, "subscribers/overview.html", status=422, figures=figures)
    status = 422 if problems else 200
    page = desk.page(visit, "subscribers/record.html", status=status, held=found.value, done=done)
    page.headers["cache-control"] = "no-store"
    return page


async def suppressed(visit: Visit) -> Response:
    """The addresses that get no mail, as beginnings of their keyed hashes."""
    desk.require_editor(visit)
    reason = visit.query("grund") if visit.query("grund") in REASONS else ""
    query: dict[str, Any] = {"cursor": visit.query("cursor"), **({"reason": reason} if reason else {})}
    entries = await visit.get("newsletter", "/suppressions", **query)
    return desk.page(visit, "subscribers/suppressed.html", entries=entries, chosen=reason, reasons=REASONS)


async def take_list(visit: Visit) -> Response:
    """Takes over a list of another newsletter: first a dry run that reports row by row, then for good."""
    desk.require_editor(visit)
    report = None
    if visit.posted and _read_file(visit):
        tried = await attempt(visit, "newsletter", "POST", "/subscribers/lists", _list(visit))
        report = tried.value if tried.done else None
    status = 422 if visit.form.refused else 200
    return desk.page(visit, "subscribers/list.html", status=status, report=report)


def _read_file(visit: Visit) -> bool:
    """Put the file, if one was chosen, where a pasted list stands, so that the second step has it too.

    False when it cannot be read: then the form says so.
    """
    content = visit.form.files.get("file", b"")
    if content:
        try:
            visit.form.values["csv"] = [content.decode("utf-8-sig")]
        except UnicodeDecodeError:
            visit.form.add_error("file", visit._("Bitte speichern Sie die Datei als „CSV UTF-8“."))
            return False
    return True


def _list(visit: Visit) -> dict[str, Any]:
    form = visit.form
    return {
        "csv": form.text("csv"),
        "name": form.text("name") or visit._("Formular"),
        "dry_run": form.text("step") != "take",
        "skip_wrong": form.has("skip_wrong", "1"),
    }


PAGES = (
    Page(READERS, overview, signed_in=True),
    Page(READERS + "/auskunft", record, ("POST",), signed_in=True),
    Page(READERS + "/sperrliste", suppressed, signed_in=True),
    Page(READERS + "/uebernahme", take_list, ("GET", "POST"), signed_in=True, upload=MOST_BYTES),
    Page(READERS + "/aendern", change, ("POST",), signed_in=True),
)
