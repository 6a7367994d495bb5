"""Bad input to every public address: refused in words, at the field, and nothing half written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from tests.instance import ApiAnswer, Instance
from tests.system.steps import NETWORK

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="module")]

FOREIGN = "iq-landesnetzwerk-sachsen"
OFFER: dict[str, Any] = {
    "title": "Angebot zum Prüfen",
    "summary": "Kurz gesagt.",
    "network": NETWORK,
    "stages": ["language"],
    "districts": ["landkreis-harz"],
}
SCRIPT = "<script>alert(1)</script>"


@dataclass
class World:
    """People signed in, and the slugs of a draft and a public offer, a topic and an issue."""

    lotse: Instance
    tokens: dict[str, str] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)

    async def ask(self, who: str, method: str, path: str, **options: Any) -> ApiAnswer:
        """One call in somebody's name ("" for nobody); `{offer}` and the like in the path become slugs."""
        return await self.lotse.api(method, path.format(**self.things), token=self.tokens.get(who, ""), **options)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(lotse: Instance) -> World:
    """A running Lotse with something to change."""
    made = World(lotse)
    for name in ("koordination", "koordination2", "redaktion", "mitglied"):
        made.tokens[name] = await lotse.sign_in(f"{name}@example.org")
    offer = await made.ask("koordination", "POST", "offers", json=OFFER)
    topics = await made.ask("", "GET", f"spaces/{NETWORK}/topics")
    issue = await made.ask("redaktion", "POST", "issues", json={"quarter": "2031-Q1"})
    offers = await made.ask("", "GET", "offers", params={"network": NETWORK})
    made.things = {
        "offer": offer.body["slug"],
        "public": offers.body["items"][0]["slug"],
        "topic": topics.body["items"][0]["slug"],
        "issue": issue.body["slug"],
    }
    return made


def assert_problem(answer: ApiAnswer, status: int, fields: set[str] | None = None) -> None:
    """A problem in the form of RFC 9457 with a text for people, and with exactly these fields where they are given."""
    assert answer.status == status, answer
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.body["status"] == status
    assert answer.body["type"].startswith("urn:lotse:problem:")
    assert answer.body["title"]
    assert all(item["message"] for item in answer.body["fields"])
    if fields is not None:
        assert {item["field"] for item in answer.body["fields"]} == fields


WRONG_FIELDS: tuple[tuple[str, str, str, Any, set[str]], ...] = (
    ("", "POST", "session", {}, {"email"}),
    ("", "POST", "session", {"email": "admin@example.org"}, {"password"}),
    ("", "POST", "session", {"email": 1, "password": "x"}, {"email"}),
    ("", "POST", "session", {"email": ["admin@example.org"], "password": {"$ne": ""}}, {"email"}),
    ("koordination", "POST", "offers", {}, {"title", "network"}),
    ("koordination", "POST", "offers", {**OFFER, "title": "x" * 201, "summary": "x" * 501}, {"title", "summary"}),
    ("koordination", "POST", "offers", {**OFFER, "stages": ["gibt-es-nicht"]}, {"stages"}),
    ("koordination", "POST", "offers", {**OFFER, "districts": ["atlantis"], "kind": "x"}, {"districts", "kind"}),
    ("koordination", "POST", "offers", {**OFFER, "website": "javascript:alert(1)"}, {"website"}),
    ("koordination", "POST", "offers", {**OFFER, "valid_from": "gestern"}, {"valid_from"}),
    ("koordination", "POST", "offers", {**OFFER, "valid_from": "2026-05-01", "valid_to": "2026-04-01"}, {"valid_to"}),
    ("koordination", "POST", "offers", {**OFFER, "seats": -1}, {"seats"}),
    ("koordination", "POST", "offers", {**OFFER, "seats": "viele"}, {"seats"}),
    ("koordination", "POST", "offers", {**OFFER, "title": None}, {"title"}),
    ("koordination", "POST", "offers", {**OFFER, "owner": "ich"}, {"owner"}),
    ("koordination", "POST", "offers", [], {"body"}),
    ("mitglied", "POST", f"spaces/{NETWORK}/topics", {}, {"title"}),
    ("mitglied", "POST", f"spaces/{NETWORK}/topics", {"title": "", "body": ""}, {"title", "body"}),
    ("mitglied", "POST", f"spaces/{NETWORK}/topics", {"title": "x" * 161, "body": "x" * 20_001}, {"title", "body"}),
    ("mitglied", "POST", f"spaces/{NETWORK}/topics", {"title": ["Hallo"], "body": "Text"}, {"title"}),
    ("mitglied", "POST", "topics/{topic}/posts", {}, {"body"}),
    ("mitglied", "POST", "topics/{topic}/posts", {"body": " "}, {"body"}),
    ("mitglied", "POST", "topics/{topic}/posts", {"body": "Text", "reply_to": "nichts"}, {"reply_to"}),
    ("", "POST", "subscriptions", {}, {"email"}),
    ("", "POST", "subscriptions", {"email": "keine-adresse"}, {"email"}),
    ("", "POST", "subscriptions", {"email": "a@example.org\r\nBcc: b@example.org"}, {"email"}),
    ("", "POST", "subscriptions", {"email": "a" * 400 + "@example.org"}, {"email"}),
    ("", "POST", "subscriptions", {"email": "a@example.org", "language": "fr"}, {"language"}),
    ("", "POST", "subscriptions", {"email": "a@example.org", "districts": "harz"}, {"districts"}),
    ("redaktion", "POST", "issues", {}, {"quarter"}),
    ("redaktion", "POST", "issues", {"quarter": "Herbst"}, {"quarter"}),
    ("redaktion", "POST", "issues", {"quarter": 20264}, {"quarter"}),
)


@pytest.mark.parametrize(("who", "method", "path", "body", "fields"), WRONG_FIELDS)
async def test_wrong_fields_are_named(
    world: World, who: str, method: str, path: str, body: Any, fields: set[str]
) -> None:
    assert_problem(await world.ask(who, method, path, json=body), 422, fields)


@pytest.mark.parametrize(
    ("path", "params", "name"),
    [
        ("search", {"limit": "0"}, "limit"),
        ("search", {"limit": "viele"}, "limit"),
        ("search", {"cursor": "kaputt"}, "cursor"),
        ("search", {"farbe": "rot"}, "farbe"),
        ("offers", {"limit": "1000"}, "limit"),
        ("offers", {"cursor": "kaputt"}, "cursor"),
        ("offers", {"state": "geheim"}, "state"),
        ("regions", {"farbe": "rot"}, "farbe"),
        ("networks", {"limit": "-1"}, "limit"),
        ("spaces", {"limit": "101"}, "limit"),
        (f"spaces/{NETWORK}/topics", {"cursor": "kaputt"}, "cursor"),
        ("topics/{topic}", {"number": "eins"}, "number"),
        ("issues", {"limit": "0"}, "limit"),
    ],
)
async def test_wrong_queries_are_named(world: World, path: str, params: Mapping[str, str], name: str) -> None:
    assert_problem(await world.ask("", "GET", path, params=params), 422, {name})


@pytest.mark.parametrize("query", ["x" * 10_000, '"" OR AND ((', "title:* OR 1=1", "\x01\x02", "🧭" * 50, "*", "-"])
async def test_odd_searches_are_answered(world: World, query: str) -> None:
    answer = await world.ask("", "GET", "search", params={"q": query})
    assert answer.status in (200, 422)
    if answer.status == 422:
        assert_problem(answer, 422, {"q"})


@pytest.mark.parametrize(
    "path",
    [
        "regions/atlantis",
        "networks/gibt-es-nicht",
        "offers/gibt-es-nicht",
        "spaces/gibt-es-nicht/topics",
        "topics/gibt-es-nicht",
        "issues/gibt-es-nicht",
        "issues/{issue}",
        "offers/{offer}",
        "gibt-es-nicht",
    ],
)
async def test_what_is_not_there_or_not_public_is_not_found(world: World, path: str) -> None:
    assert_problem(await world.ask("", "GET", path), 404)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "offers", OFFER),
        ("POST", "offers/{public}/publish", None),
        ("POST", "offers/{public}/withdraw", {"reason": "So ist es."}),
        ("POST", f"spaces/{NETWORK}/topics", {"title": "Hallo", "body": "Text"}),
        ("POST", "topics/{topic}/posts", {"body": "Text"}),
        ("POST", "issues", {"quarter": "2032-Q1"}),
        ("POST", "issues/{issue}/approve", None),
        ("POST", "issues/{issue}/send", None),
        ("GET", "issues/{issue}/deliveries", None),
        ("DELETE", "session", None),
    ],
)
async def test_without_signing_in_nothing_changes(world: World, method: str, path: str, body: Any) -> None:
    assert_problem(await world.ask("", method, path, json=body), 401)
    forged = await world.lotse.api(method, path.format(**world.things), token="gefaelscht", json=body)
    assert_problem(forged, 401)


@pytest.mark.parametrize(
    ("who", "method", "path", "body"),
    [
        ("mitglied", "POST", "offers", OFFER),
        ("koordination", "POST", "offers", {**OFFER, "network": FOREIGN}),
        ("koordination2", "POST", "offers", OFFER),
        ("koordination", "POST", "issues", {"quarter": "2032-Q1"}),
        ("koordination", "POST", "issues/{issue}/approve", None),
        ("mitglied", "POST", "issues/{issue}/send", None),
        ("mitglied", "GET", "issues/{issue}/deliveries", None),
    ],
)
async def test_without_the_right_nothing_changes(world: World, who: str, method: str, path: str, body: Any) -> None:
    assert_problem(await world.ask(who, method, path, json=body), 403)


@pytest.mark.parametrize("step", ["publish", "withdraw"])
async def test_what_others_look_after_stays_as_it_is(world: World, step: str) -> None:
    for who in ("", "koordination2", "mitglied"):
        assert_problem(await world.ask(who, "POST", f"offers/{{offer}}/{step}", json={"reason": "Fremd."}), 404)
    assert_problem(await world.ask("koordination2", "POST", f"offers/{{public}}/{step}", json={"reason": "Nein."}), 403)
    change = {"json": {"title": "Gekapert"}, "headers": {"If-Match": '"1"'}}
    assert_problem(await world.ask("koordination2", "PATCH", "offers/{public}", **change), 403)


@pytest.mark.parametrize("thing", ["offers/{offer}", "issues/{issue}"])
async def test_a_change_needs_the_version_that_was_read(world: World, thing: str) -> None:
    who = "koordination" if thing.startswith("offers") else "redaktion"
    title: Any = "Anders" if who == "koordination" else {"de": "Anders"}
    assert_problem(await world.ask(who, "PATCH", thing, json={"title": title}), 428)
    stale = await world.ask(who, "PATCH", thing, json={"title": title}, headers={"If-Match": '"999"'})
    assert_problem(stale, 412)
    odd = await world.ask(who, "PATCH", thing, json={"title": title}, headers={"If-Match": "irgendwas"})
    assert_problem(odd, 400)
    assert "Anders" not in str((await world.ask(who, "GET", thing)).body["title"])


@pytest.mark.parametrize(
    "path",
    ["session", "offers", "subscriptions", "issues", f"spaces/{NETWORK}/topics", "topics/{topic}/posts"],
)
@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe\x00", "application/json", 400),
        (b'{"body": "' + b"x" * 1_100_000 + b'"}', "application/json", 413),
        (b"title=Hallo&body=Text", "application/x-www-form-urlencoded", 400),
    ],
    ids=["broken", "not-text", "oversized", "form"],
)
async def test_unreadable_bodies_are_refused(world: World, path: str, content: bytes, kind: str, status: int) -> None:
    who = "redaktion" if path == "issues" else "koordination"
    answer = await world.ask(who, "POST", path, data=content, headers={"Content-Type": kind})
    assert_problem(answer, status)


async def test_a_wrong_password_says_nothing_about_the_account(world: World) -> None:
    known = await world.ask("", "POST", "session", json={"email": "admin@example.org", "password": "falsch"})
    unknown = await world.ask("", "POST", "session", json={"email": "niemand@example.org", "password": "falsch"})
    assert_problem(known, 401)
    assert known.body.pop("correlation_id") != unknown.body.pop("correlation_id")
    assert known.body == unknown.body


async def test_an_address_takes_only_its_methods(world: World) -> None:
    assert_problem(await world.ask("koordination", "DELETE", "offers/{offer}"), 405)
    assert_problem(await world.ask("koordination", "PUT", "search"), 405)


async def test_problems_come_in_the_readers_language(world: World) -> None:
    titles = [
        (await world.ask("koordination", "POST", "offers", json={}, headers={"Accept-Language": language})).body[
            "title"
        ]
        for language in ("de", "en")
    ]
    assert titles == ["Bitte prüfen Sie die markierten Angaben.", "Please check the marked fields."]


async def test_hostile_words_stay_words(world: World) -> None:
    body = {**OFFER, "title": f"{SCRIPT} Kurs", "summary": f"{SCRIPT} [x](javascript:alert(1))", "description": SCRIPT}
    made = await world.ask("koordination", "POST", "offers", json=body)
    assert made.status == 201
    slug = made.body["slug"]
    assert (await world.ask("koordination", "POST", f"offers/{slug}/publish")).status == 200
    assert "<script" not in (await world.ask("", "GET", f"offers/{slug}")).body["description_html"]
    async with world.lotse.session.get(f"{world.lotse.url}/angebote/{slug}") as page:
        assert page.status == 200
        assert SCRIPT not in await page.text()
    topic = await world.ask("mitglied", "POST", f"spaces/{NETWORK}/topics", json={"title": SCRIPT, "body": SCRIPT})
    assert topic.status == 201
    async with world.lotse.session.get(f"{world.lotse.url}/forum/themen/{topic.body['slug']}") as page:
        assert page.status == 200
        assert SCRIPT not in await page.text()
