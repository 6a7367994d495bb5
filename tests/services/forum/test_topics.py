"""Topics and posts: opening, replying, editing with history, deleting, quoting, moderating."""

from __future__ import annotations

from infra.contracts.forum import TopicChanged, TopicRemoved
from tests.services.forum.world import EAST, NORTH, Forum, fields_of


async def test_a_topic_has_its_first_post_from_the_beginning(forum: Forum) -> None:
    opened = await forum.open(title="  Kurs   mit Kinderbetreuung ")
    topic = await forum.get(f"/topics/{opened['slug']}")
    assert topic["title"] == "Kurs mit Kinderbetreuung"
    assert topic["slug"].startswith("kurs-mit-kinderbetreuung-")
    first = topic["posts"]["items"][0]
    assert first["number"] == 1
    assert first["html"] == "<p>Wie macht ihr das?</p>\n"
    assert first["author"] == {"id": forum.member.account, "name": "Mitglied", "system": False}
    assert topic["posts"]["total"] == 1
    assert topic["posts"]["next"] is topic["posts"]["previous"] is None
    assert (await forum.get(f"/topics/{opened['id']}"))["slug"] == opened["slug"]


async def test_posts_are_numbered_paged_and_told_to_others(forum: Forum) -> None:
    topic = await forum.open()
    for number in range(2, 8):
        assert (await forum.reply(topic, body=f"Antwort {number}"))["number"] == number
    first = await forum.get(f"/topics/{topic['slug']}", limit=3)
    assert [post["number"] for post in first["posts"]["items"]] == [1, 2, 3]
    assert first["posts"]["total"] == 7
    second = await forum.get(f"/topics/{topic['slug']}", limit=3, cursor=first["posts"]["next"])
    assert [post["number"] for post in second["posts"]["items"]] == [4, 5, 6]
    last = await forum.get(f"/topics/{topic['slug']}", limit=3, cursor=second["posts"]["next"])
    assert [post["number"] for post in last["posts"]["items"]] == [7]
    assert last["posts"]["next"] is None
    back = await forum.get(f"/topics/{topic['slug']}", limit=3, cursor=last["posts"]["previous"])
    assert [post["number"] for post in back["posts"]["items"]] == [4, 5, 6]
    linked = await forum.get(f"/topics/{topic['slug']}", number=5, limit=2)
    assert [post["number"] for post in linked["posts"]["items"]] == [5, 6]
    told = await forum.kit.recorded("forum", TopicChanged)
    assert [event.version for event in told] == [1, 2, 3, 4, 5, 6, 7]
    assert told[-1].posts == 7
    assert told[-1].text.splitlines() == ["Wie macht ihr das?", *(f"Antwort {number}" for number in range(2, 8))]
    assert told[-1].visible_to == "public"
    assert told[-1].network == NORTH
    assert told[-1].region == "landkreis-harz"


async def test_topics_are_listed_pinned_first_then_newest(forum: Forum) -> None:
    opened = [await forum.open(title=f"Thema {number}") for number in range(5)]
    await forum.reply(opened[1])
    assert (await forum.ask("POST", f"/topics/{opened[0]['slug']}/pin", forum.coordinator)).json()["pinned"] is True
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = await forum.get(f"/spaces/{NORTH}/topics", limit=2, cursor=cursor)
        assert page["total"] == 5
        seen += [item["title"] for item in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert seen == ["Thema 0", "Thema 1", "Thema 4", "Thema 3", "Thema 2"]
    newest = await forum.get("/topics", limit=1)
    assert [item["title"] for item in newest["items"]] == ["Thema 1"]
    following = await forum.get("/topics", limit=2, cursor=newest["next"])
    assert [item["title"] for item in following["items"]] == ["Thema 4", "Thema 3"]
    await forum.ask("POST", f"/topics/{opened[0]['slug']}/unpin", forum.coordinator)
    assert (await forum.get(f"/spaces/{NORTH}/topics"))["items"][0]["title"] == "Thema 1"


async def test_editing_keeps_the_earlier_text_and_refuses_a_stale_version(forum: Forum) -> None:
    topic = await forum.open()
    post = await forum.reply(topic, forum.member)
    path = f"/posts/{post['id']}"
    changed = await forum.ask("PATCH", path, forum.member, {"body": "Anders."}, headers={"if-match": '"1"'})
    assert changed.status == 200
    assert changed.headers["etag"] == '"2"'
    assert changed.json()["html"] == "<p>Anders.</p>\n"
    assert changed.json()["edited_at"]
    stale = await forum.ask("PATCH", path, forum.member, {"body": "Noch anders."}, headers={"if-match": '"1"'})
    assert stale.status == 412
    assert (await forum.ask("PATCH", path, forum.member, {"body": "Blind."})).status == 428
    assert (await forum.get(path))["body"] == "Anders."
    history = await forum.get(f"{path}/history")
    assert [(item["version"], item["body"]) for item in history["items"]] == [(1, "So machen wir das.")]
    assert (await forum.kit.recorded("forum", TopicChanged))[-1].text == "Wie macht ihr das?\nAnders."
    assert (await forum.get(f"{path}/history", forum.moderator))["total"] == 1
    assert (await forum.ask("GET", f"{path}/history", forum.colleague)).status == 403


async def test_only_the_author_edits_and_only_managers_delete_others_posts(forum: Forum) -> None:
    topic = await forum.open()
    post = await forum.reply(topic, forum.colleague)
    path = f"/posts/{post['id']}"
    for who in (forum.member, forum.moderator, forum.coordinator):
        edit = await forum.ask("PATCH", path, who, {"body": "Fremd."}, headers={"if-match": '"1"'})
        assert edit.status == 403
    assert (await forum.ask("DELETE", path, forum.member)).status == 403
    assert (await forum.ask("DELETE", path, forum.other_coordinator)).status == 403
    assert (await forum.ask("DELETE", path, forum.coordinator)).status == 204
    assert (await forum.ask("DELETE", path, forum.coordinator)).status == 404


async def test_a_deleted_post_keeps_its_place_and_loses_its_words(forum: Forum) -> None:
    topic = await forum.open()
    secret = await forum.reply(topic, body="Geheimnis")
    await forum.reply(topic, forum.member, body="Danach", reply_to=secret["id"])
    assert (await forum.ask("DELETE", f"/posts/{secret['id']}", forum.colleague)).status == 204
    for who in (forum.anonymous, forum.member, forum.moderator):
        page = await forum.get(f"/topics/{topic['slug']}", who)
        gone = page["posts"]["items"][1]
        assert (gone["number"], gone["deleted"], gone["html"]) == (2, True, "")
        assert page["posts"]["total"] == 2
        for path in (f"/posts/{secret['id']}", f"/posts/{secret['id']}/quote", f"/posts/{secret['id']}/history"):
            assert (await forum.ask("GET", path, who)).status in ((401, 404) if "history" in path else (404,))
    told = (await forum.kit.recorded("forum", TopicChanged))[-1]
    assert "Geheimnis" not in told.text
    assert told.posts == 2
    refused = await forum.ask(
        "POST", f"/topics/{topic['slug']}/posts", forum.member, {"body": "Dazu", "reply_to": secret["id"]}
    )
    assert refused.status == 422
    assert fields_of(refused) == {"reply_to"}


async def test_with_its_last_visible_post_a_topic_is_removed(forum: Forum) -> None:
    topic = await forum.open()
    reply = await forum.reply(topic)
    first = (await forum.get(f"/topics/{topic['slug']}"))["posts"]["items"][0]
    assert (await forum.ask("DELETE", f"/posts/{first['id']}", forum.member)).status == 204
    assert (await forum.get(f"/topics/{topic['slug']}"))["posts"]["items"][0]["deleted"] is True
    assert (await forum.ask("DELETE", f"/posts/{reply['id']}", forum.colleague)).status == 204
    assert (await forum.ask("GET", f"/topics/{topic['slug']}", forum.member)).status == 404
    assert (await forum.get(f"/spaces/{NORTH}/topics"))["total"] == 0
    removed = await forum.kit.recorded("forum", TopicRemoved)
    assert [(event.id, event.version) for event in removed] == [(topic["id"], 4)]


async def test_a_moderator_removes_a_whole_topic(forum: Forum) -> None:
    topic = await forum.open()
    post = await forum.reply(topic)
    assert (await forum.ask("DELETE", f"/topics/{topic['slug']}", forum.member)).status == 403
    assert (await forum.ask("DELETE", f"/topics/{topic['slug']}", forum.moderator)).status == 204
    for path in (f"/topics/{topic['slug']}", f"/posts/{post['id']}"):
        assert (await forum.ask("GET", path, forum.moderator)).status == 404
    answer = await forum.ask("POST", f"/topics/{topic['slug']}/posts", forum.member, {"body": "Noch da?"})
    assert answer.status == 404
    assert len(await forum.kit.recorded("forum", TopicRemoved)) == 1


async def test_a_locked_topic_takes_no_words_until_it_is_unlocked(forum: Forum) -> None:
    topic = await forum.open()
    post = await forum.reply(topic)
    assert (await forum.ask("POST", f"/topics/{topic['slug']}/lock", forum.member)).status == 403
    assert (await forum.ask("POST", f"/topics/{topic['slug']}/lock", forum.coordinator)).json()["locked"] is True
    for who in (forum.member, forum.coordinator):
        answer = await forum.ask("POST", f"/topics/{topic['slug']}/posts", who, {"body": "Doch noch"})
        assert answer.status == 409
    edit = await forum.ask(
        "PATCH", f"/posts/{post['id']}", forum.colleague, {"body": "Anders"}, headers={"if-match": '"1"'}
    )
    assert edit.status == 409
    assert (await forum.ask("DELETE", f"/posts/{post['id']}", forum.colleague)).status == 409
    page = await forum.get(f"/topics/{topic['slug']}")
    assert page["locked"] is True
    assert page["can_reply"] is page["posts"]["items"][0]["can_edit"] is False
    await forum.ask("POST", f"/topics/{topic['slug']}/unlock", forum.coordinator)
    await forum.reply(topic)


async def test_a_quote_names_the_post_but_no_person(forum: Forum) -> None:
    topic = await forum.open()
    post = await forum.reply(topic, body="> alt\n\nErste Zeile\nzweite Zeile")
    quote = await forum.get(f"/posts/{post['id']}/quote")
    assert quote["reply_to"] == post["id"]
    assert quote["body"] == (
        f"> [Beitrag 2](/forum/themen/{topic['slug']}#beitrag-2):\n>\n> Erste Zeile\n> zweite Zeile\n\n"
    )
    answer = await forum.reply(topic, forum.member, body=quote["body"] + "Genau.", reply_to=post["id"])
    assert "<blockquote>" in answer["html"]
    shown = (await forum.get(f"/topics/{topic['slug']}"))["posts"]["items"][2]
    assert shown["reply_to"] == {"id": post["id"], "number": 2}


async def test_a_reply_answers_only_posts_of_its_own_topic(forum: Forum) -> None:
    topic, other = await forum.open(), await forum.open(forum.neighbour, EAST)
    foreign = await forum.reply(other, forum.neighbour)
    answer = await forum.ask(
        "POST", f"/topics/{topic['slug']}/posts", forum.member, {"body": "Dazu", "reply_to": foreign["id"]}
    )
    assert answer.status == 422
    assert fields_of(answer) == {"reply_to"}


async def test_topics_are_filtered_by_network(small: Forum) -> None:
    await small.open()
    await small.open(small.neighbour, EAST, title="Im Osten")
    found = await small.get("/topics", network=EAST)
    assert [item["title"] for item in found["items"]] == ["Im Osten"]
    assert found["total"] == 1
