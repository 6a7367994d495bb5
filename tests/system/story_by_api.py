"""The main job through the public API: from a coordinator's offer to a reader's mail, and back again.

A suite: each form of Lotse inherits it and says by the fixture `lotse` what to talk to.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.instance import Client
from tests.system.steps import NETWORK, Reader, header_of, hit_for, text_of, until

DISTRICT = "landkreis-harz"
OFFER: dict[str, Any] = {
    "title": "Schweißerlehrgang für Quereinsteigende",
    "summary": "In acht Wochen zum Schweißerschein, mit Deutsch am Arbeitsplatz.",
    "description": "Praxis in der Werkstatt, **Fachsprache** am Nachmittag.",
    "kind": "course",
    "network": NETWORK,
    "stages": ["qualification"],
    "target_groups": ["migrants"],
    "topics": ["qualifizierung"],
    "districts": [DISTRICT],
    "languages": ["de"],
}
MISSPELT = "Schweiserlehrgang"
SUBJECT = "Herbstausgabe aus dem Harz"


class StoryByApi:
    """The main job, played by programs."""

    async def test_an_offer_goes_its_whole_way(self, lotse: Client) -> None:
        reader = Reader(lotse, "leserin@example.org")
        await _subscribe(reader)
        coordinator = await lotse.sign_in("koordination@example.org")
        offer = await _publish(lotse, coordinator)
        await _is_found_with_a_misspelt_word(lotse, offer["slug"])
        topic = await _stands_in_its_district_and_space(lotse, coordinator, offer)
        mail = await _goes_out_with_the_newsletter(lotse, reader, offer)
        await _one_click_ends_the_subscription(reader, mail)
        await _withdrawn_it_vanishes(lotse, coordinator, offer["slug"], topic["slug"])
        await _a_later_issue_reaches_nobody(lotse, reader)


async def _subscribe(reader: Reader) -> None:
    wish = {"email": reader.address, "districts": [DISTRICT], "topics": [], "language": "de"}
    answer = await reader.lotse.api("POST", "subscriptions", json=wish)
    assert answer.status == 202
    await reader.confirm()


async def _publish(lotse: Client, token: str) -> dict[str, Any]:
    """Draft first: nobody outside sees it; then public."""
    created = await lotse.api("POST", "offers", token=token, json=OFFER)
    assert created.status == 201, created
    slug = created.body["slug"]
    assert created.headers["location"].endswith(f"/api/v1/offers/{slug}")
    assert (await lotse.api("GET", f"offers/{slug}")).status == 404
    changed = await lotse.api(
        "PATCH",
        f"offers/{slug}",
        token=token,
        json={"valid_from": f"{datetime.now(UTC).year + 1}-03-01"},
        headers={"If-Match": created.headers["etag"]},
    )
    assert changed.status == 200, changed
    published = await lotse.api(
        "POST", f"offers/{slug}/publish", token=token, headers={"If-Match": changed.headers["etag"]}
    )
    assert published.status == 200, published
    assert (await lotse.api("GET", f"offers/{slug}")).body["title"] == OFFER["title"]
    body: dict[str, Any] = published.body
    return body


async def _is_found_with_a_misspelt_word(lotse: Client, slug: str) -> None:
    async def look() -> dict[str, Any] | None:
        return hit_for(await lotse.api("GET", "search", params={"q": MISSPELT, "district": DISTRICT}), slug)

    hit = await until(look, "searchable")
    assert hit["title"] == OFFER["title"]
    assert "<mark>" in hit["highlights"]["title"] + hit["highlights"]["text"]
    assert hit["url"].endswith(f"/angebote/{slug}")
    found = await lotse.api("GET", "search", params={"q": MISSPELT})
    assert {"value": DISTRICT, "count": 1} in found.body["facets"]["district"] or found.body["total"] > 1


async def _stands_in_its_district_and_space(lotse: Client, token: str, offer: dict[str, Any]) -> dict[str, Any]:
    listed = await lotse.api("GET", "offers", params={"district": DISTRICT, "sort": "changed"})
    assert offer["slug"] in [item["slug"] for item in listed.body["items"]]

    async def look() -> dict[str, Any] | None:
        topics = await lotse.api("GET", f"spaces/{NETWORK}/topics")
        return next((item for item in topics.body["items"] if item["offer"] == offer["slug"]), None)

    topic = await until(look, "topic")
    assert topic["title"] == OFFER["title"]
    shown = await lotse.api("GET", f"topics/{topic['slug']}")
    assert f'href="/angebote/{offer["slug"]}"' in shown.body["posts"]["items"][0]["html"]
    reply = await lotse.api("POST", f"topics/{topic['id']}/posts", token=token, json={"body": "Fragen? Gern hier."})
    assert reply.status == 201
    assert reply.body["number"] == 2
    return topic


async def _goes_out_with_the_newsletter(lotse: Client, reader: Reader, offer: dict[str, Any]) -> dict[str, Any]:
    editor, second = await lotse.sign_in("redaktion@example.org"), await lotse.sign_in("redaktion2@example.org")
    slug = await _compose(lotse, editor, offer["id"])
    assert (await lotse.api("POST", f"issues/{slug}/send", token=editor)).status == 409
    assert (await lotse.api("POST", f"issues/{slug}/approve", token=editor)).status == 403
    assert (await lotse.api("POST", f"issues/{slug}/approve", token=second)).status == 200
    assert (await lotse.api("POST", f"issues/{slug}/send", token=editor)).status in (200, 202)
    mail = await reader.mail(SUBJECT)
    for kind in ("text/plain", "text/html"):
        assert OFFER["title"] in text_of(mail, kind)
    deliveries = (await lotse.api("GET", f"issues/{slug}/deliveries", token=editor)).body
    assert reader.address not in str((await lotse.api("GET", f"issues/{slug}")).body)
    assert deliveries["total"] >= 1
    return mail


async def _compose(lotse: Client, editor: str, offer_id: str) -> str:
    """A draft with the offer in it, a title and a greeting, submitted."""
    made = await lotse.api("POST", "issues", token=editor, json={"quarter": _quarter(0)})
    assert made.status == 201, made
    slug = made.body["slug"]

    async def collected() -> Any:
        draft = await lotse.api("GET", f"issues/{slug}", token=editor)
        items = [item for section in draft.body["sections"] for item in section["collected"]]
        return draft if offer_id in [item["id"] for item in items] else None

    draft = await until(collected, "collected")
    change = {
        "title": {"de": SUBJECT, "en": "Autumn issue"},
        "sections": [{"kind": "editorial", "text": {"de": "Guten Tag!", "en": "Hello!"}}],
    }
    etag = {"If-Match": draft.headers["etag"]}
    changed = await lotse.api("PATCH", f"issues/{slug}", token=editor, json=change, headers=etag)
    assert changed.status == 200, changed
    assert (await lotse.api("PATCH", f"issues/{slug}", token=editor, json=change, headers=etag)).status == 412
    assert (await lotse.api("POST", f"issues/{slug}/submit", token=editor)).status == 200
    return str(slug)


async def _one_click_ends_the_subscription(reader: Reader, mail: dict[str, Any]) -> None:
    """As a mail program does it by RFC 8058: a POST to the address in the header, without cookies."""
    assert header_of(mail, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    addresses = [part.strip(" <>") for part in header_of(mail, "List-Unsubscribe").split(",")]
    address = next(part for part in addresses if part.startswith("http"))
    async with reader.lotse.session.get(reader.here(address)) as page:
        assert page.status == 200  # looking changes nothing
    for _ in range(2):
        async with reader.lotse.session.post(reader.here(address), data={"List-Unsubscribe": "One-Click"}) as answer:
            assert answer.status == 200


async def _withdrawn_it_vanishes(lotse: Client, token: str, slug: str, topic: str) -> None:
    reason = {"reason": "Der Lehrgang ist ausgebucht."}
    assert (await lotse.api("POST", f"offers/{slug}/withdraw", token=token, json=reason)).status == 200
    assert (await lotse.api("GET", f"offers/{slug}")).status == 404

    async def gone() -> bool | None:
        found = await lotse.api("GET", "search", params={"q": OFFER["title"]})
        return True if hit_for(found, slug) is None else None

    async def locked() -> bool | None:
        return True if (await lotse.api("GET", f"topics/{topic}")).body["locked"] else None

    await until(gone, "gone from search")
    await until(locked, "topic locked")
    refused = await lotse.api("POST", f"topics/{topic}/posts", token=token, json={"body": "Zu spät"})
    assert refused.status == 409


async def _a_later_issue_reaches_nobody(lotse: Client, reader: Reader) -> None:
    """The next issue is sent, and the reader who left gets no mail of it."""
    editor, second = await lotse.sign_in("redaktion@example.org"), await lotse.sign_in("redaktion2@example.org")
    before = len(await reader.mails())
    title = {"title": {"de": "Spätere Ausgabe", "en": "Later issue"}}
    slug = (await lotse.api("POST", "issues", token=editor, json={"quarter": _quarter(1), **title})).body["slug"]
    assert (await lotse.api("POST", f"issues/{slug}/approve", token=second)).status == 200
    assert (await lotse.api("POST", f"issues/{slug}/send", token=editor)).status in (200, 202)

    async def sent() -> bool | None:
        issue = await lotse.api("GET", f"issues/{slug}", token=editor)
        return True if issue.body["state"] == "sent" else None

    await until(sent, "later issue sent")
    assert len(await reader.mails()) == before


def _quarter(later: int) -> str:
    """The quarter of today, or a later one."""
    now = datetime.now(UTC)
    index = now.year * 4 + (now.month - 1) // 3 + later
    return f"{index // 4}-Q{index % 4 + 1}"
