"""Routes for subscribing, confirming, changing and leaving. Nothing here changes anything on a GET."""

from __future__ import annotations

from infra.db import transaction
from infra.errors import Text
from infra.web.api import Api, Call
from services.newsletter.subscribers import commands, moving, queries
from services.newsletter.subscribers.domain import CONSENT_TEXTS, CONSENT_VERSION, Purpose
from services.newsletter.subscribers.schemas import (
    Accepted,
    ConsentText,
    MoveRequest,
    PreferencesRequest,
    PreferencesView,
    SubscriptionRequest,
    TokenRequest,
    Unsubscribed,
)

api = Api("newsletter")

ACCEPTED = Text(
    "Danke! Wir haben Ihnen eine E-Mail geschickt. Bitte öffnen Sie den Link darin und bestätigen Sie die Anmeldung. "
    "Ohne Bestätigung löschen wir Ihre Angaben nach 7 Tagen.",
    "Thank you! We have sent you an e-mail. Please open the link in it and confirm your subscription. "
    "Without confirmation we delete your data after 7 days.",
)
MOVE_ASKED = Text(
    "Wir haben an die neue Adresse einen Link geschickt. Bitte öffnen und bestätigen Sie ihn innerhalb von zwei Tagen; "
    "bis dahin ändert sich nichts.",
    "We have sent a link to the new address. Please open and confirm it within two days; until then nothing changes.",
)
GONE = Text(
    "Sie sind abgemeldet und bekommen keine weiteren Ausgaben.",
    "You are unsubscribed and will not receive further issues.",
)


@api.get("/consent", summary="What subscribers agree to", returns=ConsentText)
async def show_consent(_call: Call) -> ConsentText:
    """The wording to show beside the form."""
    text = CONSENT_TEXTS[CONSENT_VERSION]
    return ConsentText(CONSENT_VERSION, text.de, text.en)


@api.post("/subscriptions", summary="Subscribe", body=SubscriptionRequest, returns=Accepted, status=202)
async def subscribe(call: Call) -> Accepted:
    """Takes a sign-up and mails a link to confirm it."""
    async with transaction("newsletter") as tx:
        await commands.subscribe(tx, call.body, call.language)
    return Accepted(ACCEPTED.get(call.language))


@api.post("/subscriptions/confirm", summary="Confirm a subscription", body=TokenRequest, returns=PreferencesView)
async def confirm(call: Call) -> PreferencesView:
    """Confirms by the token of the confirmation mail; a second time changes nothing."""
    async with transaction("newsletter") as tx:
        subscriber = await commands.confirm(tx, call.body.token)
    return queries.preferences_view(subscriber, queries.token_for(Purpose.PREFERENCES, subscriber.id))


@api.post("/subscriptions/preferences", summary="Current preferences", body=TokenRequest, returns=PreferencesView)
async def show_preferences(call: Call) -> PreferencesView:
    """Shows what the subscriber gets. A POST, so that the token stays out of logs and histories."""
    return queries.preferences_view(await queries.by_preferences_token(call.body.token), call.body.token)


@api.put("/subscriptions/preferences", summary="Change preferences", body=PreferencesRequest, returns=PreferencesView)
async def change_preferences(call: Call) -> PreferencesView:
    """Replaces districts, topics, language, frequency and pause; counts from the next mail on."""
    async with transaction("newsletter") as tx:
        subscriber = await commands.change_preferences(tx, call.body)
    return queries.preferences_view(subscriber, call.body.token)


@api.post("/subscriptions/unsubscribe", summary="Unsubscribe", body=TokenRequest, returns=Unsubscribed)
async def unsubscribe(call: Call) -> Unsubscribed:
    """Ends the subscription by the button on the page; the address is deleted."""
    async with transaction("newsletter") as tx:
        await commands.unsubscribe(tx, call.body.token, way="page")
    return Unsubscribed(GONE.get(call.language))


@api.post(
    "/subscriptions/address", summary="Ask to move to another address", body=MoveRequest, returns=Accepted, status=202
)
async def ask_to_move(call: Call) -> Accepted:
    """Mails a link to the new address; the same answer whoever it belongs to."""
    async with transaction("newsletter") as tx:
        await moving.ask(tx, call.body)
    return Accepted(MOVE_ASKED.get(call.language))


@api.post("/subscriptions/address/confirm", summary="Confirm a new address", body=TokenRequest, returns=PreferencesView)
async def confirm_move(call: Call) -> PreferencesView:
    """Confirms by the token of the mail to the new address; from now on mail goes there, and the old one is told."""
    async with transaction("newsletter") as tx:
        subscriber = await moving.confirm(tx, call.body.token)
    return queries.preferences_view(subscriber, queries.token_for(Purpose.PREFERENCES, subscriber.id))


@api.post("/one-click/{token}", summary="One-click unsubscribe (RFC 8058)", returns=Unsubscribed)
async def one_click(call: Call) -> Unsubscribed:
    """What a mail program's own button posts (`List-Unsubscribe=One-Click`, as form or multipart, no cookie).

    The token alone decides, so the body is not read. Mails name the page `/newsletter/abmelden/{token}` as the
    address: its GET shows the button, its POST with `List-Unsubscribe=One-Click` comes here.
    """
    async with transaction("newsletter") as tx:
        await commands.unsubscribe(tx, call.path["token"], way="one-click")
    return Unsubscribed(GONE.get(call.language))
