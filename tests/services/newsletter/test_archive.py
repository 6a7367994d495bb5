"""The web archive and what a new installation begins with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.contracts.newsletter import ArticlePublished, IssuePublished
from services.newsletter.importing import import_issues
from services.newsletter.issues.models import Issue
from services.newsletter.seed import CONTENT, seed
from services.newsletter.subscribers.models import Consent, Subscriber
from tests.services.newsletter.desk import ANNA, VISITOR, Desk, offer, service

FIRST = json.loads((CONTENT / "newsletter_issue_1.json").read_text())


async def test_the_first_issue_stands_in_the_archive_with_its_date_and_source(desk: Desk) -> None:
    await seed(desk.kit.settings)
    listed = (await desk.get("/archive")).json()
    assert [(item["slug"], item["published_at"]) for item in listed["items"]] == [("2018-01", "2018-01")]
    issue = (await desk.get("/archive/2018-01")).json()
    assert (issue["source"], issue["stand"], issue["quarter"]) == ("zemigra-newsletter-1", "2018-01", "2018-Q1")
    assert [section["title"] for section in issue["sections"]] == [section["title"] for section in FIRST["sections"]]
    labels = [item["title"] for section in issue["sections"] for item in section["items"]]
    assert labels == [link["label"] for section in FIRST["sections"] for link in section["links"]]
    english = (await desk.get("/archive/2018-01", query={"language": "en"})).json()
    assert english["title"] == "ZEMIGRA newsletter, first issue"
    assert {section["language"] for section in english["sections"]} == {"en"}
    [published] = await desk.kit.recorded("newsletter", IssuePublished)
    assert (published.slug, published.published_at) == ("2018-01", "2018-01")
    assert "Handwerksbetriebe" in published.text


async def test_demo_readers_have_their_proof_and_nothing_is_added_twice(desk: Desk) -> None:
    await seed(desk.kit.settings)
    readers = await Subscriber.all()
    assert len(readers) == 12
    assert {row.status for row in readers} == {"active"}
    assert all(row.address.endswith("@example.org") for row in readers)
    assert any({"landkreis-harz", "stadt-magdeburg"} <= set(row.districts) for row in readers)
    for row in readers:
        acts = await Consent.filter(subscriber_id=row.id).order_by("at").values_list("act", flat=True)
        assert [str(act) for act in acts] == ["asked", "confirmed"]
    await seed(desk.kit.settings)
    assert await Subscriber.all().count() == 12
    assert len(await desk.kit.recorded("newsletter", IssuePublished)) == 1
    assert len(await desk.kit.recorded("newsletter", ArticlePublished)) == 8


async def test_a_demo_reader_who_left_does_not_come_back_with_the_next_start(desk: Desk) -> None:
    from services.newsletter.subscribers.domain import Purpose
    from services.newsletter.subscribers.queries import token_for

    await seed(desk.kit.settings)
    reader = await Subscriber.all().first()
    assert reader is not None
    await desk.post("/subscriptions/unsubscribe", {"token": token_for(Purpose.UNSUBSCRIBE, reader.id)})
    await seed(desk.kit.settings)
    assert await Subscriber.all().count() == 11


async def test_outside_the_demo_nobody_is_subscribed(desk: Desk) -> None:
    from dataclasses import replace

    await seed(replace(desk.kit.settings, demo=False))
    assert await Subscriber.all().count() == 0


def bundle(folder: Path, **changes: Any) -> Path:
    (folder / "newsletter_issue_1.json").write_text(json.dumps({**FIRST, **changes}))
    return folder


async def test_a_dry_run_writes_nothing_and_says_what_it_would_do(desk: Desk, tmp_path: Path) -> None:
    report = await import_issues(bundle(tmp_path), dry_run=True)
    assert (report.created, report.updated, report.unchanged, report.errors) == (1, 0, 0, [])
    assert await Issue.all().count() == 0


async def test_an_import_is_idempotent_and_takes_changes_over(desk: Desk, tmp_path: Path) -> None:
    assert (await import_issues(bundle(tmp_path), dry_run=False)).created == 1
    assert (await import_issues(bundle(tmp_path), dry_run=False)).unchanged == 1
    assert (await import_issues(bundle(tmp_path, title="Anderer Titel"), dry_run=False)).updated == 1
    assert (await desk.get("/archive/2018-01")).json()["title"] == "Anderer Titel"
    versions = [fact.version for fact in await desk.kit.recorded("newsletter", IssuePublished)]
    assert versions == [1, 2]


@pytest.mark.parametrize(
    "changes",
    [{"title": 5}, {"stand": "Januar"}, {"sections": [{**FIRST["sections"][0], "kind": "unknown"}]}, {"sections": 1}],
)
async def test_every_error_is_reported_and_nothing_is_half_imported(
    one_desk: Desk, tmp_path: Path, changes: Any
) -> None:
    bundle(tmp_path)
    broken = json.dumps({**FIRST, "id": "zwei", **changes})
    (tmp_path / "newsletter_issue_2.json").write_text(broken)
    (tmp_path / "newsletter_issue_3.json").write_text("{")
    report = await import_issues(tmp_path, dry_run=False)
    assert {error.file for error in report.errors} == {"newsletter_issue_2.json", "newsletter_issue_3.json"}
    assert await Issue.all().count() == 0
    assert (await one_desk.get("/archive")).json()["total"] == 0


async def test_visitors_read_sent_issues_without_names_accounts_or_drafts(desk: Desk) -> None:
    await desk.subscribe("anna@example.org")
    await desk.tell(offer("a"))
    await desk.tell(offer("b"))
    issue = await desk.draft()
    dropped = next(part for part in issue["sections"] if part["kind"] == "offers")["collected"][1]["id"]
    issue = (await desk.change(issue, {"sections": [{"kind": "offers", "dropped": [dropped]}]})).json()
    await desk.dispatch(issue)
    await desk.draft("2027-Q1")
    assert [item["slug"] for item in (await desk.get("/issues")).json()["items"]] == ["2026-q4"]
    shown = await desk.get("/issues/2026-q4", identity=VISITOR)
    assert shown.json()["created_by"] is None
    assert shown.json()["counts"]["audience"] == 0
    assert b"Anna" not in shown.content
    assert b"Angebot b" not in shown.content
    archived = await desk.get("/archive/2026-q4")
    assert b"Angebot a" in archived.content
    assert b"Angebot b" not in archived.content
    assert b"abmelden" not in archived.content
    editor = (await desk.get("/issues/2026-q4", identity=ANNA)).json()
    assert editor["counts"]["sent"] == 1
    assert editor["sent_by"]["name"] == "Anna"


async def test_readings_on_the_web_are_counted_without_people_and_without_the_editors_own(desk: Desk) -> None:
    await desk.dispatch(await desk.draft())
    for who in (VISITOR, VISITOR, ANNA):
        assert (await desk.get("/archive/2026-q4", identity=who)).status == 200
    assert (await desk.get("/issues/2026-q4", identity=ANNA)).json()["visits"] == 2
    assert (await desk.get("/issues/2026-q4", identity=VISITOR)).json()["visits"] == 0


async def test_what_went_out_can_be_told_again_to_those_who_come_late(desk: Desk) -> None:
    await seed(desk.kit.settings)
    await desk.draft()
    assert service.snapshot is not None
    assert await service.snapshot() == 1 + 8
    first, again = await desk.kit.recorded("newsletter", IssuePublished)
    assert first == again


async def test_an_issue_is_read_as_the_readers_of_some_districts_got_it(desk: Desk) -> None:
    await desk.tell(offer("magdeburg"))
    await desk.tell(offer("leipzig", districts=["stadt-leipzig"], topics=["handwerk"]))
    await desk.tell(offer("bund", districts=[], topics=[]))
    await desk.dispatch(await desk.draft())

    async def slugs(*districts: str) -> tuple[set[str], int]:
        answer = await desk.get("/archive/2026-q4", query={"districts": list(districts)})
        assert answer.status == 200, answer.content
        issue = answer.json()
        items = [item for part in issue["sections"] for item in part["items"]]
        return {item["title"].removeprefix("Angebot ") for item in items}, issue["left_out"]

    assert await slugs() == ({"magdeburg", "leipzig", "bund"}, 0)
    assert await slugs("stadt-leipzig") == ({"leipzig", "bund"}, 1)
    assert await slugs("stadt-leipzig", "stadt-magdeburg") == ({"magdeburg", "leipzig", "bund"}, 0)
    assert await slugs("landkreis-harz") == ({"bund"}, 2)
    assert (await desk.get("/archive/2026-q4", query={"districts": ["atlantis"]})).status == 404
