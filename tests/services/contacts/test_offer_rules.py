"""What an offer may say: every broken rule is answered at its field, all at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.contacts.world import COORDINATOR, Contacts, draft, fields_of

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"title": "ab"}, "title"),
    ({"title": "  \n "}, "title"),
    ({"title": "x" * 201}, "title"),
    ({"title_en": "x" * 201}, "title_en"),
    ({"summary": "x" * 501}, "summary"),
    ({"description": "x" * 20_001}, "description"),
    ({"network": ""}, "network"),
    ({"network": "gibt-es-nicht"}, "network"),
    ({"network": "x" * 5000}, "network"),
    ({"provider": "netz-nord"}, "provider"),
    ({"contact_point": "gibt-es-nicht"}, "contact_point"),
    ({"partners": ["verein", "gibt-es-nicht"]}, "partners"),
    ({"kind": "anderes"}, "kind"),
    ({"stages": ["retention"]}, "stages"),
    ({"target_groups": ["alle"]}, "target_groups"),
    ({"topics": ["wetter"]}, "topics"),
    ({"topics": [f"thema-{number}" for number in range(61)]}, "topics"),
    ({"districts": ["atlantis"]}, "districts"),
    ({"languages": ["klingonisch"]}, "languages"),
    ({"language_level_from": "Z9"}, "language_level_from"),
    ({"language_level_from": "B2", "language_level_to": "A1"}, "language_level_to"),
    ({"format": "telepathisch"}, "format"),
    ({"access": "irgendwie"}, "access"),
    ({"weekly_hours": 0}, "weekly_hours"),
    ({"weekly_hours": 61}, "weekly_hours"),
    ({"seats": -1}, "seats"),
    ({"seats": 10**30}, "seats"),
    ({"valid_from": "31.12.2026"}, "valid_from"),
    ({"valid_from": "2026-02-30"}, "valid_from"),
    ({"valid_from": "2026-13"}, "valid_from"),
    ({"valid_from": "0000"}, "valid_from"),
    ({"valid_from": "٢٠٢٦"}, "valid_from"),
    ({"valid_from": "2027", "valid_to": "2026-12-31"}, "valid_to"),
    ({"stand": "neulich"}, "stand"),
    ({"website": "javascript:alert(1)"}, "website"),
    ({"website": "https://user@example.org/"}, "website"),
    ({"website": "https://" + "x" * 600}, "website"),
    ({"funding": ["x" * 61]}, "funding.0"),
    ({"funding": [f"Topf {number}" for number in range(61)]}, "funding"),
    ({"costs": "x" * 201}, "costs"),
    ({"title": "Kurs \u202egnureizifitreZ"}, "title"),
    ({"summary": "Kurs \u2066x\u2069"}, "summary"),
    ({"title_en": "a\x1b[2Jb"}, "title_en"),
    ({"description": "a\x08b"}, "description"),
]


async def test_each_rule_is_answered_at_its_field(small: Contacts) -> None:
    for values, field in WRONG:
        answer = await small.post("/offers", draft(**values))
        assert (answer.status, list(fields_of(answer))) == (422, [field]), values
    assert await small.listed(COORDINATOR, mine="true") == []


async def test_all_broken_rules_are_told_at_once_in_the_readers_language(contacts: Contacts) -> None:
    body = draft(title="x", kind="nein", districts=["nirgendwo"], valid_from="bald", seats=-4, website="ftp://alt")

    german = await contacts.post("/offers", body)
    english = await contacts.kit.post("contacts", "/offers", body, identity=COORDINATOR, language="en")

    assert set(fields_of(german)) == {"title", "kind", "districts", "valid_from", "seats", "website"}
    assert fields_of(german)["title"] == "Bitte mindestens 3 Zeichen angeben."
    assert fields_of(english)["title"] == "Please give at least 3 characters."


async def test_publishing_needs_what_the_public_needs(contacts: Contacts) -> None:
    offer = await contacts.offer(publish=False, summary="", stages=[], districts=[])

    answer = await contacts.post(f"/offers/{offer['slug']}/publish")

    assert (answer.status, set(fields_of(answer))) == (422, {"summary", "stages", "districts"})


async def test_a_public_offer_cannot_lose_what_the_public_needs(contacts: Contacts) -> None:
    slug = (await contacts.offer())["slug"]

    answer = await contacts.patch(f"/offers/{slug}", {"summary": "", "districts": []}, if_match='"2"')

    assert set(fields_of(answer)) == {"summary", "districts"}
    assert (await contacts.get(f"/offers/{slug}")).json()["districts"] == ["aadorf"]


async def test_everything_that_can_be_entered_comes_back(contacts: Contacts) -> None:
    everything = draft(
        description="Text",
        title_en="German for care",
        summary_en="German on the ward.",
        description_en="*Text*",
        provider="kammer",
        partners=["verein", "netz-ost"],
        target_groups=["migrants"],
        topics=["sprache"],
        region_note="nur der Norden",
        languages=["de", "ar"],
        language_level_from="A1",
        language_level_to="B2",
        format="online",
        weekly_hours=4.5,
        part_time=True,
        childcare=False,
        accessibility="stufenlos",
        costs="frei",
        funding=["ESF"],
        seats=12,
        open_entry=True,
        conditions="Keine",
        how_to_join="Anrufen",
        access="adviser",
        valid_from="2026",
        valid_to="2027-06",
        website="https://example.org/kurs?a=1",
        source="Flyer",
        stand="2026-03",
    )

    offer = (await contacts.post("/offers", everything)).json()

    assert {name: offer[name] for name in everything} == everything
    assert [link["name"] for link in offer["partner_links"]] == ["Verein", "Netz Ost"]


async def test_single_lines_lose_line_breaks_and_lists_their_doubles(contacts: Contacts) -> None:
    body = draft(title="Kurs\r\nBcc: alle@example.org", topics=["sprache", " sprache", ""], website="www.example.org")

    offer = (await contacts.post("/offers", body)).json()

    assert offer["title"] == "Kurs Bcc: alle@example.org"
    assert offer["topics"] == ["sprache"]
    assert offer["website"] == "https://www.example.org"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b'{"title": 5}', 422),
        (b'{"title": "Kurs", "stages": "language"}', 422),
        (b'{"title": "Kurs", "stages": [["language"]]}', 422),
        (b'{"title": "Kurs", "part_time": "ja"}', 422),
        (b'{"title": "Kurs", "seats": 1.5}', 422),
        (b'{"title": "Kurs", "state": "published"}', 422),
        (b'{"title": "Kurs", "version": 99}', 422),
        (b'{"title": "a\\u0000b"}', 422),
        (b'{"title": "\\ud800"}', 400),
        (b'{"title": "\xff"}', 400),
        (b"[" * 100_000, 422),
        (b'{"title": "' + b"x" * 1_100_000 + b'"}', 413),
    ],
)
async def test_hostile_bodies_are_refused_and_leave_nothing(small: Contacts, body: bytes, status: int) -> None:
    answer = await small.kit.request("contacts", "POST", "/offers", identity=COORDINATOR, content=body)

    assert answer.status == status, answer.content
    assert answer.headers["content-type"] == "application/problem+json"
    assert await small.listed(COORDINATOR, mine="true") == []


async def test_a_megabyte_in_a_field_is_answered_at_the_field(contacts: Contacts) -> None:
    large = "x" * 1_000_000

    for name in ("title", "description", "network"):
        answer = await contacts.post("/offers", draft(**{name: large}))
        assert (answer.status, list(fields_of(answer))) == (422, [name])
        assert len(answer.content) < 2000


async def test_hostile_addresses_find_nothing(contacts: Contacts) -> None:
    for reference in ("' OR 1=1 --", "..", "%2e%2e", "x" * 3000, "ä", "🦊"):
        assert (await contacts.get(f"/offers/{reference.replace(' ', '%20')}")).status == 404
    assert (await contacts.get("/offers/a%00b")).status == 422
    assert (await contacts.get("/offers", district="a\x00b")).status == 422
