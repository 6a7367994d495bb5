"""The public API of search, the forum and the newsletter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.api_client import Program, fields, problem
from tests.gateway.world import COORDINATOR, EDITOR, MEMBER, NETWORK, ORIGIN, SECOND_EDITOR, World

QUARTER = "2031-Q2"


async def test_search_finds_with_addresses_facets_and_pages(api: Program) -> None:
    answer = await api.get("/search", params={"q": "Anerkennung", "limit": 3})
    found = answer.json()
    assert answer.status_code == 200
    assert len(found["hits"]) == 3
    assert found["total"] > 3
    assert {"district", "stage", "target_group", "topic", "kind", "language"} <= found["facets"].keys()
    for hit in found["hits"]:
        assert hit["url"].startswith(f"{ORIGIN}/")
        assert {"id", "slug", "kind", "title", "highlights"} <= hit.keys()
    following = (await api.get("/search", params={"q": "Anerkennung", "limit": 3, "cursor": found["next"]})).json()
    assert not {hit["id"] for hit in following["hits"]} & {hit["id"] for hit in found["hits"]}


async def test_addresses_of_hits_lead_to_pages_in_the_readers_language(api: Program) -> None:
    kinds: dict[str, str] = {}
    page = (await api.get("/search", params={"limit": 1})).json()
    for kind in page["facets"]["kind"]:
        hits = (await api.get("/search", params={"kind": kind["value"], "limit": 1})).json()["hits"]
        kinds[kind["value"]] = hits[0]["url"]
    assert {"offer", "network", "organisation", "state_profile", "topic", "issue"} <= kinds.keys()
    for address in kinds.values():
        assert (await api.http.get(address)).status_code == 200, address
    english = (await api.get("/search", params={"q": "Harz"}, headers={"accept-language": "en-GB,en"})).json()
    assert all(hit["url"].startswith(f"{ORIGIN}/en/") for hit in english["hits"])


@pytest.mark.parametrize("params", [{"limit": "101"}, {"cursor": "kaputt"}, {"was": "x"}, {"q": "a\x00"}])
async def test_search_refuses_what_it_does_not_understand(api: Program, params: dict[str, str]) -> None:
    assert fields(await api.get("/search", params=params)) == set(params)


async def test_a_topic_and_a_reply(api: Program) -> None:
    member = await api.signed_in(MEMBER)
    spaces = (await member.get("/spaces", params={"mine": "true"})).json()
    space = spaces["items"][0]["slug"]
    opened = await member.post(f"/spaces/{space}/topics", {"title": "Wer berät in Quedlinburg?", "body": "Ab **Mai**."})
    assert opened.status_code == 201
    location = opened.headers["location"]
    assert location == f"/api/v1/topics/{opened.json()['slug']}"
    replied = await member.post(f"/topics/{opened.json()['id']}/posts", {"body": "<script>alert(1)</script>Danke"})
    assert replied.status_code == 201
    topic = (await api.http.get(location)).json()
    bodies = [post["html"] for post in topic["posts"]["items"]]
    assert "<strong>Mai</strong>" in bodies[0]
    assert "<script" not in bodies[1]
    topics = (await api.get(f"/spaces/{space}/topics")).json()
    assert opened.json()["slug"] in [item["slug"] for item in topics["items"]]


async def test_the_forum_refuses(api: Program) -> None:
    member = await api.signed_in(MEMBER)
    space = (await member.get("/spaces", params={"mine": "true"})).json()["items"][0]["slug"]
    new = {"title": "Frage", "body": "Text"}
    problem(await api.post(f"/spaces/{space}/topics", new), 401)
    problem(await member.post("/spaces/keiner/topics", new), 404)
    assert fields(await member.post(f"/spaces/{space}/topics", {"title": "", "body": ""})) == {"title", "body"}
    assert fields(await member.post(f"/spaces/{space}/topics", {"title": "Nur das"})) == {"body"}
    problem(await member.post("/topics/keines/posts", {"body": "Text"}), 404)


async def test_a_subscription_answers_everybody_the_same(api: Program, world: World) -> None:
    body = {"email": "neu@example.org", "districts": ["landkreis-harz"], "topics": [], "language": "de"}
    first, again = await api.post("/subscriptions", body), await api.post("/subscriptions", body)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    await world.kit.services["newsletter"].jobs.run("send_service_mails")
    assert len(await world.mails_to("neu@example.org")) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "kein at zeichen"}, "email"),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, "email"),
        ({"districts": ["nirgends"]}, "districts"),
        ({"topics": ["mond"]}, "topics"),
        ({"language": "fr"}, "language"),
        ({"farbe": "rot"}, "farbe"),
    ],
)
async def test_a_subscription_is_refused_at_its_field(api: Program, change: dict[str, Any], field: str) -> None:
    body = {"email": "neu@example.org", "districts": [], "topics": [], "language": "de", **change}
    assert {name.split(".")[0].split("[")[0] for name in fields(await api.post("/subscriptions", body))} == {field}


async def test_signing_up_many_addresses_is_slowed_down(api: Program) -> None:
    statuses = [
        (await api.post("/subscriptions", {"email": f"person{number}@example.org"})).status_code for number in range(61)
    ]
    assert statuses[:60] == [202] * 60
    assert statuses[60] == 429


async def test_an_issue_from_draft_to_dispatch(api: Program, world: World) -> None:
    editor, second = await api.signed_in(EDITOR), await api.signed_in(SECOND_EDITOR)
    created = await editor.post("/issues", {"quarter": QUARTER})
    assert created.status_code == 201
    slug = created.json()["slug"]
    assert created.headers["location"] == f"/api/v1/issues/{slug}"
    problem(await editor.post("/issues", {"quarter": QUARTER}), 409)
    problem(await api.get(f"/issues/{slug}"), 404)

    change = {
        "focus": {"de": "Sprache im Betrieb", "en": "Language at work"},
        "sections": [{"kind": "editorial", "text": {"de": "Liebe **Leute**", "en": "Dear **people**"}}],
    }
    problem(await editor.patch(f"/issues/{slug}", change), 428)
    changed = await editor.patch(f"/issues/{slug}", change, created.headers["etag"])
    assert changed.status_code == 200, changed.text
    problem(await editor.patch(f"/issues/{slug}", change, created.headers["etag"]), 412)

    problem(await editor.post(f"/issues/{slug}/send"), 409)
    problem(await editor.post(f"/issues/{slug}/approve"), 403)
    approved = await second.post(f"/issues/{slug}/approve")
    assert approved.status_code == 200, approved.text
    assert approved.json()["state"] == "approved"
    sent = await editor.post(f"/issues/{slug}/send")
    assert sent.status_code == 202, sent.text
    problem(await editor.post(f"/issues/{slug}/send"), 409)
    problem(await editor.patch(f"/issues/{slug}", change, sent.headers["etag"]), 409)

    await world.kit.services["newsletter"].jobs.run("find_due")
    deliveries = (await editor.get(f"/issues/{slug}/deliveries", params={"limit": 100})).json()
    assert deliveries["total"] == deliveries["counts"]["audience"] > 0
    assert problem(await api.get(f"/issues/{slug}/deliveries"), 401)


async def test_only_editors_make_issues(api: Program) -> None:
    problem(await api.post("/issues", {"quarter": QUARTER}), 401)
    coordinator = await api.signed_in(COORDINATOR)
    problem(await coordinator.post("/issues", {"quarter": QUARTER}), 403)
    editor = await api.signed_in(EDITOR)
    assert fields(await editor.post("/issues", {"quarter": "Frühling"})) == {"quarter"}
    assert fields(await editor.post("/issues", {})) == {"quarter"}
    issues = (await api.get("/issues")).json()
    assert [issue["state"] for issue in issues["items"]] == ["sent"] * len(issues["items"])


async def test_a_published_offer_is_collected_for_the_next_issue(api: Program, world: World) -> None:
    coordinator, editor = await api.signed_in(COORDINATOR), await api.signed_in(EDITOR)
    offer: dict[str, Any] = {
        "title": "Sprechtag Anerkennung in Wernigerode",
        "summary": "Beratung vor Ort, ohne Termin.",
        "network": NETWORK,
        "stages": ["recognition"],
        "districts": ["landkreis-harz"],
    }
    slug = (await coordinator.post("/offers", offer)).json()["slug"]
    assert (await coordinator.post(f"/offers/{slug}/publish")).status_code == 200
    await world.tell()
    issue = (await editor.post("/issues", {"quarter": QUARTER})).json()
    collected = [item for section in issue["sections"] for item in section["collected"] if item["slug"] == slug]
    assert len(collected) == 1
    topics = (await api.get("/search", params={"q": offer["title"], "kind": "topic"})).json()
    assert offer["title"] in " ".join(hit["title"] for hit in topics["hits"])


async def test_ones_own_data_and_the_desks_about_readers(api: Program, world: World) -> None:
    reader = "beratung.harz@example.org"
    asked = await api.post("/subscriptions/link", {"email": reader})
    assert asked.status_code == 202
    await world.kit.services["newsletter"].jobs.run("send_service_mails")
    [mail, *_] = await world.mails_to(reader)
    token = mail.parts[0].content.partition("/meine-daten/")[2].split()[0]
    own = (await api.post("/records/own", {"token": token})).json()
    assert own["held"]["address"] == reader
    assert (await api.post("/subscriptions/address", {"token": token, "email": "neu@example.org"})).status_code == 202
    assert (await api.post("/records/look-up", {"email": reader})).status_code == 401
    editor = await api.signed_in(EDITOR)
    assert (await editor.post("/records/look-up", {"email": reader})).json()["subscription"]["status"] == "active"
    assert (await editor.get("/subscribers/figures")).json()["active"] > 1
    assert (await editor.get("/suppressions")).json()["total"] == 0
    assert (await api.post("/records/own/erase", {"token": token})).status_code == 200
    assert (await editor.get("/suppressions")).json()["counts"] == {"erased": 1}
