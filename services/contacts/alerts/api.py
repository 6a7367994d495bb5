"""Routes for stopping alerts by the link in a mail. Nothing here changes anything on a GET."""

from __future__ import annotations

from infra.db import transaction
from infra.errors import Text
from infra.web.api import Api, Call
from services.contacts.alerts import commands
from services.contacts.alerts.schemas import AlertEnded, StopRequest

api = Api("contacts: alerts")
ENDED = Text(
    "Sie bekommen zu dieser Suche keine E-Mails mehr. Die Suche bleibt gespeichert.",
    "You will get no more e-mails about this search. The search stays saved.",
)


@api.post("/alerts/stop", summary="Stop alerts", body=StopRequest, returns=AlertEnded)
async def stop(call: Call) -> AlertEnded:
    """Stops them by the button on the page; nobody needs to be signed in."""
    async with transaction("contacts") as tx:
        await commands.stop(tx, call.body.token)
    return AlertEnded(ENDED.get(call.language))


@api.post("/alerts/one-click/{token}", summary="Stop alerts with one click (RFC 8058)", returns=AlertEnded)
async def one_click(call: Call) -> AlertEnded:
    """What a mail program's own button posts. The token alone decides, so the body is not read."""
    async with transaction("contacts") as tx:
        await commands.stop(tx, call.path["token"])
    return AlertEnded(ENDED.get(call.language))
