"""Many at once: numbers stay unique, counters stay true, nothing is told too early, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from infra.contracts.forum import TopicChanged
from infra.db.retry import transact
from infra.errors import NotFound
from services.forum import commands
from services.forum.commands import touch_topic
from services.forum.models import Post, Topic
from tests.kit import together
from tests.services.forum.world import EAST, NORTH, Forum, account_changed, offer_published, offer_withdrawn, person

WRITERS = 8


def _replies(forum: Forum, topic: dict[str, Any], count: int = WRITERS) -> list[Callable[[], Any]]:
    path = f"/topics/{topic['slug']}/posts"
    return [
        partial(forum.ask, "POST", path, person(f"neu-{number}"), {"body": f"Antwort {number}"})
        for number in range(count)
    ]


async def _assert_counters(forum: Forum) -> None:
    for topic in await Topic.all():
        assert topic.posts == await Post.filter(topic_id=topic.id, deleted_at=None).count()
    told = await forum.kit.recorded("forum", TopicChanged)
    versions = [(event.id, event.version) for event in told]
    assert len(versions) == len(set(versions))


async def test_replies_at_once_get_numbers_of_their_own(forum: Forum) -> None:
    topic = await forum.open()
    answers = await together(*_replies(forum, topic), *_replies(forum, topic))
    assert [answer.status for answer in answers] == [201] * 2 * WRITERS
    numbers = sorted(answer.json()["number"] for answer in answers)
    assert numbers == list(range(2, 2 * WRITERS + 2))
    stored = await Topic.get(id=topic["id"])
    assert (stored.last_number, stored.posts, stored.version) == (17, 17, 17)
    await _assert_counters(forum)
    newest = max(await forum.kit.recorded("forum", TopicChanged), key=lambda event: event.version)
    assert newest.posts == 17
    assert all(f"Antwort {number}" in newest.text for number in range(WRITERS))


async def test_writing_deleting_editing_and_moderating_at_once(forum: Forum) -> None:
    topic = await forum.open()
    posts = [await forum.reply(topic) for _ in range(4)]
    first = (await forum.get(f"/topics/{topic['slug']}"))["posts"]["items"][0]
    edits = [
        partial(
            forum.ask, "PATCH", f"/posts/{first['id']}", forum.member, {"body": f"Neu {n}"}, headers={"if-match": '"1"'}
        )
        for n in range(3)
    ]
    answers = await together(
        *_replies(forum, topic),
        *[partial(forum.ask, "DELETE", f"/posts/{post['id']}", forum.colleague) for post in [*posts, *posts]],
        *edits,
        partial(forum.ask, "POST", f"/topics/{topic['slug']}/pin", forum.coordinator),
        partial(forum.tell, account_changed(forum.member, 2, name="Umbenannt")),
    )
    statuses = [answer.status for answer in answers if answer is not None]
    assert statuses[:WRITERS] == [201] * WRITERS
    assert sorted(statuses[WRITERS : WRITERS + 8]) == [204] * 4 + [404] * 4
    assert sorted(statuses[WRITERS + 8 : WRITERS + 11]) == [200, 412, 412]
    assert (await Topic.get(id=topic["id"])).posts == 1 + WRITERS
    await _assert_counters(forum)


async def test_a_space_that_closes_while_people_write_tells_no_topic_as_public(forum: Forum) -> None:
    topic = await forum.open()
    opening = [
        partial(forum.ask, "POST", f"/spaces/{NORTH}/topics", forum.member, {"title": f"Neu {n}", "body": "Text"})
        for n in range(WRITERS)
    ]
    path = f"/topics/{topic['slug']}/posts"
    writing = [partial(forum.ask, "POST", path, forum.colleague, {"body": f"Antwort {n}"}) for n in range(WRITERS)]
    answers = await together(*opening, partial(forum.set_access, "closed"), *writing)
    assert {answer.status for answer in answers if answer is not None} == {201}
    newest: dict[str, TopicChanged] = {}
    for event in sorted(await forum.kit.recorded("forum", TopicChanged), key=lambda event: event.version):
        newest[event.id] = event
    assert len(newest) == WRITERS + 1
    assert "public" not in {event.visible_to for event in newest.values()}
    await _assert_counters(forum)


async def test_events_of_one_offer_at_once_leave_its_newest_state(forum: Forum) -> None:
    await together(
        *[
            partial(forum.tell, offer_published("training", version, title=f"Fassung {version}"))
            for version in (1, 2, 3)
        ],
        partial(forum.tell, offer_withdrawn("training", 4)),
        *[partial(forum.tell, offer_published("training", version, network=EAST)) for version in (5, 6)],
        partial(forum.tell, offer_published("training", 7, title="Letzte Fassung", network=EAST)),
    )
    await forum.tell(offer_published("training", 7, title="Letzte Fassung", network=EAST))
    topics = await Topic.all().select_related("space")
    assert [(topic.title, topic.space.slug, topic.locked) for topic in topics] == [("Letzte Fassung", EAST, False)]
    await _assert_counters(forum)


async def test_the_last_posts_deleted_at_once_remove_the_topic_once(forum: Forum) -> None:
    topic = await forum.open()
    await forum.reply(topic)
    posts = (await forum.get(f"/topics/{topic['slug']}"))["posts"]["items"]
    answers = await together(
        *[partial(forum.ask, "DELETE", f"/posts/{post['id']}", forum.moderator) for post in posts],
        partial(forum.ask, "DELETE", f"/topics/{topic['slug']}", forum.moderator),
    )
    assert {answer.status for answer in answers} <= {204, 404}
    stored = await Topic.get(id=topic["id"])
    assert stored.deleted_at is not None
    removed = [e for e in await forum.kit.recorded("forum") if e.type == "lotse.forum.topic.removed.v1"]
    assert len(removed) == 1


async def test_a_change_that_comes_after_the_removal_changes_nothing(forum: Forum) -> None:
    topic = await forum.open()
    await forum.ask("DELETE", f"/topics/{topic['slug']}", forum.moderator)
    told = len(await forum.kit.recorded("forum"))
    for change in (
        lambda tx: touch_topic(tx, UUID(topic["id"])),
        lambda tx: commands.reply(tx, forum.member, topic["slug"], "Zu spät"),
    ):
        with pytest.raises(NotFound):
            await transact("forum", change)
    assert len(await forum.kit.recorded("forum")) == told
