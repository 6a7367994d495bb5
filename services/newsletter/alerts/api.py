"""Routes for ordering, confirming and stopping alerts. Nothing here changes anything on a GET."""

from __future__ import annotations

from infra.db import transaction
from infra.errors import Text
from infra.web.api import Api, Call
from services.newsletter.alerts import commands, queries
from services.newsletter.alerts.domain import CONSENT_TEXTS, CONSENT_VERSION
from services.newsletter.alerts.schemas import AlertEnded, AlertRequest, AlertView
from services.newsletter.subscribers.schemas import Accepted, ConsentText, TokenRequest

api = Api("newsletter: alerts")

ACCEPTED = Text(
    "Danke! Wir haben Ihnen eine E-Mail geschickt. Bitte öffnen Sie den Link darin und bestätigen Sie die Meldungen. "
    "Ohne Bestätigung löschen wir Ihre Angaben nach 7 Tagen.",
    "Thank you! We have sent you an e-mail. Please open the link in it and confirm the alerts. "
    "Without confirmation we delete your data after 7 days.",
)
ENDED = Text(
    "Die Meldungen zu dieser Suche sind beendet.",
    "The alerts for this search have been stopped.",
)


@api.get("/alerts/consent", summary="What people agree to who order alerts", returns=ConsentText)
async def show_consent(_call: Call) -> ConsentText:
    """The wording to show beside the form."""
    text = CONSENT_TEXTS[CONSENT_VERSION]
    return ConsentText(CONSENT_VERSION, text.de, text.en)


@api.post("/alerts", summary="Order alerts for a saved search", body=AlertRequest, returns=Accepted, status=202)
async def sign_up(call: Call) -> Accepted:
    """Takes the wish and mails a link to confirm it; the same answer whoever the address belongs to."""
    async with transaction("newsletter") as tx:
        await commands.sign_up(tx, call.body)
    return Accepted(ACCEPTED.get(call.language))


@api.post("/alerts/confirm", summary="Confirm alerts", body=TokenRequest, returns=AlertView)
async def confirm(call: Call) -> AlertView:
    """Confirms by the token of the confirmation mail; a second time changes nothing."""
    async with transaction("newsletter") as tx:
        row = await commands.confirm(tx, call.body.token)
    return queries.alert_view(row)


@api.post("/alerts/stop", summary="Stop alerts", body=TokenRequest, returns=AlertEnded)
async def stop(call: Call) -> AlertEnded:
    """Stops them by the button on the page; the address is deleted."""
    async with transaction("newsletter") as tx:
        await commands.stop(tx, call.body.token, way="page")
    return AlertEnded(ENDED.get(call.language))


@api.post("/alerts/one-click/{token}", summary="Stop alerts with one click (RFC 8058)", returns=AlertEnded)
async def one_click(call: Call) -> AlertEnded:
    """What a mail program's own button posts. The token alone decides, so the body is not read."""
    async with transaction("newsletter") as tx:
        await commands.stop(tx, call.path["token"], way="one-click")
    return AlertEnded(ENDED.get(call.language))
