"""Spaces and members: kept in step by events, late and doubled ones included; settings; figures."""

from __future__ import annotations

from infra.contracts.forum import SpaceChanged, TopicChanged
from infra.ids import content_id
from infra.web.identity import Identity
from services.forum.models import Member
from tests.services.forum.world import EAST, NORTH, Forum, account_changed, fields_of, network_published


async def test_a_network_has_a_space_from_its_first_event(forum: Forum) -> None:
    space = await forum.get(f"/spaces/{NORTH}", forum.anonymous)
    assert space["id"] == str(content_id("space", NORTH))
    assert (space["name"], space["network"], space["region"]) == ("Netzwerk Nord", NORTH, "landkreis-harz")
    assert (space["access"], space["version"], space["topics"]) == ("open", 1, 0)
    assert (await forum.get(f"/spaces/{space['id']}"))["slug"] == NORTH


async def test_a_renamed_network_renames_its_space_and_tells_its_topics_again(forum: Forum) -> None:
    await forum.open()
    await forum.tell(network_published(NORTH, "Netzwerk Küste", 3, region="sachsen"))
    await forum.tell(network_published(NORTH, "Netzwerk von gestern", 2))
    await forum.tell(network_published(NORTH, "Netzwerk Küste", 3))
    space = await forum.get(f"/spaces/{NORTH}")
    assert (space["name"], space["region"], space["version"]) == ("Netzwerk Küste", "sachsen", 2)
    topics = await forum.kit.recorded("forum", TopicChanged)
    assert [(event.space_name, event.version) for event in topics] == [("Netzwerk Nord", 1), ("Netzwerk Küste", 2)]
    spaces = [event for event in await forum.kit.recorded("forum", SpaceChanged) if event.slug == NORTH]
    assert [event.version for event in spaces] == [1, 2]


async def test_a_new_description_does_not_tell_the_topics_again(forum: Forum) -> None:
    await forum.open()
    await forum.tell(network_published(NORTH, "Netzwerk Nord", 2, region="landkreis-harz", description="Neu"))
    assert (await forum.get(f"/spaces/{NORTH}"))["description"] == "Neu"
    assert len(await forum.kit.recorded("forum", TopicChanged)) == 1


async def test_settings_need_the_version_that_was_read(forum: Forum) -> None:
    path, body = f"/spaces/{NORTH}", {"access": "transparent", "offer_topics": False}
    assert (await forum.ask("PATCH", path, forum.coordinator, body)).status == 428
    changed = await forum.ask("PATCH", path, forum.coordinator, body, headers={"if-match": '"1"'})
    assert changed.status == 200
    assert changed.headers["etag"] == '"2"'
    assert (changed.json()["access"], changed.json()["offer_topics"]) == ("transparent", False)
    assert (await forum.ask("PATCH", path, forum.coordinator, body, headers={"if-match": '"1"'})).status == 412
    same = await forum.ask("PATCH", path, forum.coordinator, body, headers={"if-match": '"2"'})
    assert same.json()["version"] == 2


async def test_settings_refuse_unknown_values_and_fields(small: Forum) -> None:
    path, headers = f"/spaces/{NORTH}", {"if-match": '"1"'}
    for body, field in (
        ({"access": "geheim"}, "access"),
        ({"access": 1}, "access"),
        ({"offer_topics": "ja"}, "offer_topics"),
        ({"name": "Umbenannt"}, "name"),
    ):
        answer = await small.ask("PATCH", path, small.coordinator, body, headers=headers)
        assert answer.status == 422
        assert fields_of(answer) == {field}


async def test_spaces_are_listed_by_name_with_figures(forum: Forum) -> None:
    topic = await forum.open()
    await forum.reply(topic)
    await forum.open(title="Noch eine")
    first = await forum.get("/spaces", limit=1)
    assert (first["total"], [item["slug"] for item in first["items"]]) == (2, [NORTH])
    north = first["items"][0]
    assert (north["topics"], north["posts"], north["members"], north["member"]) == (2, 3, 3, True)
    assert north["last_post_at"] is not None
    second = await forum.get("/spaces", limit=1, cursor=first["next"])
    assert [item["slug"] for item in second["items"]] == [EAST]
    assert second["next"] is None
    assert [item["slug"] for item in (await forum.get("/spaces", mine="true"))["items"]] == [NORTH]
    assert (await forum.get("/spaces", forum.anonymous, mine="true"))["items"] == []
    assert [item["slug"] for item in (await forum.get("/spaces", region="sachsen"))["items"]] == [EAST]


async def test_names_follow_the_account(forum: Forum) -> None:
    topic = await forum.open()
    await forum.tell(account_changed(forum.member, 2, name="Neuer Name"))
    await forum.tell(account_changed(forum.member, 1, name="Alter Name"))
    page = await forum.get(f"/topics/{topic['slug']}")
    assert page["author"]["name"] == page["posts"]["items"][0]["author"]["name"] == "Neuer Name"


async def test_a_person_unknown_so_far_appears_under_the_name_of_the_request(forum: Forum) -> None:
    topic = await forum.open(forum.outsider, EAST)
    assert topic["space"] == EAST
    renamed = Identity(account=forum.outsider.account, name="Umbenannt")
    await forum.reply(topic, renamed)
    assert (await forum.get(f"/topics/{topic['slug']}"))["author"]["name"] == "Umbenannt"
    await forum.tell(account_changed(forum.outsider, 1, name="Bestätigt"))
    await forum.reply(topic, renamed)
    assert (await forum.get(f"/topics/{topic['slug']}"))["author"]["name"] == "Bestätigt"


async def test_a_closed_account_belongs_to_no_network(forum: Forum) -> None:
    await forum.tell(account_changed(forum.member, 2, active=False))
    assert (await forum.get(f"/spaces/{NORTH}"))["members"] == 2
    assert (await Member.get(id=forum.member.account)).active is False
    await forum.tell(account_changed(forum.colleague, 2, networks=[NORTH, EAST]))
    await forum.tell(account_changed(forum.colleague, 2, networks=[]))
    assert (await forum.get(f"/spaces/{NORTH}"))["members"] == 2
    assert (await forum.get(f"/spaces/{EAST}"))["members"] == 3
