"""Topics of offers: in step with the offer, whatever order the events come in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations

import msgspec
import pytest

from infra.contracts.contacts import OfferPublished, OfferWithdrawn
from infra.contracts.envelope import Envelope
from infra.contracts.forum import TopicChanged
from infra.db import transaction
from infra.errors import Retryable
from infra.ids import new_id
from infra.inbox import Meta, dead_letters
from infra.inbox.once import Work, handle_once
from services.forum.handlers import handlers
from services.forum.models import OfferTopic, Outbox, Topic
from tests.kit import counted_queries
from tests.services.forum.world import (
    EAST,
    NORTH,
    Forum,
    network_published,
    offer_published,
    offer_withdrawn,
)

PATH = "/topics/angebot-training"


async def test_a_published_offer_has_a_topic_in_its_networks_space(forum: Forum) -> None:
    await forum.tell(
        offer_published(
            "training",
            topics=["bewerbung"],
            provider_name="Träger [A]",
            valid_from="2026-03-01",
            valid_to="2026-06-30",
            summary_en="Practise the interview.",
        )
    )
    topic = await forum.get(PATH, forum.anonymous)
    assert (topic["title"], topic["offer"], topic["space"]["slug"]) == ("Bewerbungstraining", "training", NORTH)
    assert topic["author"] == {"id": None, "name": "Netzwerk Nord", "system": True}
    html = topic["posts"]["items"][0]["html"]
    assert '<a href="/angebote/training" rel="nofollow noopener ugc">Zum Angebot</a>' in html
    assert 'href="/en/angebote/training"' in html
    assert "Träger [A]" in html
    assert "01.03.2026 – 30.06.2026" in html
    assert "Practise the interview." in html
    told = (await forum.kit.recorded("forum", TopicChanged))[-1]
    assert (told.topics, told.network, told.visible_to) == (["bewerbung"], NORTH, "public")
    assert "Üben für das Gespräch." in told.text
    assert [item["slug"] for item in (await forum.get("/topics", offer="training"))["items"]] == ["angebot-training"]
    await forum.reply(topic, forum.outsider)


async def test_the_topic_follows_the_offer(forum: Forum) -> None:
    await forum.tell(offer_published("training"))
    await forum.tell(offer_published("training", 2, title="Bewerbungstraining Plus", summary="Jetzt mit Video."))
    topic = await forum.get(PATH)
    assert (topic["title"], topic["slug"]) == ("Bewerbungstraining Plus", "angebot-training")
    first = topic["posts"]["items"][0]
    assert "Jetzt mit Video." in first["html"]
    assert first["edited_at"]
    assert topic["posts"]["total"] == 1
    history = await forum.get(f"/posts/{first['id']}/history", forum.coordinator)
    assert [item["replaced_by"]["system"] for item in history["items"]] == [True]


async def test_an_unchanged_text_makes_no_revision(forum: Forum) -> None:
    await forum.tell(offer_published("training"))
    await forum.tell(offer_published("training", 2, topics=["neu"]))
    assert (await forum.get(PATH))["posts"]["items"][0]["edited_at"] is None
    assert (await forum.kit.recorded("forum", TopicChanged))[-1].topics == ["neu"]


async def test_a_withdrawn_offer_locks_its_topic_and_publishing_opens_it(forum: Forum) -> None:
    await forum.tell(offer_published("training"))
    await forum.tell(offer_withdrawn("training", 2))
    closed = await forum.get(PATH)
    assert closed["locked"] is True
    assert "zurückgezogen" in closed["posts"]["items"][0]["html"]
    answer = await forum.ask("POST", f"{PATH}/posts", forum.member, {"body": "Schade"})
    assert answer.status == 409
    await forum.tell(offer_published("training", 3))
    again = await forum.get(PATH)
    assert again["locked"] is False
    assert "zurückgezogen" not in again["posts"]["items"][0]["html"]
    assert await Topic.all().count() == 1


async def test_a_withdrawal_whose_time_cannot_be_read_locks_the_topic(forum: Forum) -> None:
    await forum.tell(offer_published("training"))
    await forum.kit.deliver("forum", offer_withdrawn("training", 2), time="neulich")
    assert (await forum.get(PATH))["locked"] is True


async def test_publishing_again_does_not_open_what_a_person_locked(forum: Forum) -> None:
    await forum.tell(offer_published("training"))
    await forum.ask("POST", f"{PATH}/lock", forum.moderator)
    await forum.tell(offer_withdrawn("training", 2))
    await forum.tell(offer_published("training", 3))
    assert (await forum.get(PATH))["locked"] is True
    await forum.ask("POST", f"{PATH}/unlock", forum.moderator)
    assert (await forum.get(PATH))["locked"] is False


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_newest_event_wins_in_whatever_order_they_come(small: Forum, order: tuple[int, ...]) -> None:
    events: list[OfferPublished | OfferWithdrawn] = [
        offer_published("training", 1),
        offer_published("training", 2, title="Zweite Fassung"),
        offer_withdrawn("training", 3),
    ]
    for index in [*order, *order]:
        await small.tell(events[index])
    topics = await Topic.all()
    assert len(topics) <= 1
    assert all(topic.locked for topic in topics)
    await small.tell(offer_published("training", 4, title="Wieder da"))
    topic = await small.get(PATH)
    assert (topic["title"], topic["locked"]) == ("Wieder da", False)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_newest_event_wins_among_those_of_one_transaction(small: Forum, order: tuple[int, ...]) -> None:
    events: list[OfferPublished | OfferWithdrawn] = [
        offer_published("training", 1),
        offer_withdrawn("training", 2),
        offer_published("training", 3),
    ]
    await _tell_together([events[index] for index in [*order, *order]])
    (topic,) = await Topic.all()
    assert not topic.locked


async def test_offers_without_a_network_take_one_statement_together(small: Forum) -> None:
    many = [offer_published(f"training-{number}", network="") for number in range(50)]
    with counted_queries("forum") as statements:
        await _tell_together(many)
    assert len([each for each in statements if "offer_topics" in each]) == 1
    assert await OfferTopic.all().count() == 50


async def test_what_offers_of_one_transaction_cause_belongs_to_each_ones_own_story(forum: Forum) -> None:
    events = [offer_published("training"), offer_published("beratung")]
    (handler,) = handlers.of(OfferPublished.type)
    before = await Outbox.all().count()
    await handle_once("forum", [Work(_envelope(event), event, handler) for event in events])
    rows = (await Outbox.all().order_by("id"))[before:]
    assert [(row.data["slug"], row.correlation_id, row.causation_id) for row in rows] == [
        ("angebot-training", "story-of-training", "event-of-training"),
        ("angebot-beratung", "story-of-beratung", "event-of-beratung"),
    ]


async def _tell_together(events: Sequence[OfferPublished | OfferWithdrawn]) -> None:
    async with transaction("forum") as tx:
        for event in events:
            for handler in handlers.of(event.type):
                meta = Meta(str(new_id()), event.producer, None, datetime.now(UTC).isoformat())
                await handler.function(tx, event, meta)


async def test_an_offer_without_a_network_has_no_topic(forum: Forum) -> None:
    await forum.tell(offer_published("training", network="", source="transferbericht"))
    assert await Topic.all().count() == 0
    await forum.tell(offer_published("training", 2))
    await forum.tell(offer_published("training", 3, network=""))
    assert (await forum.get(PATH))["locked"] is True


async def test_an_offer_that_moves_takes_its_topic_along(forum: Forum) -> None:
    await forum.tell(offer_published("training"))
    await forum.tell(offer_published("training", 2, network=EAST))
    assert (await forum.get(PATH))["space"]["slug"] == EAST
    assert (await forum.kit.recorded("forum", TopicChanged))[-1].network == EAST


async def test_an_offer_waits_for_its_networks_space(forum: Forum) -> None:
    with pytest.raises(Retryable):
        await forum.tell(offer_published("training", network="spaet"))
    await forum.tell(network_published("spaet", "Spätes Netzwerk"))
    await forum.tell(offer_published("training", network="spaet"))
    assert (await forum.get(PATH))["space"]["slug"] == "spaet"


async def test_a_dead_letter_that_fails_again_keeps_no_other_from_being_retried(forum: Forum) -> None:
    unready, ready = offer_published("training", network="spaet"), offer_published("beratung")
    for event in (unready, ready):
        async with transaction("forum") as tx:
            await dead_letters.store(tx, _envelope(event), "keep_offer_topic", Retryable("as it was"), 5)
    assert await dead_letters.retry("forum", handlers) == dead_letters.RetryReport(resolved=1, failed=1)
    (letter,) = await dead_letters.listing("forum")
    assert (letter.event_id, letter.attempts) == (_envelope(unready).id, 6)
    assert "no space of the network spaet yet" in letter.error
    assert (await forum.get("/topics/angebot-beratung"))["offer"] == "beratung"


def _envelope(event: OfferPublished | OfferWithdrawn) -> Envelope:
    """The event as contacts' relay sends it, part of a story of its own."""
    return Envelope(
        id=f"event-of-{event.slug}",
        source=f"/services/{event.producer}",
        type=event.type,
        subject=f"offer/{event.id}",
        time=datetime.now(UTC).isoformat(),
        data=msgspec.to_builtins(event),
        correlationid=f"story-of-{event.slug}",
    )


async def test_a_network_may_choose_to_have_no_offer_topics(forum: Forum) -> None:
    headers = {"if-match": '"1"'}
    await forum.ask("PATCH", f"/spaces/{NORTH}", forum.coordinator, {"offer_topics": False}, headers=headers)
    await forum.tell(offer_published("training"))
    assert (await forum.ask("GET", PATH, forum.member)).status == 404


async def test_a_topic_that_a_person_removed_stays_removed(forum: Forum) -> None:
    await forum.tell(offer_published("training"))
    assert (await forum.ask("DELETE", PATH, forum.moderator)).status == 204
    await forum.tell(offer_published("training", 2))
    await forum.tell(offer_withdrawn("training", 3))
    assert (await forum.ask("GET", PATH, forum.moderator)).status == 404


async def test_a_deleted_first_post_stays_deleted(forum: Forum) -> None:
    await forum.tell(offer_published("training"))
    topic = await forum.get(PATH)
    await forum.reply(topic)
    await forum.ask("DELETE", f"/posts/{topic['posts']['items'][0]['id']}", forum.moderator)
    await forum.tell(offer_published("training", 2, summary="Neuer Text"))
    page = await forum.get(PATH)
    assert page["posts"]["items"][0]["html"] == ""
    assert "Neuer Text" not in (await forum.kit.recorded("forum", TopicChanged))[-1].text


async def test_hostile_words_of_an_offer_stay_words(forum: Forum) -> None:
    await forum.tell(
        offer_published(
            "training",
            title="<script>alert(1)</script>  " + "x" * 400,
            summary="[Klick](javascript:alert(1)) <img src=x onerror=alert(1)>\n# Kein Titel",
            provider_name="**fett**",
        )
    )
    topic = await forum.get(PATH)
    assert len(topic["title"]) == 160
    html = topic["posts"]["items"][0]["html"]
    assert "<img" not in html
    assert "<h3>" not in html
    assert 'href="javascript' not in html
    assert "[Klick](javascript:alert(1))" in html
    assert "**fett**" in html


async def test_opening_a_topic_takes_few_statements(forum: Forum) -> None:
    """Take the offer's version, lock the space, insert topic and post, note the topic, tell of it."""
    with counted_queries("forum") as statements:
        await forum.tell(offer_published("training"))
    assert len(statements) == 6
    assert (await forum.get(PATH))["posts"]["total"] == 1
