"""Taking over a list of another newsletter: with its proof, after a dry run, and without those who do not want it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.runtime.__main__ import parser
from infra.runtime.operator import Operator
from services.newsletter.subscribers.models import Consent, ConsentText, ServiceMail, Subscriber, Suppression
from services.newsletter.subscribers.queries import hash_of
from tests.services.newsletter.desk import ANNA, Desk, service

HEADINGS = "email;sprache;landkreise;themen;eingewilligt_am;quelle;text"
TEXT = "Ja, ich möchte den Rundbrief."
GOOD = f"anna@example.org;de;Landkreis Harz|stadt-magdeburg;Handwerk;31.05.2024 10:15;Formular 2024;{TEXT}"
OTHER = f"bert@example.org;English;;;2023-01-02T03:04:05+01:00;Karte auf der Messe;{TEXT}"


async def take(desk: Desk, *rows: str, headings: str = HEADINGS, **options: Any) -> dict[str, Any]:
    body = {"csv": "\n".join((headings, *rows)), "name": "Rundbrief", "dry_run": False, **options}
    answer = await desk.post("/subscribers/lists", body, identity=ANNA)
    assert answer.status == 200, answer.content
    return dict(answer.json())


def states(report: dict[str, Any]) -> list[str]:
    return [f"{row['line']} {row['state']}" for row in report["rows"]]


async def test_a_list_is_taken_over_with_its_proof(desk: Desk) -> None:
    report = await take(desk, GOOD, OTHER)
    assert (report["taken"], report["new"], states(report)) == (True, 2, ["2 new", "3 new"])
    anna, bert = await Subscriber.all().order_by("address")
    assert (anna.status, anna.districts, anna.topics) == ("active", ["landkreis-harz", "stadt-magdeburg"], ["handwerk"])
    assert (bert.language, bert.districts, bert.topics) == ("en", [], [])
    assert bert.confirmed_at == datetime(2023, 1, 2, 2, 4, 5, tzinfo=UTC)
    found = await desk.post("/records/look-up", {"email": "anna@example.org"}, identity=ANNA)
    [line] = found.json()["proof"]
    assert (line["act"], line["way"], line["wording"]) == ("confirmed", "import", TEXT)
    assert (line["at"], line["note"]) == ("2024-05-31T08:15:00+00:00", "Formular 2024 [Rundbrief, anna]")
    assert await ServiceMail.all().count() == 0, "who agreed elsewhere is not asked again"
    assert await ConsentText.all().count() == 1, "a wording is kept once"


async def test_the_same_list_again_changes_nothing(desk: Desk) -> None:
    await take(desk, GOOD, OTHER)
    before = await Subscriber.all().order_by("id").values()
    report = await take(desk, GOOD, OTHER, GOOD)
    assert (report["taken"], states(report)) == (False, ["2 known", "3 known", "4 repeated"])
    assert await Subscriber.all().order_by("id").values() == before
    assert await Consent.all().count() == 2


async def test_a_dry_run_stores_nothing_and_says_the_same(one_desk: Desk) -> None:
    dry = await take(one_desk, GOOD, OTHER, dry_run=True)
    assert (dry["taken"], await Subscriber.all().count(), await ConsentText.all().count()) == (False, 0, 0)
    real = await take(one_desk, GOOD, OTHER)
    assert real["rows"] == dry["rows"]


async def test_who_left_bounced_or_complained_never_comes_back_by_a_list(one_desk: Desk) -> None:
    for number, reason in enumerate(("unsubscribed", "erased", "bounce", "complaint", "blocked")):
        at = datetime(2020, 1, 1, tzinfo=UTC)
        await Suppression.create(address_hash=hash_of(f"x{number}@example.org"), reason=reason, at=at)
    rows = [GOOD.replace("anna@", f"X{number}@") for number in range(5)]
    report = await take(one_desk, *rows, GOOD)
    assert (report["suppressed"], report["new"]) == (5, 1)
    assert [row.address for row in await Subscriber.all()] == ["anna@example.org"]
    assert await Suppression.all().count() == 5


async def test_wrong_rows_hold_everything_back_unless_they_may_be_skipped(one_desk: Desk) -> None:
    wrong = GOOD.replace("anna@example.org", "anna")
    held = await take(one_desk, GOOD, wrong)
    assert (held["taken"], held["new"], held["wrong"]) == (False, 1, 1)
    assert await Subscriber.all().count() == 0
    taken = await take(one_desk, GOOD, wrong, skip_wrong=True)
    assert (taken["taken"], await Subscriber.all().count()) == (True, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("anna@example.org", "a\u2028b@example.org", "E-Mail-Adresse"),
        ("anna@example.org", "anna@mailinator.com", "Wegwerf"),
        ("anna@example.org", '"anna@example.org\nBcc: x@example.org"', "E-Mail-Adresse"),
        (";de;", ";tlh;", "Sprache"),
        ("Landkreis Harz", "Atlantis", "Atlantis"),
        ("Handwerk", "Zauberei", "Zauberei"),
        ("31.05.2024 10:15", "", "Zeitpunkt"),
        ("31.05.2024 10:15", "gestern", "Zeitpunkt"),
        ("31.05.2024 10:15", "01.01.2199", "Zeitpunkt"),
        ("31.05.2024 10:15", "01.01.0001", "Zeitpunkt"),
        ("Formular 2024", "", "Wie und wo"),
        (TEXT, "", "Text der Einwilligung"),
        (TEXT, "x" * 5001, "Text der Einwilligung"),
    ],
)
async def test_a_row_without_proof_or_sense_is_said_with_its_line(
    one_desk: Desk, old: str, new: str, said: str
) -> None:
    report = await take(one_desk, OTHER, GOOD.replace(old, new))
    [wrong] = [row for row in report["rows"] if row["state"] == "wrong"]
    assert wrong["line"] in (3, 4)
    assert said in " ".join(wrong["problems"])
    assert await Subscriber.all().count() == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "E-Mail"),
        ("email;sprache\nanna@example.org;de", "Eingewilligt_am, Quelle, Text"),
        ('email;consented_at;source;text\n"anna@example.org', "CSV"),
        ("email\x01;x", "Eingewilligt_am"),
    ],
)
async def test_a_file_that_is_no_list_is_refused_as_a_whole(one_desk: Desk, content: str, said: str) -> None:
    answer = await one_desk.post("/subscribers/lists", {"csv": content, "name": "x"}, identity=ANNA)
    assert answer.status == 422
    assert answer.json()["fields"][0]["field"] == "csv"
    assert said in answer.json()["fields"][0]["message"]


@pytest.mark.parametrize("mark", [",", "\t"])
async def test_commas_tabs_and_the_mark_of_spreadsheets(one_desk: Desk, mark: str) -> None:
    cells = ["Anna@Bücher.example.org", "2024-05-31", "Formular", '"Ja, gern; ""sofort"""']
    headings = "\ufeff" + mark.join(("E-Mail", "Eingewilligt_am", "Weg", "Text"))
    report = await take(one_desk, mark.join(cells), "", headings=headings)
    assert states(report) == ["2 new"]
    assert [row.address for row in await Subscriber.all()] == ["Anna@xn--bcher-kva.example.org"]
    assert [row.text for row in await ConsentText.all()] == ['Ja, gern; "sofort"']


async def test_a_sign_up_that_waits_for_confirming_gives_way(one_desk: Desk) -> None:
    await one_desk.sign_up("anna@example.org", districts=["sachsen"])
    report = await take(one_desk, GOOD)
    assert states(report) == ["2 new"]
    assert [(row.status, row.districts) for row in await Subscriber.all()] == [
        ("active", ["landkreis-harz", "stadt-magdeburg"])
    ]


async def test_the_operators_command_tells_without_addresses(one_desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    wrong = GOOD.replace("de;", "tlh;", 1).replace("anna", "eva")
    path.write_text("\n".join((HEADINGS, GOOD, wrong)), encoding="utf-8-sig")

    async def told(*flags: str) -> tuple[int, list[str]]:
        options = vars(parser().parse_args(["import-list", str(path), *flags]))
        said: list[str] = []
        code = await Operator(one_desk.kit.settings, [service]).run(options.pop("command"), options, said.append)
        return code, said

    code, lines = await told()
    assert (code, await Subscriber.all().count()) == (1, 0)
    assert lines[0].startswith("line 3: There is no such language")
    code, lines = await told("--dry-run")
    assert (code, lines[-1]) == (0, "Nothing was stored: this was a dry run.")
    code, lines = await told("--skip-wrong")
    assert (code, await Subscriber.all().count()) == (0, 1)
    assert lines[-1] == "1 new, 0 known, 0 suppressed, 0 repeated, 1 wrong"
    assert "@" not in "".join(lines)
    path.write_bytes("email\nbücher@example.org".encode("latin-1"))
    code, lines = await told()
    assert (code, "UTF-8" in lines[0]) == (1, True)
    path.write_text("Guten Tag", encoding="utf-8")
    assert await told() == (1, ["The first line lacks columns: email, consented_at, source, text."])


async def test_without_a_service_that_keeps_readers_that_is_said(one_desk: Desk) -> None:
    said: list[str] = []
    assert await Operator(one_desk.kit.settings, []).run("import-list", {}, said.append) == 1
    assert said == ["No service here keeps subscribers."]
