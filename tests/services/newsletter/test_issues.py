"""Composing: sections, choices, conflicts between editors, and approval by a second person."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.kit import counted_queries, identity, together
from tests.services.newsletter.desk import ANNA, BERTA, CLARA, COORDINATOR, VISITOR, Desk, both, offer

KINDS = [
    "editorial",
    "success-story",
    "project-presentation",
    "portal-articles",
    "figure-of-the-quarter",
    "legislation",
    "events-and-courses",
    "offers",
    "about",
    "imprint",
]


def section(issue: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(section for section in issue["sections"] if section["kind"] == kind)


def open_steps(issue: dict[str, Any]) -> set[str]:
    return {step for step, is_open in issue["can"].items() if is_open}


async def approve(desk: Desk, who: Any, slug: str = "2026-q4", **options: Any) -> Any:
    return await desk.post(f"/issues/{slug}/approve", identity=who, **options)


async def test_a_draft_has_all_sections_in_order_with_names_in_both_languages(desk: Desk) -> None:
    answer = await desk.post("/issues", {"quarter": "2026-q4"}, identity=ANNA)
    assert answer.status == 201
    assert answer.headers["location"] == "/issues/2026-q4"
    assert answer.headers["etag"] == '"1"'
    issue = answer.json()
    assert (issue["quarter"], issue["state"]) == ("2026-Q4", "draft")
    assert [part["kind"] for part in issue["sections"]] == KINDS
    assert all(part["label"]["de"] and part["label"]["en"] for part in issue["sections"])
    assert [part["kind"] for part in issue["sections"] if not part["editable"]] == ["imprint"]
    assert issue["created_by"]["name"] == "Anna"


@pytest.mark.parametrize("quarter", ["", "2026", "2026-Q5", "2026-Q0", "26-Q1", "Q4 2026", "2026-Q4\n1"])
async def test_a_quarter_looks_like_one(one_desk: Desk, quarter: str) -> None:
    answer = await one_desk.post("/issues", {"quarter": quarter}, identity=ANNA)
    assert answer.status == 422
    assert answer.json()["fields"][0]["field"] == "quarter"


async def test_there_is_one_issue_for_each_quarter_also_when_two_editors_begin_it_together(desk: Desk) -> None:
    async def begin() -> Any:
        return await desk.post("/issues", {"quarter": "2026-Q4"}, identity=ANNA)

    answers = await together(begin, begin, begin)
    assert sorted(answer.status for answer in answers) == [201, 409, 409]
    assert (await desk.get("/issues", identity=ANNA)).json()["total"] == 1


@pytest.mark.parametrize(("who", "status"), [(VISITOR, 401), (identity("m", "member"), 403), (COORDINATOR, 403)])
async def test_only_editors_compose(desk: Desk, who: Any, status: int) -> None:
    issue = await desk.draft()
    assert (await desk.post("/issues", {"quarter": "2027-Q1"}, identity=who)).status == status
    assert (await desk.change(issue, {"focus": {"de": "x"}}, who)).status == status
    for step in ("submit", "approve", "send"):
        assert (await desk.post(f"/issues/2026-q4/{step}", identity=who)).status == status
    for part in ("deliveries", "preview"):
        assert (await desk.get(f"/issues/2026-q4/{part}", identity=who)).status == status
    assert (await desk.get("/issues/2026-q4", identity=who)).status == 404
    assert (await desk.get("/archive/2026-q4", identity=who)).status == 404
    assert (await desk.get("/issues", identity=who)).json()["items"] == []


async def test_texts_items_and_choices_are_stored_and_shown(desk: Desk) -> None:
    for slug in ("a", "b", "c"):
        await desk.tell(offer(slug))
    issue = await desk.draft()
    ids = {item["slug"]: item["id"] for item in section(issue, "offers")["collected"]}
    story = {
        "title": {"de": "Angekommen", "en": "Arrived"},
        "text": {"de": "Eine **Geschichte**", "en": "A **story**"},
        "link": "https://example.org/geschichte",
    }
    change = {
        "title": {"de": "Pflege", "en": "Care"},
        "focus": {"de": "Pflegeberufe", "en": "Care work"},
        "sections": [
            {"kind": "editorial", "text": {"de": "Guten Tag", "en": "Hello"}},
            {"kind": "success-story", "items": [story]},
            {"kind": "offers", "order": [ids["c"], ids["b"]], "pinned": [ids["b"]], "dropped": [ids["a"]]},
        ],
    }
    answer = await desk.change(issue, change)
    assert answer.status == 200, answer.content
    assert answer.headers["etag"] == '"2"'
    changed = answer.json()
    assert changed["title"] == {"de": "Pflege", "en": "Care"}
    assert section(changed, "success-story")["items"] == [story]
    assert [(item["slug"], item["pinned"], item["dropped"]) for item in section(changed, "offers")["collected"]] == [
        ("b", True, False),
        ("c", False, False),
        ("a", False, True),
    ]
    partly = (await desk.change(changed, {"sections": [{"kind": "editorial", "text": {"de": "Hallo"}}]})).json()
    assert section(partly, "success-story")["items"] == [story]
    assert section(partly, "editorial")["text"] == {"de": "Hallo", "en": ""}
    assert partly["hints"] == ["Begrüßung: Eine Fassung fehlt."]
    german = await desk.draft("2027-Q1", title={"de": "Nur deutsch"})
    assert "Der Titel fehlt in einer Sprache." in german["hints"]


async def test_nobody_overwrites_what_another_wrote(desk: Desk) -> None:
    issue = await desk.draft()
    assert (await desk.change(issue, {"focus": {"de": "eins"}}, ANNA)).status == 200
    stale = await desk.change(issue, {"focus": {"de": "zwei"}}, BERTA)
    assert (stale.status, stale.json()["code"]) == (412, "stale")
    without = await desk.kit.request("newsletter", "PATCH", "/issues/2026-q4", body={}, identity=BERTA)
    assert without.status == 428
    assert (await desk.get("/issues/2026-q4", identity=ANNA)).json()["focus"]["de"] == "eins"


async def test_of_two_changes_at_the_same_moment_one_wins_and_the_other_is_told(desk: Desk) -> None:
    issue = await desk.draft()

    async def change() -> Any:
        return await desk.change(issue, {"focus": {"de": "x"}})

    answers = await together(change, change, change)
    assert sorted(answer.status for answer in answers) == [200, 412, 412]
    assert (await desk.get("/issues/2026-q4", identity=ANNA)).json()["version"] == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": {"de": " "}}, "title.de"),
        ({"title": {"de": "x" * 201}}, "title.de"),
        ({"title": "x"}, "title"),
        ({"title": {"de": "a =?utf-8?q?a=0d=0aBcc:_eve=40example.org?="}}, "title.de"),
        ({"title": {"de": "Ausgabe \u202egnureizifitreZ"}}, "title.de"),
        ({"state": "approved"}, "state"),
        ({"sections": [{"kind": "imprint", "text": {"de": "x"}}]}, "sections[0].kind"),
        ({"sections": [{"kind": "editorial"}, {"kind": "none"}]}, "sections[1].kind"),
        ({"sections": [{"kind": "legislation", "items": [{"text": {"de": "x"}}]}]}, "sections[0].items[0].title"),
        ({"sections": [{"kind": "offers", "items": [{"title": {"de": "x"}, "link": "javascript:alert(1)"}]}]}, "link"),
        ({"sections": [{"kind": "offers", "items": [{"title": {"de": "x"}, "link": "https://a b"}]}]}, "link"),
        ({"sections": [{"kind": "offers", "items": [{"title": {"de": "x"}, "link": "https://"}]}]}, "link"),
        ({"sections": [{"kind": "offers", "items": [{"title": {"de": "x"}, "link": "http://[x"}]}]}, "link"),
        ({"sections": [{"kind": "editorial", "text": {"de": "x" * 20001}}]}, "sections[0].text.de"),
        ({"sections": [{"kind": "offers", "order": ["x"] * 1001}]}, "sections[0].order"),
    ],
)
async def test_what_cannot_be_taken_is_named_at_its_field_and_nothing_is_written(
    one_desk: Desk, change: Any, field: str
) -> None:
    issue = await one_desk.draft()
    answer = await one_desk.change(issue, change)
    assert answer.status == 422
    assert field in answer.json()["fields"][0]["field"]
    assert (await one_desk.get("/issues/2026-q4", identity=ANNA)).json() == issue


async def test_a_second_person_approves(desk: Desk) -> None:
    issue = await desk.draft()
    assert (await desk.change(issue, {"focus": both("x")}, BERTA)).status == 200
    for who in (ANNA, BERTA):  # who created it, and who edited it last
        refused = await approve(desk, who)
        assert refused.status == 403
        assert "zweite Person" in refused.json()["title"]
        shown = (await desk.get("/issues/2026-q4", identity=who)).json()
        assert open_steps(shown) == {"edit", "submit"}
    approved = await approve(desk, CLARA)
    assert (approved.status, approved.json()["state"]) == (200, "approved")
    assert approved.json()["approved_by"]["name"] == "Clara"
    assert open_steps(approved.json()) == {"edit", "schedule", "send", "cancel"}
    again = await approve(desk, CLARA)
    assert (again.status, again.json()["code"]) == (409, "conflict")


async def test_an_administrator_cannot_approve_the_own_issue_either(desk: Desk) -> None:
    admin = identity("admin", "admin")
    await desk.post("/issues", {"quarter": "2026-Q4"}, identity=admin)
    assert (await approve(desk, admin)).status == 403


async def test_any_change_withdraws_the_approval(desk: Desk) -> None:
    issue = await desk.draft()
    await desk.post("/issues/2026-q4/submit", identity=ANNA)
    approved = (await approve(desk, BERTA)).json()
    changed = await desk.change(approved, {"focus": {"de": "doch anders"}}, CLARA)
    assert (changed.json()["state"], changed.json()["approved_by"], changed.json()["submitted_by"]) == (
        "draft",
        None,
        None,
    )
    refused = await desk.post("/issues/2026-q4/send", identity=ANNA)
    assert (refused.status, refused.json()["code"]) == (409, "conflict")
    assert issue["state"] == "draft"


async def test_the_approval_is_of_what_was_read(desk: Desk) -> None:
    issue = await desk.draft()
    await desk.change(issue, {"focus": both("neuer")})
    stale = await approve(desk, BERTA, headers={"if-match": '"1"'})
    assert stale.status == 412
    assert (await approve(desk, BERTA, headers={"if-match": '"2"'})).status == 200


async def test_steps_out_of_order_are_refused(desk: Desk) -> None:
    await desk.draft()
    assert (await desk.post("/issues/2026-q4/send", identity=BERTA)).status == 409
    assert (await desk.post("/issues/2026-q4/submit", identity=ANNA)).status == 200
    assert (await desk.post("/issues/2026-q4/submit", identity=ANNA)).status == 409
    await approve(desk, BERTA)
    sent = await desk.post("/issues/2026-q4/send", identity=BERTA)
    assert sent.status == 202
    for step in ("submit", "approve", "send"):
        assert (await desk.post(f"/issues/2026-q4/{step}", identity=CLARA)).status == 409
    assert (await desk.change(sent.json(), {"focus": {"de": "zu spät"}})).status == 409


@pytest.mark.parametrize("name", ["none", "00000000-0000-0000-0000-000000000000", "x" * 300, "2026-q4'--", "%2e%2e"])
async def test_what_is_not_there_is_not_found(one_desk: Desk, name: str) -> None:
    for path in ("/issues/{}", "/issues/{}/preview", "/issues/{}/deliveries", "/archive/{}"):
        assert (await one_desk.get(path.format(name), identity=ANNA)).status == 404
    for step in ("submit", "approve", "send"):
        assert (await one_desk.post(f"/issues/{name}/{step}", identity=ANNA)).status == 404


async def test_an_issue_answers_to_id_slug_and_quarter(desk: Desk) -> None:
    issue = await desk.draft()
    for name in (issue["id"], "2026-q4", "2026-Q4"):
        assert (await desk.get(f"/issues/{name}", identity=ANNA)).json()["id"] == issue["id"]


async def test_lists_go_page_by_page_and_pages_cost_few_queries(desk: Desk) -> None:
    for number in range(1, 5):
        await desk.draft(f"2026-Q{number}")
    first = (await desk.get("/issues", identity=ANNA, query={"limit": 3})).json()
    assert [item["quarter"] for item in first["items"]] == ["2026-Q4", "2026-Q3", "2026-Q2"]
    assert first["total"] == 4
    with counted_queries("newsletter") as statements:
        rest = await desk.get("/issues", identity=ANNA, query={"limit": 3, "cursor": first["next"]})
    assert [item["quarter"] for item in rest.json()["items"]] == ["2026-Q1"]
    assert rest.json()["next"] is None
    assert len(statements) <= 2
    for slug in ("a", "b", "c"):
        await desk.tell(offer(slug))
    with counted_queries("newsletter") as statements:
        await desk.get("/issues/2026-q4", identity=ANNA)
    assert len(statements) <= 6


@pytest.mark.parametrize("query", [{"cursor": "ä"}, {"limit": 0}, {"limit": 101}, {"limit": "x"}, {"unknown": 1}])
async def test_wrong_pages_are_refused(one_desk: Desk, query: Any) -> None:
    assert (await one_desk.get("/issues", identity=ANNA, query=query)).status == 422


async def test_a_preview_shows_what_such_a_subscriber_gets(desk: Desk) -> None:
    await desk.tell(offer("magdeburg", title="In Magdeburg"))
    await desk.tell(offer("leipzig", title="In Leipzig", districts=["stadt-leipzig"], topics=["handwerk"]))
    await desk.draft()
    path = "/issues/2026-q4/preview"
    harz = (await desk.get(path, query={"districts": ["stadt-magdeburg"]}, identity=BERTA)).json()
    assert "In Magdeburg" in harz["text"]
    assert "In Leipzig" not in harz["text"]
    assert harz["empty"] is False
    assert harz["too_large"] is False
    none = (await desk.get(path, query={"districts": ["landkreis-harz"], "language": "en"}, identity=BERTA)).json()
    assert none["empty"] is True
    assert none["subject"] == "Lotse newsletter Q4 2026: News from the networks"
    wrong = await desk.get(path, query={"districts": ["atlantis"]}, identity=BERTA)
    assert wrong.json()["fields"][0]["field"] == "districts"
    assert (await desk.get(path, query={"language": "fr"}, identity=BERTA)).status == 422


async def test_a_mail_that_programs_would_cut_off_holds_fewer_entries_and_a_way_to_the_rest(one_desk: Desk) -> None:
    for number in range(150):
        await one_desk.tell(offer(f"angebot-{number}", summary="Ein Angebot mit vielen Worten. " * 20))
    await one_desk.draft()
    preview = (await one_desk.get("/issues/2026-q4/preview", identity=BERTA)).json()
    assert preview["too_large"] is False
    rest = re.search(r"2026-q4#offers.*?\(\+(\d+)\)</a>", preview["html"], re.DOTALL)
    assert rest is not None
    assert preview["html"].count("<h3") + int(rest[1]) == 150
    assert f"(+{rest[1]})" in preview["text"]


async def test_a_preview_warns_where_the_editors_themselves_wrote_too_much(one_desk: Desk) -> None:
    issue = await one_desk.draft()
    long = both("Viele Worte von Hand. " * 900)
    kinds = ("editorial", "success-story", "project-presentation", "legislation", "figure-of-the-quarter")
    change = {"sections": [{"kind": kind, "text": long} for kind in kinds]}
    assert (await one_desk.change(issue, change)).status == 200
    preview = (await one_desk.get("/issues/2026-q4/preview", identity=BERTA)).json()
    assert preview["too_large"] is True
    refused = await approve(one_desk, BERTA)
    assert refused.status == 409
    assert any("kB" in field["message"] for field in refused.json()["fields"])
