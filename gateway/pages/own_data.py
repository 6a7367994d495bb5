"""The way to one's own data at the newsletter: asked for by address, opened by a link that was mailed just now.

An old or forwarded issue does not lead here, since its links open the choice alone. Links in mails are opened by
scanners too, so that a GET never changes anything.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from gateway.forms import Form
from gateway.pages.attempts import attempt, within
from gateway.routing import Page
from gateway.visit import Visit
from infra.web.client import segment

OWN = "/newsletter/meine-daten"
_RATE = "own-data"


async def access(visit: Visit) -> Response:
    """A form for the address; the answer is the same whether it is known here or not."""
    asked = False
    if visit.posted and await within(visit, _RATE):
        body = {"email": visit.form.text("email")}
        asked = (await attempt(visit, "newsletter", "POST", "/subscriptions/link", body)).done
    return visit.page("newsletter/access.html", status=422 if visit.form.refused else 200, asked=asked)


async def access_from_preferences(visit: Visit) -> Response:
    """The same from the preferences, without typing: the mail goes to the subscriber, whoever is looking."""
    if not await within(visit, _RATE):
        return visit.page("newsletter/access.html", status=422, asked=False)
    await visit.post("newsletter", "/subscriptions/preferences/link", {"token": visit.param("token")})
    return visit.page("newsletter/access.html", asked=True)


async def own(visit: Visit) -> Response:
    """Everything that is held, and the form for another address."""
    moving = False
    if visit.posted and await within(visit, _RATE):
        body = {"token": visit.param("token"), "email": visit.form.text("email")}
        moving = (await attempt(visit, "newsletter", "POST", "/subscriptions/address", body)).done
        if moving:
            visit.form = Form()
    record = await _record(visit)
    status = 422 if visit.form.refused else 200
    return _private(
        visit.page("newsletter/own.html", status=status, record=record, address=_address(visit), moving=moving)
    )


async def proof(visit: Visit) -> Response:
    """The proof of consent, to print."""
    record = await _record(visit)
    return _private(visit.page("newsletter/proof.html", held=record["held"], back=_address(visit)))


async def export(visit: Visit) -> Response:
    """Everything as a file that programs can read (Art. 15 and 20 GDPR)."""
    held = (await _record(visit))["held"]
    content = msgspec.json.format(msgspec.json.encode(held), indent=2)
    name = visit._("lotse-newsletter-meine-daten")
    headers = {"content-disposition": f'attachment; filename="{name}.json"'}
    return _private(Response(content, headers=headers, media_type="application/json"))


async def erase(visit: Visit) -> Response:
    """One button that deletes everything."""
    if not visit.posted:
        return _private(visit.page("newsletter/erase.html", back=_address(visit)))
    await visit.post("newsletter", "/records/own/erase", {"token": visit.param("token")})
    return visit.page("newsletter/erased.html")


async def move(visit: Visit) -> Response:
    """The page behind the link that a new address got: one button, which confirms it."""
    if not visit.posted:
        return visit.page("newsletter/move.html")
    wishes = await visit.post("newsletter", "/subscriptions/address/confirm", {"token": visit.param("token")})
    return visit.page("newsletter/moved.html", wishes=wishes)


async def _record(visit: Visit) -> Any:
    return await visit.post("newsletter", "/records/own", {"token": visit.param("token")})


def _address(visit: Visit) -> str:
    return visit.url(f"{OWN}/{segment(visit.param('token'))}")


def _private(page: Response) -> Response:
    """Nothing of it may stay in a cache, not even the browser's."""
    page.headers["cache-control"] = "no-store"
    return page


PAGES = (
    Page("/newsletter/zugang", access, ("GET", "POST")),
    Page("/newsletter/einstellungen/{token}/zugang", access_from_preferences, ("POST",)),
    Page(OWN + "/{token}", own, ("GET", "POST")),
    Page(OWN + "/{token}/nachweis", proof),
    Page(OWN + "/{token}/export", export, ("POST",)),
    Page(OWN + "/{token}/loeschen", erase, ("GET", "POST")),
    Page("/newsletter/adresse/{token}", move, ("GET", "POST")),
)
