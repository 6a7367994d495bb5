"""Replies are told to those who wrote in the topic and may read it; of what is not public only that it is new."""

from __future__ import annotations

from infra.contracts.forum import ForumNoticeWanted
from infra.contracts.notices import TOPIC_REPLY
from tests.services.forum.world import Forum, account_changed, person


async def told(forum: Forum) -> list[ForumNoticeWanted]:
    return await forum.kit.recorded("forum", ForumNoticeWanted)


async def test_everybody_who_wrote_is_told_but_the_author_of_the_reply(forum: Forum) -> None:
    topic = await forum.open(title="Sprachcafé am Abend")
    assert await told(forum) == [], "a new topic has nobody to tell"
    await forum.reply(topic, forum.colleague)
    await forum.reply(topic, forum.outsider)
    first, second = await told(forum)
    assert (first.id, first.version, first.kind) == (topic["id"], 2, TOPIC_REPLY)
    assert first.accounts == [forum.member.account]
    assert second.accounts == sorted([forum.member.account, forum.colleague.account])
    assert (second.path, second.words) == (f"/forum/themen/{topic['slug']}", {"title": "Sprachcafé am Abend"})
    await forum.reply(topic, forum.member)
    assert (await told(forum))[-1].accounts == sorted([forum.colleague.account, forum.outsider.account])


async def test_whose_posts_are_gone_or_whose_account_is_closed_is_not_told(small: Forum) -> None:
    topic = await small.open()
    post = await small.reply(topic, small.outsider)
    assert (await small.ask("DELETE", f"/posts/{post['id']}", small.outsider)).status == 204
    await small.tell(account_changed(small.member, version=2, active=False))
    await small.reply(topic, small.colleague)
    assert [wanted.accounts for wanted in await told(small)] == [[small.member.account]], "only of the first reply"


async def test_a_space_that_is_not_public_tells_its_members_and_no_word_of_its_own(forum: Forum) -> None:
    stranger = person("gast")
    for access in ("closed", "transparent"):
        await forum.set_access("open")
        topic = await forum.open(title="Verschlusssache")
        await forum.reply(topic, stranger)
        await forum.set_access(access)
        await forum.reply(topic, forum.colleague, body="Verschlusssache im Text")
        wanted = (await told(forum))[-1]
        assert wanted.accounts == [forum.member.account], "who may no longer read it is not told"
        assert (wanted.words, wanted.path) == ({}, f"/forum/themen/{topic['id']}")
        assert "verschluss" not in str(wanted).lower()
