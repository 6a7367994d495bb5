"""What the tests of alerts do again and again: order, confirm, let search tell, read the mails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from infra.contracts.search import AlertDue, AlertHit
from infra.ids import new_id
from infra.web.client import Answer
from services.newsletter.alerts.models import AlertSubscription
from services.newsletter.subscribers.models import AlertAddress
from tests.infra.mail.reading import body, messages
from tests.services.newsletter.desk import Desk

ADDRESS = "anna@example.org"
TOKEN = re.compile(r"/suche/meldung/(bestaetigen|stoppen)/([\w-]+)")


def hit(number: int = 1, **values: Any) -> AlertHit:
    """An offer that was found."""
    given = {"kind": "offer", "slug": f"kurs-{number}", "title": f"Kurs {number}", "region_name": "Magdeburg"}
    return AlertHit(**{**given, **values})


FOUND = (hit(),)


def due(subscription: str, search: str, version: int = 1, hits: Sequence[AlertHit] = FOUND, **values: Any) -> AlertDue:
    """What search tells about a subscription."""
    given = {"frequency": "daily", "since": "2026-11-21T05:00:00+00:00", "total": len(hits), **values}
    return AlertDue(id=search, version=version, recipient=f"subscription:{subscription}", hits=list(hits), **given)


def tokens(message: EmailMessage) -> dict[str, str]:
    """The tokens of a mail's links by the page they lead to."""
    return dict(TOKEN.findall(body(message, "plain")))


async def let_counts_pass(span: timedelta) -> None:
    """Move what is counted of the mails that forms caused into the past."""
    for entry in await AlertAddress.all():
        mailed = [(datetime.fromisoformat(at) - span).isoformat() for at in entry.mailed]
        changed = AlertAddress.filter(address_hash=entry.address_hash)
        await changed.update(mailed=mailed, changed_at=entry.changed_at - span)


async def let_time_pass(span: timedelta) -> None:
    """Move what is stored about alerts into the past."""
    await let_counts_pass(span)
    for row in await AlertSubscription.all():
        last = row.mailed_at - span if row.mailed_at else None
        await AlertSubscription.filter(id=row.id).update(asked_at=row.asked_at - span, mailed_at=last)


@dataclass
class AlertDesk(Desk):
    """A running newsletter, asked about alerts."""

    async def order(self, address: str = ADDRESS, search: str = "", **values: Any) -> Answer:
        """Send the form, for a new search unless one is said."""
        given = {"frequency": "daily", "label": "Deutschkurs in Magdeburg", "path": "/suche?q=deutschkurs&near=39104"}
        wish = {"email": address, "saved_search": search or str(new_id()), **given, **values}
        return await self.post("/alerts", wish)

    async def confirmed(self, address: str = ADDRESS, search: str = "", **values: Any) -> AlertSubscription:
        """Order and confirm; returns the row."""
        saved = search or str(new_id())
        assert (await self.order(address, saved, **values)).status == 202
        answer = await self.confirm((await self.read())[-1])
        assert answer.status == 200, answer.content
        return await AlertSubscription.get(saved_search=saved)

    async def confirm(self, message: EmailMessage) -> Answer:
        """Press the button behind the link of a confirmation mail."""
        return await self.post("/alerts/confirm", {"token": tokens(message)["bestaetigen"]})

    async def read(self) -> list[EmailMessage]:
        """Let the worker send what waits, and read all mails, oldest first."""
        await self.job("send_alerts")
        return messages(self.kit.settings)

    async def told(self) -> list[Any]:
        """The events that the newsletter has recorded."""
        return await self.kit.recorded("newsletter")
