"""The import of a bundle: checked whole, written whole, told whole; again without effect."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.contracts.contacts import (
    GlossaryTermPublished,
    NetworkPublished,
    OfferPublished,
    OrganisationPublished,
    RegionPublished,
    StateProfilePublished,
    VocabularyPublished,
)
from infra.db import transaction
from infra.errors import Text
from infra.ids import content_id
from infra.runtime.service import ImportReport
from services.contacts.demo.seed import fill
from services.contacts.directory.models import Organisation
from services.contacts.intake import reader
from services.contacts.intake.importer import import_bundle
from services.contacts.offers.models import Offer
from services.contacts.places.models import Region
from services.contacts.service import service
from services.contacts.snapshot import snapshot
from tests.services.contacts.world import ADMIN, CONTENT, EAST, NORTH, Contacts, bundle, write_bundle

ROWS = 12 + 5 + 1 + 6 + 2 + 2 + 1 + 1 + 2 + 1 + 2  # lists, then the rows of each file


def _counts(report: ImportReport) -> tuple[int, int, int]:
    assert report.errors == []
    return report.created, report.updated, report.unchanged


async def test_a_dry_run_counts_and_writes_nothing(empty: Contacts, tmp_path: Path) -> None:
    report = await import_bundle(write_bundle(tmp_path / "b", bundle()), True)

    assert _counts(report) == (ROWS, 0, 0)
    assert await Region.all().count() == 0
    assert await empty.kit.recorded("contacts") == []


async def test_a_second_import_changes_nothing_and_tells_nothing(empty: Contacts, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", bundle())

    assert _counts(await import_bundle(folder, False)) == (ROWS, 0, 0)
    told = await empty.kit.recorded("contacts")
    assert _counts(await import_bundle(folder, False)) == (0, 0, ROWS)
    assert await empty.kit.recorded("contacts") == told
    assert len(told) == ROWS - 1, "sources are not told"


async def test_what_is_told_carries_names_and_plain_words(contacts: Contacts) -> None:
    kit = contacts.kit
    networks = {event.slug: event for event in await kit.recorded("contacts", NetworkPublished)}
    assert (networks[NORTH].lead_name, networks[NORTH].member_names) == ("Kammer", ["Verein"])
    assert networks[EAST].member_names == ["Netz Nord"]
    (offer,) = await kit.recorded("contacts", OfferPublished)
    assert (offer.id, offer.version) == (str(content_id("offer", "altes-angebot")), 1)
    assert (offer.title, offer.summary, offer.status) == ("Altes Angebot", "Früher beraten.", "ended")
    assert (offer.valid_from, offer.valid_to, offer.published_at) == ("2014-01-01", "2020-02-29", "")
    assert (offer.network, offer.provider_name, offer.source) == ("", "Kammer", "quelle")
    assert (offer.region, offer.districts, offer.website) == ("nordland", ["nordland"], "https://www.example.org/alt")
    (profile,) = await kit.recorded("contacts", StateProfilePublished)
    assert profile.text == "Strategie\nStrukturen\nDie Kammer berät.\nMehr Beratung."
    terms = {event.short: event for event in await kit.recorded("contacts", GlossaryTermPublished)}
    assert (terms["K"].name, terms["K"].refers_to, terms["X"].name) == ("Kammer", "kammer", "X")
    lists = {event.slug: event for event in await kit.recorded("contacts", VocabularyPublished)}
    assert lists["search_synonyms"].synonym_groups == [["Sprachkurs", "Deutschkurs"]]
    assert [term.slug for term in lists["stages"].terms] == ["orientation", "language", "placement"]
    assert len(await kit.recorded("contacts", RegionPublished)) == 6


async def test_a_changed_row_is_updated_and_told_in_its_next_version(contacts: Contacts, tmp_path: Path) -> None:
    files = bundle()
    files["organisations.jsonl"][0]["name"] = "Große Kammer"
    files["offers.jsonl"][0]["region"] = "ostdorf"
    files["offers.jsonl"].append({"id": "neues", "name": "Neues", "region": "aadorf", "status": "active"})

    report = await import_bundle(write_bundle(tmp_path / "next", files), False)

    assert _counts(report) == (1, 2, ROWS - 2)
    last = (await contacts.kit.recorded("contacts", OrganisationPublished))[-1]
    assert (last.slug, last.name, last.version) == ("kammer", "Große Kammer", 2)
    assert await contacts.listed(district="ostland") == ["altes-angebot"]
    assert set(await contacts.listed(district="aadorf")) == {"neues"}
    assert (await contacts.get("/organisations/kammer")).json()["version"] == 2


async def test_offers_follow_a_district_that_moves_to_another_land(contacts: Contacts, tmp_path: Path) -> None:
    await contacts.offer(title="In Aadorf", districts=["aadorf"])
    files = bundle()
    next(row for row in files["regions.jsonl"] if row["id"] == "aadorf")["parent"] = "ostland"

    assert _counts(await import_bundle(write_bundle(tmp_path / "next", files), False)) == (0, 1, ROWS - 1)

    assert await contacts.listed(district="ostland") == ["in-aadorf"]
    assert await contacts.listed(district="nordland") == ["altes-angebot"]


async def test_what_people_edited_is_left_alone(contacts: Contacts, tmp_path: Path) -> None:
    edit = {"network": NORTH, "title": "Von Hand verbessert"}
    assert (await contacts.patch("/offers/altes-angebot", edit, ADMIN, if_match='"1"')).status == 200
    files = bundle()
    files["offers.jsonl"][0]["name"] = "Neuer Name im Bündel"

    report = await import_bundle(write_bundle(tmp_path / "next", files), False)

    assert _counts(report) == (0, 0, ROWS)
    assert (await contacts.get("/offers/altes-angebot")).json()["title"] == "Von Hand verbessert"


async def test_a_slug_of_the_platform_is_not_taken_over(contacts: Contacts, tmp_path: Path) -> None:
    offer = await contacts.offer(title="Neues")
    files = bundle()
    files["offers.jsonl"].append({"id": "neues", "name": "Anderes", "region": "aadorf", "status": "active"})

    report = await import_bundle(write_bundle(tmp_path / "next", files), False)

    assert [(error.file, error.line) for error in report.errors] == [("offers.jsonl", 2)]
    assert (await contacts.get("/offers/neues")).json()["id"] == offer["id"]


async def test_a_part_of_a_bundle_may_refer_to_what_is_there(contacts: Contacts, tmp_path: Path) -> None:
    row = {"id": "zweites", "name": "Zweites", "region": "oebach", "topics": ["sprache"], "provider": "verein"}

    report = await import_bundle(write_bundle(tmp_path / "part", {"offers.jsonl": [row]}), False)

    assert _counts(report) == (1, 0, 0)


Spoil = Callable[[dict[str, Any]], Any]


def _put(file: str, **values: Any) -> Spoil:
    return lambda files: files[file][0].update(values)


BROKEN: list[tuple[Spoil, str, int, str]] = [
    (_put("offers.jsonl", preis=5), "offers.jsonl", 1, "preis: dieses Feld gibt es nicht"),
    (_put("offers.jsonl", name=""), "offers.jsonl", 1, "name: darf nicht leer sein"),
    (_put("offers.jsonl", name=None), "offers.jsonl", 1, "name: darf nicht leer sein"),
    (_put("offers.jsonl", name=7), "offers.jsonl", 1, "name: ist kein Text"),
    (_put("offers.jsonl", name="x" * 301), "offers.jsonl", 1, "name: ist länger als 300 Zeichen"),
    (_put("offers.jsonl", name="a\x00b"), "offers.jsonl", 1, "name: enthält ein unerlaubtes Steuerzeichen"),
    (_put("offers.jsonl", id="Große Worte"), "offers.jsonl", 1, "id: muss aus Kleinbuchstaben"),
    (_put("offers.jsonl", id=None), "offers.jsonl", 1, "id: muss aus Kleinbuchstaben"),
    (_put("offers.jsonl", period_to="31.12.2020"), "offers.jsonl", 1, "period_to: „31.12.2020“ ist kein Datum"),
    (_put("offers.jsonl", stand="2020-13"), "offers.jsonl", 1, "stand: „2020-13“ ist kein Datum"),
    (_put("offers.jsonl", region="atlantis"), "offers.jsonl", 1, "region: verweist auf „atlantis“"),
    (_put("offers.jsonl", provider=NORTH), "offers.jsonl", 1, "provider: verweist auf „netz-nord“"),
    (_put("offers.jsonl", partners="verein"), "offers.jsonl", 1, "partners: ist keine Liste"),
    (_put("offers.jsonl", partners=["weg"]), "offers.jsonl", 1, "partners: verweist auf „weg“"),
    (_put("offers.jsonl", topics=["wetter"]), "offers.jsonl", 1, "topics: „wetter“ steht nicht in der Liste topics"),
    (_put("offers.jsonl", topics=["sprache"] * 201), "offers.jsonl", 1, "topics: hat mehr als 200 Einträge"),
    (_put("offers.jsonl", funding=["x" * 61]), "offers.jsonl", 1, "funding: ist länger als 60 Zeichen"),
    (_put("offers.jsonl", website="javascript:x"), "offers.jsonl", 1, "website: ist keine Web-Adresse"),
    (_put("regions.jsonl", lat="Norden"), "regions.jsonl", 1, "lat: ist keine Zahl"),
    (_put("regions.jsonl", lat=True), "regions.jsonl", 1, "lat: ist keine Zahl"),
    (_put("regions.jsonl", lon=181), "regions.jsonl", 1, "lon: liegt nicht zwischen -180 und 180"),
    (_put("regions.jsonl", kind=""), "regions.jsonl", 1, "kind: „“ steht nicht in der Liste region_kinds"),
    (_put("networks.jsonl", members=["niemand"]), "networks.jsonl", 1, "members: verweist auf „niemand“"),
    (_put("glossary.jsonl", ref="nichts"), "glossary.jsonl", 1, "ref: verweist auf „nichts“"),
    (_put("state_profiles.jsonl", strategy=[]), "state_profiles.jsonl", 1, "strategy: ist kein Objekt"),
    (_put("state_profiles.jsonl", strategy={"x": 1}), "state_profiles.jsonl", 1, "strategy: enthält unbekannte Felder"),
    (
        _put("state_profiles.jsonl", sections=[{"number": -1, "title": "T"}]),
        "state_profiles.jsonl",
        1,
        "sections: number: ist keine ganze Zahl",
    ),
    (
        lambda files: files["events.jsonl"].append({"id": "kammer", "name": "Doppelt"}),
        "events.jsonl",
        3,
        "id: „kammer“ gibt es schon (organisations.jsonl, Zeile 1)",
    ),
    (
        lambda files: files["vocabulary.json"]["topics"].append({"slug": "sprache", "de": "Noch einmal"}),
        "vocabulary.json",
        1,
        "topics: doppelt: sprache",
    ),
    (
        lambda files: files["vocabulary.json"]["topics"].append({"slug": "ohne-wort"}),
        "vocabulary.json",
        1,
        "topics: Eintrag 4: de: darf nicht leer sein",
    ),
    (
        lambda files: files["vocabulary.json"].update(stages="keine"),
        "vocabulary.json",
        1,
        "stages: ist keine Liste",
    ),
    (
        lambda files: files["vocabulary.json"]["stages"].append({"slug": "ä b", "de": "x"}),
        "vocabulary.json",
        1,
        "stages: Eintrag 4: slug: muss aus Buchstaben",
    ),
    (
        lambda files: files["facets.json"].update(topics=[]),
        "facets.json",
        1,
        "topics: diese Liste steht schon in einer anderen Datei",
    ),
]


async def test_every_kind_of_error_is_named_with_file_and_line(empty: Contacts, tmp_path: Path) -> None:
    for number, (spoil, file, line, message) in enumerate(BROKEN):
        files = bundle()
        spoil(files)
        report = await import_bundle(write_bundle(tmp_path / str(number), files), False)
        found = [(error.file, error.line, error.message) for error in report.errors]
        assert any(f == file and n == line and text.startswith(message) for f, n, text in found), (message, found)
        assert (report.created, report.updated, report.unchanged) == (0, 0, 0)
    assert await Region.all().count() == 0
    assert await empty.kit.recorded("contacts") == []


async def test_all_errors_of_all_files_are_told_together(empty: Contacts, tmp_path: Path) -> None:
    files = bundle()
    files["offers.jsonl"][0] |= {"name": "", "region": "atlantis"}
    files["networks.jsonl"][1]["kind"] = "club"

    report = await import_bundle(write_bundle(tmp_path / "b", files), False)

    assert [(error.file, error.line) for error in report.errors] == [
        ("networks.jsonl", 2),
        ("offers.jsonl", 1),
        ("offers.jsonl", 1),
    ]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b'{"id": "a", "name": "A"}\n\n{"id": ', 3, "Kein gültiges JSON"),
        (b"[1, 2]", 1, "Erwartet wird ein JSON-Objekt"),
        (b"[" * 100_000, 1, "Kein gültiges JSON"),
        (b'{"id": "\xff"}', 0, "Die Datei ist nicht in UTF-8 geschrieben"),
        (b'{"id": "' + b"x" * 200_001 + b'"}', 1, "Die Zeile ist länger als"),
    ],
)
async def test_unreadable_files_are_named(
    small: Contacts, tmp_path: Path, content: bytes, line: int, message: str
) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "sources.jsonl").write_bytes(content)

    report = await import_bundle(tmp_path / "b", False)

    assert [(error.file, error.line) for error in report.errors if error.message.startswith(message)] == [
        ("sources.jsonl", line)
    ]


async def test_a_file_that_is_too_large_is_not_read(
    small: Contacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_FILE_BYTES", 1000)

    report = await import_bundle(write_bundle(tmp_path / "b", {"vocabulary.json": {"note": "x" * 2000}}), False)

    assert [error.message for error in report.errors] == ["Die Datei ist größer als 0 MiB."]


async def test_a_folder_without_any_file_of_a_bundle_is_an_error(small: Contacts, tmp_path: Path) -> None:
    (tmp_path / "newsletter_issue_1.json").write_text("{}")

    report = await import_bundle(tmp_path, True)

    assert [error.message for error in report.errors] == ["Im Ordner liegt keine Datei, die hierher gehört."]


async def test_a_failure_in_the_middle_leaves_nothing(empty: Contacts, tmp_path: Path) -> None:
    async with transaction("contacts") as tx:
        await tx.connection.execute_script("ALTER TABLE offer_facets RENAME TO facets_gone")

    with pytest.raises(Exception, match="offer_facets"):
        await import_bundle(write_bundle(tmp_path / "b", bundle()), False)

    assert await Region.all().count() == 0
    assert await Organisation.all().count() == 0
    assert await empty.kit.recorded("contacts") == []


async def test_the_shipped_content_is_whole_and_comes_in_completely(empty: Contacts) -> None:
    assert service.seed is not None
    await service.seed(empty.kit.settings)
    told = await empty.kit.recorded("contacts")
    await service.seed(empty.kit.settings)

    assert await empty.kit.recorded("contacts") == told, "the second start tells nothing"
    for file in CONTENT.glob("*.jsonl"):
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        slugs = {event.slug for event in told if hasattr(event, "slug")}
        if file.name != "sources.jsonl":
            assert {line["id"] for line in lines} <= slugs, file.name
    demo = [event for event in told if isinstance(event, OfferPublished) and event.network]
    assert len(demo) >= 5
    assert {event.network for event in demo} == {"iq-landesnetzwerk-sachsen-anhalt"}
    assert await Offer.filter(state="draft").count() == 1
    assert "@example" not in repr(told)


async def test_a_start_with_broken_content_says_which_rows(small: Contacts, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"offers.jsonl:1 name: darf nicht leer sein"):
        await fill(write_bundle(tmp_path / "b", {"offers.jsonl": [{"id": "leer"}]}))


async def test_the_demo_people_can_sign_in(empty: Contacts) -> None:
    assert service.seed is not None
    await service.seed(empty.kit.settings)

    for name, role in (("admin", "admin"), ("koordination2", "coordinator"), ("mitglied", "member")):
        answer = await empty.post("/sessions", {"email": f"{name}@example.org", "password": "lotse-demo"})
        account = answer.json()["account"]
        assert (account["roles"], account["id"]) == ([role], str(content_id("account", f"{name}@example.org")))
    assert all(isinstance(note, Text) for note in service.demo_notes)


async def test_without_demo_there_are_no_accounts(small: Contacts) -> None:
    assert service.seed is not None
    await service.seed(replace(small.kit.settings, demo=False))

    answer = await small.post("/sessions", {"email": "admin@example.org", "password": "lotse-demo"})
    assert answer.status == 401


async def test_a_snapshot_tells_the_present_state_in_the_present_versions(contacts: Contacts) -> None:
    slug = (await contacts.offer())["slug"]
    await contacts.offer(publish=False, title="Entwurf")
    before = {(type(event), event.id): event for event in await contacts.kit.recorded("contacts")}

    count = await snapshot()

    events = (await contacts.kit.recorded("contacts"))[-count:]
    assert {(type(event), event.id): event for event in events} == before
    assert slug in {event.slug for event in events}
