"""The main story: subscribe, collect, compose, approve, send, read, leave."""

from __future__ import annotations

from infra.contracts.newsletter import IssuePublished
from tests.services.newsletter.desk import ANNA, BERTA, Desk, event, offer, tokens


async def test_an_offer_goes_from_its_publication_to_the_subscriber_and_the_subscriber_can_leave(desk: Desk) -> None:
    await desk.subscribe("harz@example.org", districts=["landkreis-harz", "stadt-magdeburg"])
    await desk.tell(offer("sprachkurs", title="Sprachkurs in der Pflege"))
    issue = await desk.draft()
    offers = next(section for section in issue["sections"] if section["kind"] == "offers")
    assert [item["title"] for item in offers["collected"]] == ["Sprachkurs in der Pflege"]

    report = await desk.dispatch(issue)
    assert report["counts"] == {"audience": 1, "waiting": 0, "sent": 1, "failed": 0, "suppressed": 0, "uncertain": 0}
    assert report["items"][0]["address"] == "harz@example.org"
    mail = await desk.mail_to("harz@example.org")
    assert "Sprachkurs in der Pflege" in mail.parts[0].content
    assert "Sprachkurs in der Pflege" in mail.parts[1].content

    headers = dict(mail.headers)
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = tokens(mail)["abmelden"]
    assert headers["List-Unsubscribe"] == f"<http://lotse.test/newsletter/abmelden/{token}>"
    answer = await desk.post(f"/one-click/{token}")
    assert answer.status == 200

    shown = (await desk.get("/issues/2026-q4", identity=ANNA)).json()
    assert shown["state"] == "sent"
    assert (await desk.report(issue))["items"][0]["address"] == ""
    published = await desk.kit.recorded("newsletter", IssuePublished)
    assert [fact.slug for fact in published] == ["2026-q4"]
    assert "Sprachkurs in der Pflege" in published[0].text
    archived = (await desk.get("/archive/2026-q4", query={"language": "en"})).json()
    assert [section["kind"] for section in archived["sections"]] == ["offers", "about"]
    assert token not in str(archived)


async def test_a_collected_date_stands_among_the_dates(desk: Desk) -> None:
    await desk.tell(event("sprechtag", "2099-03-01", place="Wernigerode"))
    issue = await desk.draft()
    preview = await desk.get(f"/issues/{issue['slug']}/preview", query={"language": "en"}, identity=BERTA)
    assert "Dates" in preview.json()["text"]
    assert "1 March 2099 · Wernigerode, Landkreis Harz" in preview.json()["text"]
