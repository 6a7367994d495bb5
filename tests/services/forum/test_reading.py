"""What is unread, and how much a page costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from infra.web.identity import Identity
from services.forum.models import Member
from tests.kit import counted_queries, together
from tests.services.forum.world import EAST, NORTH, Forum


async def _unread(forum: Forum, topic: dict[str, str], who: Identity) -> int:
    listed = await forum.get(f"/spaces/{NORTH}/topics", who)
    shown = await forum.get(f"/topics/{topic['slug']}", who)
    number = next(item["unread"] for item in listed["items"] if item["id"] == topic["id"])
    assert shown["unread"] == number
    assert isinstance(number, int)
    return number


async def test_unread_counts_what_came_since(forum: Forum) -> None:
    topic = await forum.open()
    for number in range(4):
        await forum.reply(topic, forum.colleague, body=f"Antwort {number}")
    assert await _unread(forum, topic, forum.member) == 4
    assert await _unread(forum, topic, forum.colleague) == 0
    assert await _unread(forum, topic, forum.coordinator) == 5
    answer = await forum.ask("POST", f"/topics/{topic['slug']}/read", forum.member, {"number": 3})
    assert answer.json() == {"last_read": 3, "unread": 2}
    assert await _unread(forum, topic, forum.member) == 2


async def test_the_mark_never_goes_back_nor_beyond_the_end(forum: Forum) -> None:
    topic = await forum.open()
    await forum.reply(topic)
    path = f"/topics/{topic['slug']}/read"
    assert (await forum.ask("POST", path, forum.member, {"number": 2_000_000})).json()["last_read"] == 2
    assert (await forum.ask("POST", path, forum.member, {"number": 1})).json()["last_read"] == 2
    await forum.reply(topic)
    assert await _unread(forum, topic, forum.member) == 1
    assert (await forum.ask("POST", path, forum.anonymous, {"number": 1})).status == 401


async def test_marks_set_at_once_leave_the_highest(forum: Forum) -> None:
    topic = await forum.open()
    for _ in range(7):
        await forum.reply(topic)
    path = f"/topics/{topic['slug']}/read"
    answers = await together(
        *[lambda n=number: forum.ask("POST", path, forum.coordinator, {"number": n}) for number in range(1, 9)]
    )
    assert {answer.status for answer in answers} == {200}
    assert (await forum.get(f"/topics/{topic['slug']}", forum.coordinator))["last_read"] == 8


async def test_deleted_posts_are_not_unread(forum: Forum) -> None:
    topic = await forum.open()
    post = await forum.reply(topic)
    await forum.reply(topic)
    await forum.ask("DELETE", f"/posts/{post['id']}", forum.colleague)
    assert await _unread(forum, topic, forum.member) == 1


async def test_nobody_has_to_catch_up_on_what_was_before_they_came(forum: Forum) -> None:
    topic = await forum.open()
    await Member.filter(id=forum.coordinator.account).update(joined_at=datetime.now(UTC) + timedelta(seconds=1))
    assert await _unread(forum, topic, forum.coordinator) == 0
    assert await _unread(forum, topic, forum.outsider) == 0


@pytest.mark.parametrize("path", ["/spaces", f"/spaces/{NORTH}", f"/spaces/{NORTH}/topics", "/topics", "topic", "post"])
async def test_a_page_takes_the_same_few_queries_however_full_it_is(forum: Forum, path: str) -> None:
    topic = await forum.open()
    post = await forum.reply(topic)
    wanted = {"topic": f"/topics/{topic['slug']}", "post": f"/posts/{post['id']}"}.get(path, path)
    few = await _queries(forum, wanted)
    for number in range(6):
        await forum.reply(topic, forum.outsider if number % 2 else forum.colleague)
        await forum.reply(await forum.open(title=f"Thema {number}"), forum.neighbour)
        await forum.open(forum.neighbour, EAST)
    assert few == await _queries(forum, wanted)
    assert max(few) <= 6


async def _queries(forum: Forum, path: str) -> list[int]:
    counts: list[int] = []
    for who in (forum.anonymous, forum.coordinator):
        with counted_queries("forum") as statements:
            await forum.get(path, who)
        counts.append(len(statements))
    return counts
