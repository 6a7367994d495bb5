"""Articles from draft to publication and back: who may what, what is missing, what is told, and races of editors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.contracts.newsletter import ArticlePublished, ArticleWithdrawn, NewsletterNoticeWanted
from services.newsletter.articles.domain import KINDS
from services.newsletter.articles.queries import for_issue
from tests.kit import counted_queries, identity, together
from tests.services.newsletter.article_desk import (
    COMPLETE,
    add_picture,
    article,
    change,
    delete,
    image,
    published,
    step,
    write,
)
from tests.services.newsletter.desk import ANNA, BERTA, COORDINATOR, VISITOR, Desk, service


def fields(answer: Any) -> set[str]:
    assert answer.status == 422, answer.content
    return {item["field"] for item in answer.json()["fields"]}


async def test_every_kind_is_written_published_read_and_told_as_a_whole(desk: Desk) -> None:
    for kind in KINDS:
        row = await published(desk, kind)
        shown = (await desk.get(f"/articles/{row['slug']}", identity=VISITOR)).json()
        assert (shown["kind"], shown["state"], shown["version"]) == (kind, "published", 2)
        assert {name: shown[name] for name in COMPLETE[kind]} == COMPLETE[kind]
        assert shown["published_on"] == datetime.now(UTC).date().isoformat()
        assert not shown["can"]["edit"]
        assert shown["history"] == {}
    told = await desk.kit.recorded("newsletter", ArticlePublished)
    assert [fact.kind for fact in told] == list(KINDS)
    story, figure, law = told[0], told[4], told[5]
    assert (story.text, story.text_en, story.version) == ("Sie blieb .", "She stayed .", 2)
    assert figure.text == "Erklärung\n2.000 Betriebe\nHandwerkskammer"
    assert figure.text_en == "Explanation\n2,000 companies"
    assert "§ 18a AufenthG" in law.text


async def test_a_draft_may_be_incomplete_and_publication_says_all_that_is_missing(desk: Desk) -> None:
    wanted = {
        "success-story": {"summary.de", "text.de"},
        "handout": {"summary.de", "link"},
        "literature": {"summary.de", "written_by", "year"},
        "figure": {"summary.de", "number.de", "unit.de", "source", "text.de"},
        "legislation": {"summary.de", "citation", "in_force_from"},
    }
    for kind, missing in wanted.items():
        body = {"kind": kind, "title": {"de": f"Noch leer {kind}"}}
        row = (await desk.post("/articles", body, identity=ANNA)).json()
        assert fields(await step(desk, row, "publish")) == missing
    assert await desk.kit.recorded("newsletter", ArticlePublished) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": {"de": " "}}, "title.de"),
        ({"title": {"de": "eins\nzwei"}}, "title.de"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"source_url": "https://a b"}, "source_url"),
        ({"published_on": "2026-02-31"}, "published_on"),
        ({"in_force_from": "morgen"}, "in_force_from"),
        ({"stand": "1726-01-01"}, "stand"),
        ({"year": "0000"}, "year"),
        ({"slug": "Mit Leerzeichen"}, "slug"),
        ({"slug": "thema-handwerk"}, "slug"),
        ({"slug": "neu"}, "slug"),
        ({"topics": ["gibt-es-nicht"]}, "topics"),
        ({"regions": ["atlantis"]}, "regions"),
        ({"pictures": ["0" * 32]}, "pictures"),
        ({"pictures": [f"{number:032x}" for number in range(7)]}, "pictures"),
        ({"people": [{"name": "", "role": {"de": "Meisterin"}}]}, "people"),
        ({"authors": ["A\u2028B"]}, "authors"),
        ({"kind": "topic-page", "topics": []}, "topics"),
    ],
)
async def test_what_breaks_a_rule_is_said_at_its_field(one_desk: Desk, wrong: dict[str, Any], field: str) -> None:
    assert field in fields(await one_desk.post("/articles", article() | wrong, identity=ANNA))


async def test_a_slug_is_made_of_the_title_stays_unique_and_is_fixed_by_publication(desk: Desk) -> None:
    first, second = await write(desk), await write(desk)
    assert first["slug"] == "titel-success-story"
    assert second["slug"].startswith("titel-success-story-")
    assert fields(await desk.post("/articles", article(slug=first["slug"]), identity=ANNA)) == {"slug"}
    assert fields(await change(desk, second, {"slug": first["slug"]})) == {"slug"}
    moved = (await change(desk, second, {"slug": "neuer"})).json()
    assert moved["slug"] == "neuer"
    titled = await desk.post("/articles", article(title={"de": "Neu", "en": "New"}), identity=ANNA)
    assert titled.json()["slug"] == "artikel-neu", "the desk's own page has that name"
    public = (await step(desk, moved, "publish")).json()
    assert fields(await change(desk, public, {"slug": "anders"})) == {"slug"}
    odd = await write(desk, title={"de": "Thema: Pflege"})
    assert odd["slug"] == "artikel-thema-pflege"


async def test_a_topic_has_one_page_also_when_two_editors_begin_it_together(desk: Desk) -> None:
    async def begin() -> Any:
        return await desk.post("/articles", article("topic-page"), identity=ANNA)

    answers = await together(begin, begin)
    assert sorted(answer.status for answer in answers) == [201, 422]
    await step(desk, next(answer.json() for answer in answers if answer.status == 201), "publish")
    await published(desk, topics=["anerkennung", "handwerk"])
    assert (await desk.get("/article-topics")).json()["items"] == [
        {
            "topic": "anerkennung",
            "articles": 1,
            "page": {"de": "Titel topic-page", "en": "Title topic-page"},
        },
        {"topic": "handwerk", "articles": 1, "page": None},
    ]


@pytest.mark.parametrize(("who", "status"), [(VISITOR, 401), (identity("m", "member"), 403), (COORDINATOR, 403)])
async def test_only_editors_write_and_nobody_else_knows_of_drafts(desk: Desk, who: Any, status: int) -> None:
    row = await write(desk)
    assert (await desk.post("/articles", article(), identity=who)).status == status
    assert (await change(desk, row, {"source": "x"}, who)).status == status
    for name in ("submit", "publish", "withdraw"):
        assert (await step(desk, row, name, who)).status == status
    assert (await delete(desk, f"/articles/{row['slug']}", who)).status == status
    assert (await desk.get(f"/articles/{row['slug']}", identity=who)).status == 404
    assert (await desk.get("/articles", identity=who, query={"state": "draft"})).json()["items"] == []
    for name in ("gibt-es-nicht", "x" * 300, str(UUID(int=1))):
        assert (await desk.get(f"/articles/{name}", identity=who)).status == 404
        assert (await desk.post(f"/articles/{name}/publish", identity=ANNA)).status == 404


async def test_a_second_look_is_possible_and_told_once_to_the_other_editors(desk: Desk) -> None:
    row = await write(desk)
    waiting = (await step(desk, row, "submit")).json()
    assert (waiting["state"], waiting["can"]["publish"]) == ("review", True)
    assert (await step(desk, waiting, "submit")).status == 409
    [notice] = await desk.kit.recorded("newsletter", NewsletterNoticeWanted)
    assert (notice.kind, notice.role, notice.but) == ("article-waiting", "editor", ["anna"])
    assert (notice.path, notice.words["title"]) == (f"/redaktion/artikel/{row['slug']}", "Titel success-story")
    corrected = (await change(desk, waiting, {"summary": {"de": "Kürzer"}}, BERTA)).json()
    assert corrected["state"] == "review"
    public = (await step(desk, corrected, "publish", BERTA)).json()
    assert {name: act["name"] for name, act in public["history"].items()} == {
        "created": "Anna",
        "submitted": "Anna",
        "edited": "Berta",
        "published": "Berta",
    }


async def test_a_withdrawn_article_is_gone_for_everybody_and_may_come_back(desk: Desk) -> None:
    row = await published(desk)
    gone = (await step(desk, row, "withdraw")).json()
    assert (await desk.get(f"/articles/{row['slug']}")).status == 404
    assert (await desk.get("/articles")).json()["total"] == 0
    assert (await step(desk, gone, "withdraw")).status == 409
    assert (await delete(desk, f"/articles/{row['slug']}")).status == 409
    again = (await step(desk, gone, "publish")).json()
    assert (again["state"], again["published_on"]) == ("published", row["published_on"])
    told = await desk.kit.recorded("newsletter")
    assert [(type(fact), fact.version) for fact in told] == [
        (ArticlePublished, 2),
        (ArticleWithdrawn, 3),
        (ArticlePublished, 4),
    ]


async def test_a_public_article_changes_at_once_but_stays_complete(desk: Desk) -> None:
    row = await published(desk, "figure")
    assert fields(await change(desk, row, {"number": {"de": ""}})) == {"number.de"}
    changed = (await change(desk, row, {"number": {"de": "2.100"}})).json()
    assert (await desk.get(f"/articles/{row['slug']}")).json()["number"]["de"] == "2.100"
    last = (await desk.kit.recorded("newsletter", ArticlePublished))[-1]
    assert last.version == changed["version"] == 3
    assert last.text.startswith("Erklärung\n2.100")


async def test_of_two_editors_one_is_told_that_the_other_was_faster(desk: Desk) -> None:
    row = await write(desk)

    async def as_anna() -> Any:
        return await change(desk, row, {"title": {"de": "Von Anna"}}, ANNA)

    async def as_berta() -> Any:
        return await change(desk, row, {"title": {"de": "Von Berta"}}, BERTA)

    async def public() -> Any:
        return await step(desk, row, "publish")

    answers = await together(as_anna, as_berta, public)
    assert sorted(answer.status for answer in answers) == [200, 412, 412]
    kept = next(answer.json() for answer in answers if answer.status == 200)
    stored = (await desk.get(f"/articles/{row['id']}", identity=ANNA)).json()
    assert (stored["version"], stored["title"], stored["state"]) == (2, kept["title"], kept["state"])
    without = await desk.kit.request("newsletter", "PATCH", f"/articles/{row['id']}", body={}, identity=ANNA)
    assert without.status == 428


async def test_only_drafts_are_deleted_and_their_pictures_are_free_again(desk: Desk) -> None:
    picture = await add_picture(desk)
    row = await write(desk, pictures=[picture["hash"]])
    assert (await delete(desk, f"/pictures/{picture['hash']}")).status == 409
    assert (await delete(desk, f"/articles/{row['slug']}")).status == 204
    assert (await desk.get(f"/articles/{row['slug']}", identity=ANNA)).status == 404
    assert (await delete(desk, f"/pictures/{picture['hash']}")).status == 204


async def test_lists_are_narrowed_by_kind_and_topic_and_paged_without_gaps(desk: Desk) -> None:
    for number, day in enumerate(("2026-03-01", "2026", "2026-03", "2026-03-01")):
        await published(desk, published_on=day, title={"de": f"Geschichte {number}"})
    await published(desk, "project", topics=["anerkennung"], pictures=[(await add_picture(desk))["hash"]])
    await write(desk, "handout")
    seen, cursor = [], ""
    while cursor is not None:
        page = (await desk.get("/articles", query={"kind": "success-story", "limit": 1, "cursor": cursor})).json()
        assert page["total"] == 4
        seen += [(item["published_on"], item["slug"]) for item in page["items"]]
        cursor = page["next"]
    assert [day for day, _ in seen] == ["2026-03-01", "2026-03-01", "2026-03", "2026"]
    assert len(set(seen)) == 4
    about = (await desk.get("/articles", query={"topic": "anerkennung"})).json()
    assert [item["kind"] for item in about["items"]] == ["project"]
    drafts = (await desk.get("/articles", query={"state": "draft"}, identity=ANNA)).json()
    assert [item["kind"] for item in drafts["items"]] == ["handout"]
    assert (await desk.get("/articles", query={"cursor": "x"})).status == 422
    with counted_queries("newsletter") as statements:
        await desk.get("/articles")
    assert len(statements) == 3  # how many, which, and their pictures


async def test_an_issue_collects_what_was_published_since_the_last_one(desk: Desk) -> None:
    picture = await add_picture(desk, image(80, 60))
    first = await published(desk, "figure", pictures=[picture["hash"]], regions=["landkreis-harz"])
    law = await published(desk, "legislation", title={"de": "Nur deutsch"})
    await write(desk, "project")
    taken_back = await published(desk)
    await step(desk, taken_back, "withdraw")
    items = await for_issue(KINDS, None)
    assert [str(item.id) for item in items] == [first["id"], law["id"]]
    assert items[0].detail.en == "2,000 companies"
    assert items[0].regions == ["landkreis-harz"]
    assert items[0].picture is not None
    assert items[0].picture.path == f"/bilder/{picture['hash']}.jpg"
    assert (items[0].picture.width, items[0].picture.height) == (80, 60)
    assert items[1].title.get("en") == "Nur deutsch"
    assert items[1].detail.en == "In force: 1 March 2020 · § 18a AufenthG"
    assert [item.kind for item in await for_issue(["legislation"], items[0].published_at)] == ["legislation"]
    assert await for_issue(KINDS, datetime.now(UTC) + timedelta(seconds=1)) == []


async def test_what_is_published_can_be_told_again_to_those_who_come_late(desk: Desk) -> None:
    await published(desk)
    await write(desk, "project")
    assert service.snapshot is not None
    assert await service.snapshot() == 1
    first, again = await desk.kit.recorded("newsletter", ArticlePublished)
    assert first == again


async def test_spaces_empty_lines_and_repetitions_are_not_kept(one_desk: Desk) -> None:
    people = [{"name": " Ada ", "role": {"de": " Meisterin "}}, {"name": " "}]
    row = await write(one_desk, authors=[" Anna ", "", "Anna"], topics=["handwerk", "handwerk"], people=people)
    assert row["authors"] == ["Anna"]
    assert row["topics"] == ["handwerk"]
    assert row["people"] == [{"name": "Ada", "role": {"de": "Meisterin", "en": ""}}]
