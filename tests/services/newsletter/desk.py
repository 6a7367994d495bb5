"""What the newsletter's tests do again and again: tell facts, subscribe people, read mails, compose issues."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from infra.contracts.contacts import EventPublished, OfferPublished, RegionPublished, Term, VocabularyPublished
from infra.ids import content_id
from infra.mail import StoredMail, mailbox
from infra.web.client import Answer
from services.newsletter.service import service
from tests.kit import Running, identity

__all__ = ["ANNA", "BERTA", "CLARA", "VISITOR", "Desk", "service"]

ANNA = identity("anna", "editor", "publisher", name="Anna")
BERTA = identity("berta", "editor", "publisher", name="Berta")
CLARA = identity("clara", "editor", "publisher", name="Clara")
COORDINATOR = identity("koordination", "coordinator", networks=["iq"])
VISITOR = identity("")

REGIONS = (
    ("deutschland", "bund", ""),
    ("sachsen-anhalt", "land", "deutschland"),
    ("landkreis-harz", "landkreis", "sachsen-anhalt"),
    ("stadt-magdeburg", "kreisfreie-stadt", "sachsen-anhalt"),
    ("sachsen", "land", "deutschland"),
    ("stadt-leipzig", "kreisfreie-stadt", "sachsen"),
)
TOPICS = [
    Term("anerkennung", "Anerkennung", "Recognition"),
    Term("sprachfoerderung", "Sprachförderung", "Language support"),
    Term("handwerk", "Handwerk", "Crafts"),
]
TOKEN = re.compile(r"/newsletter/(bestaetigen|einstellungen|abmelden|meine-daten|adresse)/([\w-]+)")


def offer(slug: str, version: int = 1, **values: Any) -> OfferPublished:
    """A published offer of Magdeburg about recognition, unless said otherwise."""
    given = {
        "name": f"Angebot {slug}",
        "title": f"Angebot {slug}",
        "summary": f"Kurz gesagt: {slug}",
        "districts": ["stadt-magdeburg"],
        "topics": ["anerkennung"],
        "network": "iq",
        "network_name": "IQ Netzwerk",
        "published_at": "2026-11-02T09:00:00+00:00",
        **values,
    }
    return OfferPublished(id=str(content_id("offer", slug)), slug=slug, version=version, **given)


def event(slug: str, day: str, version: int = 1, **values: Any) -> EventPublished:
    """A published date of the Harz."""
    given = {"name": f"Termin {slug}", "districts": ["landkreis-harz"], "date_start": day, **values}
    return EventPublished(id=str(content_id("event", slug)), slug=slug, version=version, **given)


def both(text: str) -> dict[str, str]:
    """A text in both languages, as the checks want it."""
    return {"de": text, "en": text}


def tokens(mail: StoredMail) -> dict[str, str]:
    """The tokens of a mail's links by the page they lead to."""
    return dict(TOKEN.findall(mail.parts[0].content))


@dataclass
class Desk:
    """A running newsletter."""

    kit: Running

    async def tell_territory(self) -> None:
        """Let contacts tell regions and topics."""
        for version, (slug, kind, parent) in enumerate(REGIONS, start=1):
            name = slug.replace("-", " ").title()
            fact = RegionPublished(
                id=slug, version=version, slug=slug, name=name, name_full=name, kind=kind, parent=parent
            )
            await self.tell(fact)
        await self.tell(VocabularyPublished(id="topics", version=1, slug="topics", terms=TOPICS))

    async def tell(self, fact: Any) -> None:
        """Deliver an event."""
        await self.kit.deliver("newsletter", fact)

    async def get(self, path: str, **options: Any) -> Answer:
        """GET."""
        return await self.kit.get("newsletter", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        """POST."""
        return await self.kit.post("newsletter", path, body, **options)

    async def put(self, path: str, body: Any) -> Answer:
        """PUT."""
        return await self.kit.request("newsletter", "PUT", path, body=body)

    async def job(self, name: str, *args: str) -> None:
        """Run a job as the worker would."""
        await service.jobs.run(name, *args)

    async def mails(self) -> list[StoredMail]:
        """All mails in the local mailbox, newest first."""
        return await mailbox(self.kit.settings).newest(1000)

    async def mail_to(self, address: str) -> StoredMail:
        """The newest mail to an address."""
        return next(mail for mail in await self.mails() if mail.recipient == address)

    async def sign_up(self, address: str, **choice: Any) -> Answer:
        """Send the form."""
        return await self.post("/subscriptions", {"email": address, **choice})

    async def subscribe(self, address: str, **choice: Any) -> dict[str, Any]:
        """Sign up and confirm; returns what the confirmation answers."""
        assert (await self.sign_up(address, **choice)).status == 202
        await self.job("send_service_mails")
        token = tokens(await self.mail_to(address))["bestaetigen"]
        answer = await self.post("/subscriptions/confirm", {"token": token})
        assert answer.status == 200, answer.content
        return dict(answer.json())

    async def draft(self, quarter: str = "2026-Q4", **texts: Any) -> dict[str, Any]:
        """Anna drafts an issue."""
        answer = await self.post("/issues", {"quarter": quarter, **texts}, identity=ANNA)
        assert answer.status == 201, answer.content
        return dict(answer.json())

    async def change(self, issue: dict[str, Any], change: Any, who: Any = ANNA) -> Answer:
        """PATCH with the version that was read."""
        headers = {"if-match": f'"{issue["version"]}"'}
        path = f"/issues/{issue['slug']}"
        return await self.kit.request("newsletter", "PATCH", path, body=change, headers=headers, identity=who)

    async def sent(self, issue: dict[str, Any]) -> dict[str, Any]:
        """Berta approves, Anna sends; returns the issue after the start of its dispatch."""
        approved = await self.post(f"/issues/{issue['slug']}/approve", identity=BERTA)
        assert approved.status == 200, approved.content
        answer = await self.post(f"/issues/{issue['slug']}/send", identity=ANNA)
        assert answer.status == 202, answer.content
        return dict(answer.json())

    async def dispatch(self, issue: dict[str, Any]) -> dict[str, Any]:
        """Approve, send and let the worker run once; returns the report."""
        sent = await self.sent(issue)
        await self.job("send_batch", sent["id"])
        return await self.report(sent)

    async def report(self, issue: dict[str, Any]) -> dict[str, Any]:
        """The deliveries as an editor sees them."""
        answer = await self.get(f"/issues/{issue['slug']}/deliveries", identity=ANNA, query={"limit": 100})
        assert answer.status == 200, answer.content
        return dict(answer.json())
