"""Checks before an issue goes out: what keeps it back, what is only said, and links asked in the background."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.db import transaction
from services.newsletter.checks.commands import store
from services.newsletter.checks.content import check
from services.newsletter.checks.models import LinkState
from services.newsletter.checks.probe import Answer, State
from services.newsletter.issues.content import content_of
from services.newsletter.issues.models import Issue
from tests.services.newsletter.desk import ANNA, BERTA, COORDINATOR, VISITOR, Desk, both, offer

LINK = "https://www.bamf.de/DE/Themen/themen-node.html"


async def checks(desk: Desk, slug: str = "2026-q4") -> dict[str, Any]:
    answer = await desk.get(f"/issues/{slug}/checks", identity=ANNA)
    assert answer.status == 200, answer.content
    return dict(answer.json())


def errors(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["kind"], item["place"]) for item in found["findings"] if item["severity"] == "error"]


async def written(desk: Desk, **change: Any) -> dict[str, Any]:
    """A draft with these changes."""
    answer = await desk.change(await desk.draft(), change)
    assert answer.status == 200, answer.content
    return dict(answer.json())


async def linked(desk: Desk, url: str = LINK) -> dict[str, Any]:
    item = {"title": both("Anerkennung"), "link": url}
    return await written(desk, sections=[{"kind": "legislation", "items": [item]}])


async def answered(url: str, state: State, status: int = 0) -> None:
    async with transaction("newsletter") as tx:
        await store(tx, {url: Answer(state, status)}, datetime.now(UTC))


async def test_what_is_well_passes_and_says_what_to_look_at(desk: Desk) -> None:
    await desk.tell(offer("a"))
    await written(desk, focus=both("Pflege"))
    found = await checks(desk)
    assert found["passed"] is True
    assert errors(found) == []
    said = {(item["kind"], item["place"]) for item in found["findings"]}
    assert said == {("translation", "offers"), ("installation", "imprint"), ("installation", "List-Unsubscribe")}


async def test_what_is_missing_keeps_an_issue_back_and_is_listed(desk: Desk) -> None:
    part = {"kind": "editorial", "text": {"de": "Guten Tag, TODO: begrüßen"}}
    issue = await written(desk, focus={"en": "Care"}, sections=[part])
    wanted = [("translation", "focus"), ("translation", "editorial"), ("placeholder", "editorial")]
    assert sorted(errors(await checks(desk))) == sorted(wanted)
    refused = await desk.post("/issues/2026-q4/approve", identity=BERTA)
    assert (refused.status, refused.json()["code"]) == (409, "conflict")
    assert [field["field"] for field in refused.json()["fields"]].count("editorial") == 2
    assert (await desk.get("/issues/2026-q4", identity=ANNA)).json()["state"] == "draft"
    mended = {"focus": both("Pflege"), "sections": [{"kind": "editorial", "text": both("Guten Tag")}]}
    assert (await desk.change(issue, mended)).status == 200
    assert (await desk.post("/issues/2026-q4/approve", identity=BERTA)).status == 200


async def test_a_link_keeps_an_issue_back_until_it_is_known_to_lead_somewhere(desk: Desk) -> None:
    await linked(desk)
    waiting = await checks(desk)
    assert errors(waiting) == [("links", "legislation")]
    assert [(link["url"], link["state"]) for link in waiting["links"]] == [(LINK, "")]
    await answered(LINK, State.GONE, 404)
    gone = await checks(desk)
    assert errors(gone) == [("links", "legislation")]
    assert any("(404)" in item["text"] for item in gone["findings"])
    await answered(LINK, State.AWAY, 503)
    assert (await checks(desk))["passed"] is True, "a fault elsewhere may pass by itself"
    await answered(LINK, State.ALIVE, 200)
    assert (await checks(desk))["links"][0]["state"] == "alive"
    await LinkState.filter(url=LINK).update(checked_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert errors(await checks(desk)) == [("links", "legislation")], "what was known long ago says nothing"


async def test_the_job_asks_no_inner_address_and_asks_again_only_after_a_while(desk: Desk) -> None:
    await linked(desk, "http://127.0.0.1/verwaltung")
    await desk.job("check_links")
    found = await checks(desk)
    assert [(link["state"], link["status"]) for link in found["links"]] == [("refused", 0)]
    assert errors(found) == [("links", "legislation")]
    before = (await LinkState.get()).checked_at
    await desk.job("check_links")
    assert (await LinkState.get()).checked_at == before


async def test_many_links_are_asked_some_at_a_time(one_desk: Desk) -> None:
    text = both(" ".join(f"[Seite {number}](http://10.0.0.{number}/)" for number in range(1, 26)))
    await written(one_desk, sections=[{"kind": "editorial", "text": text}])
    counts = []
    for _ in range(2):
        await one_desk.job("check_links")
        counts.append(await LinkState.all().count())
    assert counts == [20, 25]


async def test_links_to_ourselves_and_for_examples_are_not_asked(desk: Desk) -> None:
    text = both("[Angebote](http://lotse.test/angebote) und [Beispiel](https://example.org/x)")
    await written(desk, sections=[{"kind": "editorial", "text": text}])
    found = await checks(desk)
    assert found["links"] == []
    assert ("placeholder", "editorial") in {(item["kind"], item["place"]) for item in found["findings"]}


async def test_an_installation_without_imprint_sends_nothing_outside_the_demo(desk: Desk) -> None:
    await desk.draft()
    says = await content_of(await Issue.get(slug="2026-q4"))
    real = replace(desk.kit.settings, demo=False)
    assert {item.kind for item in check(says, real) if item.severity == "error"} == {"installation"}
    assert check(says, replace(real, imprint=("Träger", "Straße 1, 39104 Magdeburg"))) == [
        item for item in check(says, real) if item.kind != "installation"
    ]


@pytest.mark.parametrize("who", [VISITOR, COORDINATOR])
async def test_only_those_who_work_on_issues_see_what_the_checks_found(one_desk: Desk, who: Any) -> None:
    await one_desk.draft()
    assert (await one_desk.get("/issues/2026-q4/checks", identity=who)).status in (401, 403)
