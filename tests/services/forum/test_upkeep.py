"""What happens without a request: the demo's threads, the snapshot, the repair of counters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tortoise.expressions import F

from infra.contracts.forum import SpaceChanged, TopicChanged
from infra.ids import content_id
from infra.web.identity import Identity
from services.forum.demo_threads import THREADS
from services.forum.models import Post, Topic
from services.forum.service import service
from tests.services.forum.world import Forum, account_changed, network_published


async def _demo_world(forum: Forum) -> None:
    for number, network in enumerate(sorted({thread.network for thread in THREADS})):
        await forum.tell(network_published(network, f"Netzwerk {number}"))
    for email in sorted({post.author for thread in THREADS for post in thread.posts}):
        name = email.partition("@")[0].capitalize()
        await forum.tell(account_changed(Identity(account=str(content_id("account", email)), name=name)))


async def _seed(forum: Forum, *, demo: bool = True) -> None:
    assert service.seed is not None
    await service.seed(replace(forum.kit.settings, demo=demo))


async def test_the_demo_is_written_once(forum: Forum) -> None:
    await _demo_world(forum)
    await _seed(forum)
    await _seed(forum)
    assert await Topic.all().count() == len(THREADS)
    assert await Post.all().count() == sum(len(thread.posts) for thread in THREADS)
    page = await forum.get("/topics/demo-sprachkurs-kinderbetreuung", forum.anonymous)
    assert [post["author"]["name"] for post in page["posts"]["items"]] == [
        "Mitglied",
        "Koordination",
        "Mitglied",
        "Redaktion",
    ]
    assert page["posts"]["items"][1]["reply_to"]["number"] == 1
    assert "Beispiel aus der Demo" in page["posts"]["items"][0]["html"]
    moments = [post["created_at"] for post in page["posts"]["items"]]
    assert moments == sorted(moments)
    assert page["last_post_at"] == moments[-1]
    pinned = await forum.get("/topics/demo-willkommen")
    assert pinned["pinned"] is True
    assert len({event.id for event in await forum.kit.recorded("forum", TopicChanged)}) == len(THREADS)


async def test_the_demo_waits_for_its_networks_and_people(small: Forum) -> None:
    await _seed(small)
    assert await Topic.all().count() == 0
    for thread in THREADS:
        await small.tell(network_published(thread.network, "Ein Netzwerk"))
    await _seed(small)
    assert await Topic.all().count() == 0
    await _demo_world(small)
    await _seed(small, demo=False)
    assert await Topic.all().count() == 0


async def test_a_snapshot_tells_of_everything_that_can_be_read(forum: Forum) -> None:
    kept, gone = await forum.open(), await forum.open()
    await forum.reply(kept)
    await forum.ask("DELETE", f"/topics/{gone['slug']}", forum.moderator)
    before = await forum.kit.recorded("forum")
    assert service.snapshot is not None
    assert await service.snapshot() == 3
    again = (await forum.kit.recorded("forum"))[len(before) :]
    assert [type(event) for event in again] == [SpaceChanged, SpaceChanged, TopicChanged]
    newest = [event for event in before if isinstance(event, TopicChanged) and event.id == kept["id"]][-1]
    assert again[-1] == newest


async def test_a_wrong_counter_is_mended_and_told(forum: Forum, caplog: pytest.LogCaptureFixture) -> None:
    well, wrong = await forum.open(), await forum.open()
    await forum.reply(wrong)
    post = await forum.reply(wrong)
    await forum.ask("DELETE", f"/posts/{post['id']}", forum.colleague)
    await Topic.filter(id=wrong["id"]).update(posts=F("posts") + 5)
    await service.jobs.run("repair_counters")
    assert (await Topic.get(id=wrong["id"])).posts == 2
    assert (await forum.kit.recorded("forum", TopicChanged))[-1].posts == 2
    assert [record.message for record in caplog.records if "counter" in record.message] == ["topic counter mended"]
    told = len(await forum.kit.recorded("forum"))
    await service.jobs.run("repair_counters")
    assert len(await forum.kit.recorded("forum")) == told
    assert (await Topic.get(id=well["id"])).version == 1


async def test_a_long_topic_tells_its_first_and_newest_posts(small: Forum, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.forum.queries.TEXT_POSTS", 3)
    monkeypatch.setattr("services.forum.queries.TEXT_CHARACTERS", 60)
    topic = await small.open()
    for number in range(2, 8):
        await small.reply(topic, body=f"Antwort Nummer {number}")
    told = (await small.kit.recorded("forum", TopicChanged))[-1]
    assert told.text.startswith("Wie macht ihr das?\n")
    assert "Antwort Nummer 7" in told.text
    assert "Antwort Nummer 3" not in told.text
    assert len(told.text) <= 60 + 3
