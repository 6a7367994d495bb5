"""The public API of sessions, the directory and offers: what works, and what is refused how."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.api_client import Program, fields, problem
from tests.gateway.conftest import Opener
from tests.gateway.world import COORDINATOR, MEMBER, NETWORK, OTHER_COORDINATOR, PASSWORD, World

OFFER: dict[str, Any] = {
    "title": "Berufssprachkurs Pflege Harz",
    "summary": "Deutsch für die Arbeit auf Station, mit Praktikum.",
    "description": "**Zwölf Wochen**, vormittags.",
    "kind": "course",
    "network": NETWORK,
    "stages": ["language"],
    "target_groups": [],
    "topics": ["sprachfoerderung"],
    "districts": ["landkreis-harz"],
    "languages": ["de"],
    "valid_from": "2026-11",
}


async def test_sign_in_gives_a_token_and_signing_out_ends_it(api: Program) -> None:
    answer = await api.post("/session", {"email": COORDINATOR.upper(), "password": PASSWORD})
    assert answer.status_code == 201
    person = Program(api.http, answer.json()["token"])
    assert (await person.get("/offers", params={"mine": "true"})).status_code == 200
    assert (await person.call("DELETE", "/session")).status_code == 204
    refused = await person.get("/offers")
    assert problem(refused, 401)["code"] == "unauthenticated"
    assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": COORDINATOR, "password": "falsch"}, 401),
        ({"email": "niemand@example.org", "password": PASSWORD}, 401),
        ({"email": COORDINATOR}, 422),
        ({"email": 7, "password": PASSWORD}, 422),
        ([], 422),
    ],
)
async def test_sign_in_refuses(api: Program, body: Any, status: int) -> None:
    problem(await api.post("/session", body), status)


async def test_sign_in_says_the_same_for_a_wrong_password_and_an_unknown_address(api: Program) -> None:
    wrong = await api.post("/session", {"email": COORDINATOR, "password": "falsch"})
    unknown = await api.post("/session", {"email": "niemand@example.org", "password": "falsch"})
    first, second = wrong.json(), unknown.json()
    assert first.pop("correlation_id") != second.pop("correlation_id")
    assert first == second


async def test_guessing_a_password_is_slowed_down(api: Program) -> None:
    answers = [await api.post("/session", {"email": MEMBER, "password": str(number)}) for number in range(31)]
    assert [answer.status_code for answer in answers[:30]] == [401] * 30
    assert problem(answers[30], 429)["code"] == "too-many"
    assert answers[30].headers["retry-after"]
    # Another account of the same sender still gets in.
    assert (await api.signed_in(COORDINATOR)).token


async def test_signing_out_needs_a_token(api: Program) -> None:
    problem(await api.call("DELETE", "/session"), 401)


async def test_regions_and_networks(api: Program) -> None:
    lands = (await api.get("/regions", params={"kind": "land"})).json()
    assert lands["total"] == 16
    harz = (await api.get("/regions/landkreis-harz")).json()
    assert harz["name_full"] == "Landkreis Harz"
    assert (await api.get(f"/regions/{harz['id']}")).json() == harz
    networks = (await api.get("/networks", params={"limit": 3})).json()
    assert len(networks["items"]) == 3
    following = (await api.get("/networks", params={"limit": 3, "cursor": networks["next"]})).json()
    assert not {item["slug"] for item in following["items"]} & {item["slug"] for item in networks["items"]}
    assert (await api.get(f"/networks/{NETWORK}")).json()["slug"] == NETWORK


async def test_unknown_things_are_not_found_in_the_readers_language(api: Program) -> None:
    for path in ("/regions/nirgends", "/networks/keines", "/offers/keines", "/topics/keines", "/issues/1999-q1"):
        german = problem(await api.get(path), 404)
        english = problem(await api.get(path, headers={"accept-language": "en"}), 404)
        assert german["title"] != english["title"]


async def test_offers_by_filter_and_page(api: Program) -> None:
    first = (await api.get("/offers", params={"district": "landkreis-harz", "limit": 5})).json()
    second = (
        await api.get("/offers", params={"district": "landkreis-harz", "limit": 5, "cursor": first["next"]})
    ).json()
    assert first["total"] == second["total"] > 5
    assert not {item["id"] for item in first["items"]} & {item["id"] for item in second["items"]}
    language = (await api.get("/offers", params={"district": "landkreis-harz", "stage": "language"})).json()
    assert 0 < language["total"] < first["total"]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "viele"}, "limit"),
        ({"farbe": "rot"}, "farbe"),
        ({"cursor": "x"}, "cursor"),
        ({"district": "a\x00b"}, "district"),
    ],
)
async def test_lists_refuse_what_they_do_not_understand(api: Program, params: dict[str, str], field: str) -> None:
    assert fields(await api.get("/offers", params=params)) == {field}


async def test_an_offer_from_draft_to_publication_and_back(api: Program, world: World) -> None:
    coordinator = await api.signed_in(COORDINATOR)
    created = await coordinator.post("/offers", OFFER)
    assert created.status_code == 201
    offer = created.json()
    assert offer["state"] == "draft"
    location, etag = created.headers["location"], created.headers["etag"]
    assert location == f"/api/v1/offers/{offer['slug']}"
    problem(await api.get(f"/offers/{offer['slug']}"), 404)

    changed = await coordinator.patch(f"/offers/{offer['id']}", {"seats": 15}, etag)
    assert changed.status_code == 200
    assert changed.json()["seats"] == 15
    assert changed.headers["etag"] != etag
    problem(await coordinator.patch(f"/offers/{offer['id']}", {"seats": 16}, etag), 412)
    problem(await coordinator.patch(f"/offers/{offer['id']}", {"seats": 16}), 428)

    published = await coordinator.post(f"/offers/{offer['id']}/publish")
    assert published.json()["state"] == "published"
    assert (await api.get(f"/offers/{offer['slug']}")).json()["seats"] == 15
    await world.tell()
    found = (await api.get("/search", params={"q": "Berufsprachkurs Pflege Harz"})).json()
    assert offer["slug"] in [hit["slug"] for hit in found["hits"]]

    assert fields(await coordinator.post(f"/offers/{offer['id']}/withdraw", {"reason": ""})) == {"reason"}
    withdrawn = await coordinator.post(f"/offers/{offer['id']}/withdraw", {"reason": "Förderung ausgelaufen"})
    assert withdrawn.json()["state"] == "withdrawn"
    problem(await api.get(f"/offers/{offer['slug']}"), 404)


async def test_all_wrong_fields_of_an_offer_are_said_at_once(api: Program) -> None:
    coordinator = await api.signed_in(COORDINATOR)
    wrong = {**OFFER, "title": "", "districts": ["nirgends"], "stages": ["mond"], "valid_to": "gestern", "seats": -1}
    assert fields(await coordinator.post("/offers", wrong)) == {"title", "districts", "stages", "valid_to", "seats"}
    assert fields(await coordinator.post("/offers", {**OFFER, "farbe": "rot"})) == {"farbe"}


async def test_only_the_networks_coordinators_may_change_its_offers(api: Program) -> None:
    coordinator = await api.signed_in(COORDINATOR)
    problem(await api.post("/offers", OFFER), 401)
    problem(await (await api.signed_in(MEMBER)).post("/offers", OFFER), 403)
    other = await api.signed_in(OTHER_COORDINATOR)
    problem(await other.post("/offers", OFFER), 403)
    created = await coordinator.post("/offers", OFFER)
    path = f"/offers/{created.json()['slug']}"
    # A draft of others is hidden, a published offer is visible but not theirs.
    problem(await other.patch(path, {"seats": 1}, created.headers["etag"]), 404)
    published = await coordinator.post(f"{path}/publish")
    problem(await other.patch(path, {"seats": 1}, published.headers["etag"]), 403)
    problem(await other.post(f"{path}/withdraw", {"reason": "Das geht nicht."}), 403)


async def test_bodies_that_cannot_be_read(api: Program) -> None:
    coordinator = await api.signed_in(COORDINATOR)
    headers = {"authorization": f"Bearer {coordinator.token}"}
    send = api.http.post
    as_json = {**headers, "content-type": "application/json"}
    problem(await send("/api/v1/offers", content=b"{", headers=as_json), 400)
    problem(await send("/api/v1/offers", content=b'{"title": "\xff"}', headers=as_json), 400)
    problem(await send("/api/v1/offers", content=b'{"title": "a\\u0000b"}', headers=as_json), 422)
    problem(await send("/api/v1/offers", data={"title": "Formular"}, headers=headers), 400)
    problem(await send("/api/v1/offers", content=b'"' + b"x" * 1_100_000 + b'"', headers=as_json), 413)


async def test_a_pages_cookie_opens_nothing_in_the_api(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    problem(await browser.http.post("/api/v1/offers", json=OFFER), 401)


async def test_an_identity_from_outside_is_not_believed(api: Program) -> None:
    problem(await api.post("/offers", OFFER, headers={"lotse-identity": "x"}), 401)
    for header in ("Bearer erfunden", "Basic eDp5", "Bearer"):
        problem(await api.get("/offers", headers={"authorization": header}), 401)
