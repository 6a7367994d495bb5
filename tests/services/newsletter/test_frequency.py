"""How often an issue comes: each one, only one with news for one's choice, or none until a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.newsletter.subscribers.models import Subscriber
from tests.services.newsletter.desk import Desk, offer


async def choose(desk: Desk, address: str, **wish: Any) -> None:
    """Subscribe for the Harz, and choose on the page of the preferences."""
    shown = await desk.subscribe(address, districts=["landkreis-harz"])
    body = {"token": shown["preferences_token"], "districts": ["landkreis-harz"], **wish}
    answer = await desk.put("/subscriptions/preferences", body)
    assert answer.status == 200, answer.content


async def readers(desk: Desk, issue: dict[str, Any]) -> set[str]:
    return {item["address"] for item in (await desk.dispatch(issue))["items"]}


async def test_an_issue_goes_to_those_who_want_it(desk: Desk) -> None:
    day = datetime.now(UTC).date() + timedelta(days=30)
    await choose(desk, "news@example.org")
    await choose(desk, "every@example.org", frequency="every")
    await choose(desk, "pause@example.org", frequency="every", paused_until=day.isoformat())
    await desk.subscribe("magdeburg@example.org", districts=["stadt-magdeburg"])
    await desk.tell(offer("kurs", title_en="Course", summary_en="Short"))
    assert await readers(desk, await desk.draft()) == {"every@example.org", "magdeburg@example.org"}
    # The pause is over on its day.
    await Subscriber.filter(address="pause@example.org").update(paused_until=datetime.now(UTC).date())
    await desk.tell(offer("noch-ein-kurs", title_en="Course", summary_en="Short"))
    again = await readers(desk, await desk.draft("2027-Q1"))
    assert again == {"every@example.org", "pause@example.org", "magdeburg@example.org"}
