"""Keeping a search: in one's account, or by mail for people without one.

What is searched lives in search and the address in the newsletter, so that a visitor's form makes two requests, the
second with the id that the first gave. If only the first succeeds nobody is told anything but that it did not work:
what search keeps is forgotten unless an address is confirmed for it, and the form can be sent again.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway import limits
from gateway.forms import Form
from gateway.pages.search_request import Asked, read_asked
from gateway.pages.search_words import criteria, in_words, what
from gateway.problems import Refused, from_error
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import TooMany

PATH = "/suche/merken"
THANKS = "/suche/merken/danke"
SAVED = "/konto/suchen"
FREQUENCY = "weekly"
MAX_NAME = 300
_OWN_FIELDS = frozenset({"name", "email", "frequency"})


async def keep(visit: Visit) -> Response:
    """The form, and what becomes of it. A search that cannot be made is explained on its own page."""
    asked = read_asked(visit)
    total = None
    if visit.posted:
        try:
            return await _kept(visit, asked)
        except Refused as problem:
            if not (problem.correctable or problem.down):
                raise
            visit.form.refuse(problem, lambda path: path if path in _OWN_FIELDS else "search")
            status = problem.status if problem.down else 422
    else:
        found = await visit.part("search", "/search", **what(asked), strict="true", facets="false", limit=1)
        if found.problem is not None and found.problem.correctable:
            return visit.redirect("/suche", **asked.params())
        visit.form = Form.of({"frequency": FREQUENCY, "name": in_words(visit, asked)[:MAX_NAME]})
        total, status = (found.value["total"] if found.ok else None), 200
    return visit.page(
        "saved/keep.html",
        status=status,
        words=in_words(visit, asked),
        address=asked.address(visit),
        total=total,
        consent=None if visit.person else await visit.part("newsletter", "/alerts/consent"),
    )


async def _kept(visit: Visit, asked: Asked) -> Response:
    """Keep the search and go on. Raises Refused with the reason when any of it did not work."""
    form = visit.form
    wanted: dict[str, Any] = {**criteria(asked), "frequency": form.text("frequency")}
    if visit.person is not None:
        await visit.post("search", "/saved-searches", {**wanted, "name": form.text("name")})
        return visit.redirect(SAVED, gemerkt=1)
    try:
        await visit.site.limits.hit("alert", limits.sender(visit.request))
    except TooMany as error:
        raise from_error(error, visit.language) from error
    saved = await visit.post("search", "/saved-searches", wanted)
    alert = {
        "email": form.text("email"),
        "saved_search": saved["id"],
        "frequency": form.text("frequency"),
        "label": in_words(visit, asked),
        "path": visit.url("/suche", **what(asked)),
        "language": visit.language,
    }
    await visit.post("newsletter", "/alerts", alert)
    return visit.redirect(THANKS, **what(asked))


async def thanks(visit: Visit) -> Response:
    """What happens after a visitor's form was sent: a mail with a link."""
    return visit.page("saved/thanks.html", address=read_asked(visit).address(visit))


PAGES = (Page(PATH, keep, ("GET", "POST")), Page(THANKS, thanks))
