"""What an account holder is told of by mail: choosing it in the account, and ending it by the link in a mail.

Links in mails are opened by scanners too, so that a GET never changes anything: it shows one button.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway.forms import Form
from gateway.pages.attempts import attempt
from gateway.pages.one_click import leave
from gateway.routing import Page
from gateway.visit import Visit

PATH = "/konto/mitteilungen"
_FIELD = "rhythm-"


async def settings(visit: Visit) -> Response:
    """How often the person is told of what, and in which language."""
    if visit.posted:
        rhythms = {name[len(_FIELD) :]: visit.form.text(name) for name in visit.form.values if name.startswith(_FIELD)}
        body = {"rhythms": rhythms, "language": visit.form.text("language")}
        if (await attempt(visit, "contacts", "PATCH", "/me/notices", body)).done:
            return visit.redirect(PATH, gespeichert=1)
    own = await visit.get("contacts", "/me/notices")
    if not visit.posted:
        visit.form = Form.of({"language": own["language"], **_chosen(own)})
    return visit.page(
        "notices/settings.html",
        status=422 if visit.form.refused else 200,
        own=own,
        saved=visit.query("gespeichert") == "1",
        rhythms=_rhythms(visit),
    )


async def stop(visit: Visit) -> Response:
    """The page behind "nothing more about this" in a mail; nobody needs to be signed in."""
    if not visit.posted:
        return visit.page("notices/stop.html")
    ended = await leave(visit, "contacts", button="/notices/stop", program="/notices/one-click")
    return visit.page("notices/stopped.html", ended=ended)


def _chosen(own: Any) -> dict[str, str]:
    return {_FIELD + item["kind"]: item["rhythm"] for item in own["kinds"]}


def _rhythms(visit: Visit) -> list[tuple[str, str]]:
    return [("now", visit._("Sofort")), ("daily", visit._("Täglich um 7 Uhr")), ("off", visit._("Gar nicht"))]


PAGES = (
    Page(PATH, settings, ("GET", "POST"), signed_in=True),
    Page(PATH + "/abstellen/{token}", stop, ("GET", "POST"), token=False),
)
