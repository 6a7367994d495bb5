"""What tests about one's own data do again and again: ask for the link, look, ask to move."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from infra.ids import new_id
from services.newsletter.alerts.models import AlertSubscription
from services.newsletter.subscribers.models import Consent
from services.newsletter.subscribers.queries import hash_of
from tests.services.newsletter.desk import Desk, tokens

ANNA, NEW = "anna@example.org", "anna.neu@example.org"


async def link_of(desk: Desk, address: str = ANNA) -> str:
    """The token of a fresh link, as its owner finds it in the mailbox."""
    assert (await desk.post("/subscriptions/link", {"email": address})).status == 202
    await desk.job("send_service_mails")
    return tokens(await desk.mail_to(address))["meine-daten"]


async def own(desk: Desk, token: str) -> dict[str, Any]:
    answer = await desk.post("/records/own", {"token": token})
    assert answer.status == 200, answer.content
    return dict(answer.json())


async def asked_to_move(desk: Desk, owner: str, address: str = NEW) -> str:
    """The token that the new address is mailed."""
    asked = await desk.post("/subscriptions/address", {"token": owner, "email": address})
    assert asked.status == 202, asked.content
    await desk.job("send_service_mails")
    return tokens(await desk.mail_to(address))["adresse"]


async def acts() -> list[str]:
    return [row.act for row in await Consent.all().order_by("at", "id")]


async def alert_for(address: str) -> AlertSubscription:
    now = datetime.now(UTC)
    wish: dict[str, Any] = {"saved_search": new_id(), "frequency": "daily", "path": "/suche?q=x", "label": "Kurse"}
    return await AlertSubscription.create(
        address=address, address_hash=hash_of(address), status="active", asked_at=now, confirmed_at=now, **wish
    )
