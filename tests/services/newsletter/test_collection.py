"""What is collected for an issue: each offer once, in its newest version, and no history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.contracts.contacts import NetworkPublished, OfferWithdrawn
from infra.db import transaction
from infra.ids import content_id, new_id
from infra.inbox import Meta
from services.newsletter.handlers import handlers
from services.newsletter.issues.calendar import today
from tests.kit import counted_queries
from tests.services.newsletter.desk import ANNA, BERTA, Desk, event, offer

TODAY = today(datetime.now(UTC))  # the day in Berlin, as what is over is judged by it


def withdrawn(slug: str, version: int) -> OfferWithdrawn:
    return OfferWithdrawn(id=str(content_id("offer", slug)), version=version, slug=slug)


async def collected(desk: Desk, slug: str = "2026-q4", kind: str = "offers") -> list[dict[str, Any]]:
    answer = await desk.get(f"/issues/{slug}", identity=ANNA)
    return next(section["collected"] for section in answer.json()["sections"] if section["kind"] == kind)


async def titles(desk: Desk, slug: str = "2026-q4", kind: str = "offers") -> list[str]:
    return [item["title"] for item in await collected(desk, slug, kind)]


async def test_an_offer_is_collected_once_and_kept_in_step(desk: Desk) -> None:
    await desk.draft()
    await desk.tell(offer("a", title="Alt"))
    await desk.tell(offer("a", version=3, title="Neu"))
    await desk.tell(offer("a", version=2, title="Dazwischen, aber zu spät"))
    await desk.tell(offer("a", version=3, title="Noch einmal"))
    assert await titles(desk) == ["Neu"]


async def test_a_withdrawn_offer_is_gone_whatever_comes_late(desk: Desk) -> None:
    await desk.draft()
    await desk.tell(offer("a"))
    await desk.tell(withdrawn("a", 2))
    await desk.tell(offer("a", version=1))
    await desk.tell(withdrawn("b", 2))
    await desk.tell(offer("b", version=1))
    assert await titles(desk) == []
    await desk.tell(offer("a", version=3, title="Wieder da"))
    assert await titles(desk) == ["Wieder da"]


async def test_what_one_transaction_tells_is_collected_as_if_it_came_one_by_one(desk: Desk) -> None:
    await desk.draft()
    told = [offer("a", title="Alt"), withdrawn("b", 2), offer("b"), offer("a", version=2, title="Neu"), offer("c")]
    with counted_queries("newsletter") as statements:
        async with transaction("newsletter") as tx:
            for each in told:
                for handler in handlers.of(each.type):
                    await handler.function(tx, each, Meta(str(new_id()), "contacts", None, ""))
    assert await titles(desk) == ["Neu", offer("c").title]
    written = [each for each in statements if "collected" in each]
    assert len(written) == 3, "for each set of columns one, and one for what comes again"


async def test_imported_history_is_no_news(desk: Desk) -> None:
    await desk.draft()
    await desk.tell(offer("alt", source="minor-laenderueberblick-2020", status="ended", published_at=""))
    await desk.tell(offer("auch-alt", source="zemigra-transferbericht", published_at=""))
    assert await titles(desk) == []
    await desk.tell(offer("neu", source="zemigra-transferbericht", title="Hier veröffentlicht"))
    assert await titles(desk) == ["Hier veröffentlicht"]


async def test_what_is_over_is_not_collected(desk: Desk) -> None:
    await desk.draft()
    yesterday, tomorrow = (str(TODAY + timedelta(days=days)) for days in (-1, 1))
    await desk.tell(offer("vorbei", valid_to=yesterday))
    await desk.tell(offer("laeuft", valid_from=yesterday, valid_to=tomorrow))
    await desk.tell(offer("diesen-monat", valid_to=str(TODAY)[:7]))
    await desk.tell(event("gestern", yesterday))
    await desk.tell(event("morgen", tomorrow))
    await desk.tell(event("laenger", yesterday, date_end=tomorrow))
    assert await titles(desk) == ["Angebot laeuft", "Angebot diesen-monat"]
    assert await titles(desk, kind="events-and-courses") == ["Termin laenger", "Termin morgen"]


@pytest.mark.parametrize(
    ("dates", "german", "english"),
    [
        ({"valid_from": "2099-03-01"}, "ab 1. März 2099", "from 1 March 2099"),
        ({"valid_to": "2099-03-01"}, "bis 1. März 2099", "until 1 March 2099"),
        ({"valid_from": "2020-01-01", "valid_to": "2099-03"}, "1. Januar 2020 – 2099-03", "1 January 2020 – 2099-03"),
    ],
)
async def test_the_term_of_an_offer_is_said_in_words(one_desk: Desk, dates: Any, german: str, english: str) -> None:
    await one_desk.draft()
    await one_desk.tell(offer("a", **dates))
    for language, words in (("de", german), ("en", english)):
        preview = await one_desk.get("/issues/2026-q4/preview", identity=ANNA, query={"language": language})
        assert f"{words} · Stadt Magdeburg" in preview.json()["text"]


async def test_a_network_that_is_renamed_has_its_new_name_everywhere(desk: Desk) -> None:
    await desk.draft()
    await desk.tell(offer("a"))
    await desk.tell(NetworkPublished(id="n", version=2, slug="iq", name="IQ Sachsen-Anhalt"))
    await desk.tell(NetworkPublished(id="n", version=1, slug="iq", name="Alter Name"))
    assert [item["network_name"] for item in await collected(desk)] == ["IQ Sachsen-Anhalt"]


async def test_the_next_issue_holds_what_came_since_the_last_one_whether_taken_or_dropped(desk: Desk) -> None:
    await desk.subscribe("anna@example.org")
    for slug in ("a", "b"):
        await desk.tell(offer(slug))
    issue = await desk.draft()
    dropped = next(item["id"] for item in await collected(desk) if item["slug"] == "b")
    issue = (await desk.change(issue, {"sections": [{"kind": "offers", "dropped": [dropped]}]})).json()
    await desk.dispatch(issue)
    assert "Angebot b" not in (await desk.mail_to("anna@example.org")).parts[0].content
    await desk.tell(offer("c"))
    await desk.tell(offer("a", version=2))
    await desk.draft("2027-Q1")
    assert await titles(desk, "2027-q1") == ["Angebot c"]


async def test_what_comes_after_submission_waits_for_the_next_issue(desk: Desk) -> None:
    await desk.subscribe("anna@example.org")
    await desk.tell(offer("a"))
    issue = await desk.draft()
    submitted = await desk.post(f"/issues/{issue['slug']}/submit", identity=ANNA)
    assert submitted.json()["state"] == "review"
    await desk.tell(offer("spaet"))
    await desk.tell(offer("a", version=2, title="Berichtigt"))
    await desk.dispatch(issue)
    text = (await desk.mail_to("anna@example.org")).parts[0].content
    assert "Berichtigt" in text
    assert "spaet" not in text
    await desk.draft("2027-Q1")
    assert await titles(desk, "2027-q1") == ["Angebot spaet"]


async def test_an_offer_withdrawn_after_approval_is_not_mailed_and_may_come_back_later(desk: Desk) -> None:
    await desk.subscribe("anna@example.org")
    await desk.tell(offer("a"))
    await desk.tell(offer("b"))
    issue = await desk.draft()
    await desk.post(f"/issues/{issue['slug']}/approve", identity=BERTA)
    await desk.tell(withdrawn("a", 2))
    await desk.post(f"/issues/{issue['slug']}/send", identity=ANNA)
    await desk.job("send_batch", issue["id"])
    text = (await desk.mail_to("anna@example.org")).parts[0].content
    assert "Angebot b" in text
    assert "Angebot a" not in text
    await desk.tell(offer("a", version=3))
    await desk.draft("2027-Q1")
    assert await titles(desk, "2027-q1") == ["Angebot a"]


async def test_two_approved_issues_never_send_the_same_offer(desk: Desk) -> None:
    await desk.subscribe("anna@example.org")
    await desk.tell(offer("a"))
    first, second = await desk.draft("2026-Q4"), await desk.draft("2027-Q1")
    for issue in (first, second):
        await desk.post(f"/issues/{issue['slug']}/approve", identity=BERTA)
    for issue in (first, second):
        await desk.post(f"/issues/{issue['slug']}/send", identity=ANNA)
        await desk.job("send_batch", issue["id"])
    assert [mail.subject for mail in await desk.mails()].count(
        "Lotse-Newsletter 4. Quartal 2026: Neues aus den Netzwerken"
    ) == 1
    assert (await desk.report(second))["counts"]["audience"] == 0


async def test_an_offer_is_collected_by_one_statement(desk: Desk) -> None:
    with counted_queries("newsletter") as statements:
        await desk.tell(offer("a"))
    assert len(statements) == 1
