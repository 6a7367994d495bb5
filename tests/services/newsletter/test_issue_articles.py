"""Articles in an issue: each kind in its section, chosen like offers, once, with their pictures."""

from __future__ import annotations

from typing import Any

from tests.services.newsletter.article_desk import add_picture, change, delete, image, published, step
from tests.services.newsletter.desk import ANNA, BERTA, Desk

SECTIONS = {
    "success-story": "success-story",
    "project": "project-presentation",
    "handout": "portal-articles",
    "literature": "portal-articles",
    "topic-page": "portal-articles",
    "figure": "figure-of-the-quarter",
    "legislation": "legislation",
}


def collected(issue: dict[str, Any]) -> dict[str, list[str]]:
    """Kinds of what was collected, by section."""
    sections = {part["kind"]: [item["kind"] for item in part["collected"]] for part in issue["sections"]}
    return {kind: found for kind, found in sections.items() if found}


async def shown(desk: Desk, slug: str = "2026-q4") -> dict[str, Any]:
    return dict((await desk.get(f"/issues/{slug}", identity=BERTA)).json())


async def preview(desk: Desk, **wishes: Any) -> str:
    answer = await desk.get("/issues/2026-q4/preview", query=wishes, identity=BERTA)
    assert answer.status == 200, answer.content
    return str(answer.json()["html"])


async def test_each_kind_stands_in_its_section(desk: Desk) -> None:
    for kind in SECTIONS:
        await published(desk, kind)
    issue = await desk.draft()
    expected: dict[str, list[str]] = {}
    for kind, section in SECTIONS.items():
        expected.setdefault(section, []).append(kind)
    assert collected(issue) == expected
    figure = next(item for part in issue["sections"] for item in part["collected"] if item["kind"] == "figure")
    assert figure["path"].startswith("/artikel/")
    assert (figure["detail"], figure["detail_en"]) == ("2.000 Betriebe", "2,000 companies")


async def test_articles_are_ordered_pinned_and_dropped_and_go_to_whom_they_concern(desk: Desk) -> None:
    for place in ("stadt-magdeburg", "stadt-leipzig", "landkreis-harz"):
        await published(desk, "project", title={"de": f"In {place}", "en": f"In {place}"}, regions=[place])
    issue = await desk.draft()
    ids = {item["title"]: item["id"] for part in issue["sections"] for item in part["collected"]}
    change_of = {
        "kind": "project-presentation",
        "pinned": [ids["In stadt-leipzig"]],
        "dropped": [ids["In landkreis-harz"]],
    }
    assert (await desk.change(issue, {"sections": [change_of]})).status == 200
    mail = await preview(desk, districts=["stadt-magdeburg"])
    assert mail.index("In stadt-leipzig") < mail.index("In stadt-magdeburg"), "pinned ones come first, for everybody"
    assert "In landkreis-harz" not in mail
    assert "In stadt-magdeburg" not in await preview(desk, districts=["landkreis-harz"])


async def test_an_article_goes_along_once_and_as_it_stands_then(desk: Desk) -> None:
    await desk.subscribe("anna@example.org")
    first = await published(desk, "project", title={"de": "Erst so", "en": "First"})
    gone = await published(desk, "handout")
    await desk.draft()
    assert (await desk.post("/issues/2026-q4/submit", identity=ANNA)).status == 200
    late = await published(desk, "figure")
    assert (await change(desk, first, {"title": {"de": "Jetzt so", "en": "Now"}})).status == 200
    await step(desk, gone, "withdraw")
    assert collected(await shown(desk)) == {"project-presentation": ["project"]}
    report = await desk.dispatch(await shown(desk))
    assert report["counts"]["sent"] == 1
    text = (await desk.mail_to("anna@example.org")).parts[0].content
    assert "Jetzt so" in text
    following = await desk.draft("2027-Q1")
    items = [item["id"] for part in following["sections"] for item in part["collected"]]
    assert items == [late["id"]]


async def test_a_picture_of_an_issue_is_shown_with_words_and_cannot_be_deleted(desk: Desk) -> None:
    picture = await add_picture(desk, image(900, 1200))
    row = await published(desk, "success-story", pictures=[picture["hash"]])
    await desk.draft()
    mail = await preview(desk, language="en")
    assert f'src="http://lotse.test/bilder/{picture["hash"]}.jpg"' in mail
    assert 'width="300" height="400"' in mail
    assert f'alt="{picture["alt"]["en"]}"' in mail
    assert "Foto: Anna Beispiel" in mail
    assert (await desk.post("/issues/2026-q4/submit", identity=ANNA)).status == 200
    withdrawn = (await step(desk, row, "withdraw")).json()
    assert (await change(desk, withdrawn, {"pictures": []})).status == 200
    refused = await delete(desk, f"/pictures/{picture['hash']}")
    assert refused.status == 409
