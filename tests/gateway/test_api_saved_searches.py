"""The public API of saved searches, alerts and suggestions; the calls that its description shows work."""

from __future__ import annotations

import re

from gateway.api.examples import BODIES, PARAMETERS
from tests.gateway.api_client import Program, fields, problem
from tests.gateway.test_keep_search import mail, text_of
from tests.gateway.world import EDITOR, MEMBER, World

NEW = BODIES["POST /saved-searches"]


async def test_the_calls_that_are_shown_work(api: Program, world: World) -> None:
    answer = await api.get("/search", params=PARAMETERS["GET /search"])
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["near"]["radius"] == PARAMETERS["GET /search"]["radius"]
    assert found["hits"]
    assert {"distance_km", "reasons", "url"} <= found["hits"][0].keys()
    assert (await api.get("/suggest", params=PARAMETERS["GET /suggest"])).json()["items"]
    kept = await api.post("/saved-searches", NEW)
    assert kept.status_code == 201, kept.text
    order = {**BODIES["POST /alerts"], "saved_search": kept.json()["id"]}
    assert (await api.post("/alerts", order)).status_code == 202
    asked = await mail(world, address=order["email"])
    token = re.search(r"/suche/meldung/bestaetigen/([\w.~-]+)", text_of(asked))
    assert token is not None
    confirmed = (await api.post("/alerts/confirm", {"token": token[1]})).json()
    assert confirmed["frequency"] == order["frequency"]
    assert order["email"] not in str(confirmed)
    stopped = await api.post("/alerts/stop", {"token": confirmed["stop_token"]})
    assert stopped.json()["message"]
    assert (await api.get("/alerts/consent")).json()["de"]


async def test_a_saved_search_from_first_to_last(api: Program) -> None:
    member, other = await api.signed_in(MEMBER), await api.signed_in(EDITOR)
    kept = (await member.post("/saved-searches", NEW)).json()
    path = f"/saved-searches/{kept['id']}"
    assert (kept["name"], kept["frequency"], kept["new"]) == (NEW["name"], "weekly", 0)
    assert [item["id"] for item in (await member.get("/saved-searches")).json()["items"]] == [kept["id"]]
    change = BODIES["PATCH /saved-searches/{id}"]
    assert (await member.patch(path, change)).json()["frequency"] == change["frequency"]
    assert (await member.post(f"{path}/looked", {"mark": kept["mark"]})).status_code == 200
    for method in ("GET", "PATCH", "DELETE"):
        problem(await other.call(method, path, {} if method == "PATCH" else None), 404)
        problem(await api.call(method, path, {} if method == "PATCH" else None), 401)
    assert (await member.call("DELETE", path)).status_code == 204
    problem(await member.get(path), 404)


async def test_what_is_wrong_is_told_at_its_field(api: Program) -> None:
    for change, field in (
        ({"frequency": "hourly"}, "frequency"),
        ({"frequency": "none"}, "frequency"),
        ({"near": "Nirgendwostadt"}, "near"),
        ({"radius": 0}, "radius"),
        ({"district": ["mond"]}, "district"),
        ({"q": "x" * 400}, "q"),
        ({"colour": "red"}, "colour"),
    ):
        assert fields(await api.post("/saved-searches", {**NEW, **change})) == {field}, change
    order = BODIES["POST /alerts"]
    for change, field in (({"email": "x"}, "email"), ({"path": "https://x.example/"}, "path")):
        assert fields(await api.post("/alerts", {**order, **change})) == {field}, change
    problem(await api.post("/alerts/confirm", {"token": "x"}), 422)
    problem(await api.get("/saved-searches"), 401)


async def test_many_calls_from_one_sender_are_slowed_down(api: Program) -> None:
    for path, wrong in (("/saved-searches", {"frequency": "hourly"}), ("/alerts", {"email": "x"})):
        statuses = [(await api.post(path, wrong)).status_code for _number in range(31)]
        assert statuses == [422] * 30 + [429], path
