"""What links in mails about saved searches lead to: confirm, and stop, for people with and without an account.

Links in mails are opened by scanners too, so that a GET never changes anything: it shows one button.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway import i18n
from gateway.pages.one_click import leave
from gateway.routing import Page
from gateway.visit import Visit

_STOP, _ONE_CLICK = "/alerts/stop", "/alerts/one-click"


async def confirm(visit: Visit) -> Response:
    """The page behind the link of the confirmation mail: one button, which confirms."""
    if not visit.posted:
        return visit.page("saved/confirm.html")
    alert = await visit.post("newsletter", "/alerts/confirm", {"token": visit.param("token")})
    return visit.page("saved/confirmed.html", alert=alert, address=i18n.prefix(visit.language) + alert["path"])


async def stop(visit: Visit) -> Response:
    """The page behind "stop" in a mail to somebody without an account; the search is forgotten with the address."""
    if not visit.posted:
        return visit.page("saved/stop.html", account=False)
    await leave(visit, "newsletter", button=_STOP, program=_ONE_CLICK)
    return visit.page("saved/stopped.html", account=False)


async def stop_account(visit: Visit) -> Response:
    """The page behind "stop" in a mail to somebody with an account; the search stays saved."""
    if not visit.posted:
        return visit.page("saved/stop.html", account=True)
    await leave(visit, "contacts", button=_STOP, program=_ONE_CLICK)
    return visit.page("saved/stopped.html", account=True)


PAGES = (
    Page("/suche/meldung/bestaetigen/{token}", confirm, ("GET", "POST")),
    Page("/suche/meldung/stoppen/{token}", stop, ("GET", "POST"), token=False),
    Page("/konto/meldung/stoppen/{token}", stop_account, ("GET", "POST"), token=False),
)
