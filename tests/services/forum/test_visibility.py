"""Who sees what: every route, asked by those who may not, answers as if the thing had never been there."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from infra.contracts.forum import SpaceChanged, TopicChanged
from infra.ids import new_id
from infra.web.api import Operation
from infra.web.client import Answer
from infra.web.identity import Identity
from services.forum.api import api
from tests.kit import identity
from tests.services.forum.world import EAST, NORTH, Forum, account_changed, person

SECRET = "Verschlusssache"
BODIES: dict[str, Any] = {
    "PATCH /spaces/{space}": {"access": "open"},
    "POST /spaces/{space}/topics": {"title": "Hallo", "body": "Text"},
    "POST /topics/{topic}/posts": {"body": "Text"},
    "POST /topics/{topic}/read": {"number": 1},
    "PATCH /posts/{post}": {"body": "Text"},
    "POST /preview": {"body": "Text"},
}


async def _closed_north(forum: Forum) -> dict[str, str]:
    """A topic with a post in the space `nord`, which only its members see; the ids and slugs in it."""
    topic = await forum.open(title=f"{SECRET} im Titel")
    post = await forum.reply(topic, body=f"{SECRET} im Text")
    await forum.set_access("closed")
    return {"space": NORTH, "topic": topic["slug"], "post": post["id"], "topic_id": topic["id"]}


async def _strangers(forum: Forum) -> list[Identity]:
    """Somebody without an account, with another network, with none, and one who has just left."""
    left = Identity(account=forum.colleague.account, name=forum.colleague.name)
    await forum.tell(account_changed(left, version=2))
    return [forum.anonymous, forum.outsider, forum.neighbour, forum.other_coordinator, left]


def _call(operation: Operation, there: dict[str, str]) -> tuple[str, str, Any, dict[str, str]]:
    path = re.sub(r"{(\w+)}", lambda name: there[name[1]], operation.path)
    body = BODIES.get(f"{operation.method} {operation.path}")
    return operation.method, path, body, {"if-match": '"1"'}


@pytest.mark.parametrize("operation", api.operations, ids=lambda item: f"{item.method} {item.path}")
async def test_a_closed_space_is_not_there_for_strangers(small: Forum, operation: Operation) -> None:
    there = await _closed_north(small)
    nowhere = {"space": "gibt-es-nicht", "topic": "gibt-es-nicht", "post": str(new_id()), "topic_id": str(new_id())}
    for who in await _strangers(small):
        method, path, body, headers = _call(operation, there)
        answer = await small.ask(method, path, who, body, headers=headers)
        assert SECRET.encode() not in answer.content
        assert there["topic_id"].encode() not in answer.content
        assert NORTH.encode() not in answer.content
        if "{" in operation.path:
            method, path, body, headers = _call(operation, nowhere)
            assert answer.status in (401, 404)
            reference = await small.ask(method, path, who, body, headers=headers)
            assert (answer.status, _said(answer)) == (reference.status, _said(reference))
    topic = await small.get(f"/topics/{there['topic']}")
    assert topic["posts"]["total"] == topic["last_number"] == 2


def _said(answer: Answer) -> dict[str, Any]:
    """A problem without the number of its request."""
    return {name: value for name, value in answer.json().items() if name != "correlation_id"}


async def test_lists_and_counts_leave_out_what_is_closed(forum: Forum) -> None:
    await _closed_north(forum)
    for who in await _strangers(forum):
        assert (await forum.get("/spaces", who))["total"] == 1
        assert (await forum.get("/topics", who))["total"] == 0
        assert (await forum.get("/topics", who, network=NORTH))["items"] == []
        assert (await forum.get("/spaces", who, region="landkreis-harz"))["items"] == []
    for who in (forum.member, forum.coordinator, forum.moderator, forum.admin):
        assert (await forum.get("/spaces", who))["total"] == 2
        assert (await forum.get("/topics", who))["total"] == 1


async def test_of_a_transparent_space_only_the_existence_is_public(forum: Forum) -> None:
    topic = await forum.open(title=SECRET)
    post = await forum.reply(topic, body=SECRET)
    await forum.set_access("transparent")
    for who in (forum.anonymous, forum.outsider, forum.neighbour):
        space = await forum.get(f"/spaces/{NORTH}", who)
        assert space["name"] == "Netzwerk Nord"
        assert space["topics"] is space["posts"] is space["last_post_at"] is None
        assert space["can_read"] is space["can_write"] is space["can_manage"] is False
        listed = await forum.get("/spaces", who)
        assert [item["topics"] for item in listed["items"]] == [None, 0]
        assert (await forum.ask("GET", f"/spaces/{NORTH}/topics", who)).status == 403
        assert (await forum.get("/topics", who))["total"] == 0
        for path in (f"/topics/{topic['slug']}", f"/posts/{post['id']}", f"/posts/{post['id']}/quote"):
            answer = await forum.ask("GET", path, who)
            assert answer.status == 404
            assert SECRET.encode() not in answer.content
    new = {"title": "Darf ich?", "body": "Text"}
    assert (await forum.ask("POST", f"/spaces/{NORTH}/topics", forum.anonymous, new)).status == 401
    assert (await forum.ask("POST", f"/spaces/{NORTH}/topics", forum.outsider, new)).status == 403
    assert (await forum.get(f"/spaces/{NORTH}", forum.member))["topics"] == 1


async def test_everybody_with_an_account_may_write_in_an_open_space(forum: Forum) -> None:
    topic = await forum.open(forum.outsider, EAST)
    await forum.reply(topic, forum.member)
    page = await forum.get(f"/topics/{topic['slug']}", forum.anonymous)
    assert page["can_reply"] is False
    assert page["last_read"] is page["unread"] is None
    answer = await forum.ask("POST", f"/topics/{topic['slug']}/posts", forum.anonymous, {"body": "Hallo"})
    assert answer.status == 401
    assert (await forum.ask("POST", "/preview", forum.anonymous, {"body": "Hallo"})).status == 401


async def test_a_change_of_access_is_told_for_every_topic(forum: Forum) -> None:
    for number in range(3):
        await forum.open(title=f"Thema {number}")
    await forum.set_access("closed")
    space_id = (await forum.get(f"/spaces/{NORTH}"))["id"]
    told = (await forum.kit.recorded("forum", TopicChanged))[-3:]
    assert {event.visible_to for event in told} == {space_id}
    assert {event.version for event in told} == {2}
    assert len({event.id for event in told}) == 3
    spaces = [event for event in await forum.kit.recorded("forum", SpaceChanged) if event.slug == NORTH]
    assert [(event.version, event.access) for event in spaces] == [(1, "open"), (2, "closed")]
    assert spaces[-1].id == space_id
    await forum.set_access("open")
    assert (await forum.kit.recorded("forum", TopicChanged))[-1].visible_to == "public"


async def test_a_request_past_the_gateway_is_refused(small: Forum) -> None:
    app = small.kit.services["forum"].app(small.kit.settings)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/spaces", "headers": [], "query_string": b""}
    await app({**scope, "scheme": "http", "server": ("forum", 80), "root_path": ""}, receive, send)
    assert sent[0]["status"] == 401


async def test_rights_follow_the_roles_and_the_network(forum: Forum) -> None:
    rights = {
        forum.anonymous: (True, False, False),
        forum.outsider: (True, True, False),
        forum.other_coordinator: (True, True, False),
        forum.member: (True, True, False),
        forum.coordinator: (True, True, True),
        forum.moderator: (True, True, True),
        forum.admin: (True, True, True),
    }
    for who, expected in rights.items():
        space = await forum.get(f"/spaces/{NORTH}", who)
        assert (space["can_read"], space["can_write"], space["can_manage"]) == expected
    editor = person("redaktion", "editor")
    assert (await forum.get(f"/spaces/{NORTH}", editor))["can_manage"] is False


async def test_an_editor_or_foreign_coordinator_changes_no_settings(forum: Forum) -> None:
    headers = {"if-match": '"1"'}
    for who in (forum.member, forum.other_coordinator, identity(str(UUID(int=7)), "editor", networks=[NORTH])):
        answer = await forum.ask("PATCH", f"/spaces/{NORTH}", who, {"access": "closed"}, headers=headers)
        assert answer.status == 403
    answer = await forum.ask("PATCH", f"/spaces/{NORTH}", forum.anonymous, {"access": "closed"}, headers=headers)
    assert answer.status == 401
    assert (await forum.get(f"/spaces/{NORTH}"))["access"] == "open"
