"""Saving searches: whose they are, how many, what they count, and what is heard of addresses and accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from infra.contracts.contacts import AccountAlertStopped, AccountChanged
from infra.contracts.newsletter import AlertConfirmed, AlertStopped
from infra.contracts.registry import Event
from infra.db import transaction
from infra.inbox import Meta
from services.search.models import SavedSearch, SearchDocument
from services.search.saved import domain
from services.search.saved.commands import forget_unclaimed
from tests.kit import counted_queries, identity, together
from tests.services.search.alerts import ANNA, BERT, NOBODY, Alerts, morning, offer, slugs
from tests.services.search.conftest import Search

MISSING = "0198c000-0000-7000-8000-00000000000c"


@pytest.fixture
async def alerts(search: Search) -> AsyncIterator[Alerts]:
    """Search with people who keep searches."""
    yield Alerts(search)


async def hear(alerts: Alerts, event: Event, minutes: float = 0) -> None:
    """Handle an event that was recorded so many minutes from now."""
    time = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    (handler,) = alerts.search.kit.services["search"].handlers.of(event.type)
    async with transaction("search") as tx:
        await handler.function(tx, event, Meta(f"{event.type}-{time}", event.producer, None, time))


async def test_a_search_is_kept_with_all_that_was_chosen(alerts: Alerts) -> None:
    await alerts.search.tell_all()
    wanted: dict[str, Any] = {"q": " Kurs\u00a0 am Abend", "district": ["hessen", "landkreis-harz", "hessen"]}
    wanted |= {"stage": ["language"], "kind": ["offer"], "language": ["ar"], "near": "Magdeburg", "radius": 40}
    saved = await alerts.save(**wanted, frequency="weekly")
    assert saved["q"] == saved["name"] == "Kurs am Abend"
    assert (saved["district"], saved["kind"], saved["language"]) == (["hessen", "landkreis-harz"], ["offer"], ["ar"])
    assert (saved["near"], saved["radius"], saved["frequency"], saved["new"]) == ("Magdeburg", 40, "weekly", 0)
    assert await alerts.see(saved["id"]) == saved
    assert (await alerts.ask("GET", "")).json() == {"items": [saved], "most": 50}
    assert (await alerts.save(frequency="none"))["name"] == "Gespeicherte Suche"


async def test_what_could_not_be_searched_for_is_not_kept(alerts: Alerts) -> None:
    await alerts.search.tell_all()
    codes = [f"a{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(61)]
    wrong: list[dict[str, Any]] = [
        {"q": "a" * 301},
        {"q": "+-!"},
        {"kind": ["account"]},
        {"district": ["atlantis"]},
        {"language": ["Deutsch!"]},
        {"language": codes},
        {"near": "Atlantis"},
        {"radius": 201},
        {"name": "a" * 301},
        {"frequency": "hourly"},
        {"audience": "network:x"},
    ]
    for wanted in wrong:
        answer = await alerts.ask("POST", "", wanted)
        assert answer.status == 422, wanted
        assert [error["field"] for error in answer.json()["fields"]] == list(wanted)
    assert not await SavedSearch.all().exists()


async def test_a_saved_search_exists_for_its_owner_only(alerts: Alerts) -> None:
    saved = await alerts.save(q="Kurs")
    waiting = await alerts.save(NOBODY, q="Kurs")
    for who, expected in ((BERT, 404), (identity("x", "admin"), 404), (NOBODY, 401)):
        for path in (f"/{saved['id']}", f"/{waiting['id']}", f"/{MISSING}", "/nonsense"):
            assert (await alerts.ask("GET", path, who=who)).status == expected
            assert (await alerts.ask("PATCH", path, {"name": "Meins"}, who=who)).status == expected
            assert (await alerts.ask("POST", f"{path}/looked", {"mark": 1}, who=who)).status == expected
            assert (await alerts.ask("DELETE", path, who=who)).status == expected
    assert (await alerts.ask("GET", "", who=NOBODY)).status == 401
    assert (await alerts.ask("GET", "", who=BERT)).json()["items"] == []
    assert await alerts.see(saved["id"]) == saved


async def test_it_is_renamed_told_otherwise_and_deleted(alerts: Alerts) -> None:
    saved = await alerts.save(q="Kurs")
    path = f"/{saved['id']}"
    assert (await alerts.ask("PATCH", path, {"name": "  Mein  Kurs "})).json() == saved | {"name": "Mein Kurs"}
    assert (await alerts.ask("PATCH", path, {"name": " "})).json() == saved
    assert (await alerts.ask("PATCH", path, {})).json() == saved
    silent = (await alerts.ask("PATCH", path, {"frequency": "none"})).json()
    assert (silent["frequency"], silent["next_at"]) == ("none", None)
    await alerts.search.tell(offer("a", "Kurs"))
    await alerts.ask("PATCH", path, {"frequency": "weekly"})
    await alerts.search.tell(offer("b", "Kurs"))
    await alerts.ask("PATCH", path, {"frequency": "daily"})
    await morning()
    assert [slugs(alert) for alert in await alerts.told()] == [["b"]], "what came while mails were off is not mailed"
    assert (await alerts.ask("DELETE", path)).status == 204
    assert (await alerts.ask("GET", path)).status == 404
    assert (await alerts.ask("DELETE", path)).status == 404


async def test_new_things_are_counted_until_they_were_looked_at(alerts: Alerts) -> None:
    saved, other = await alerts.save(q="Kurs"), await alerts.save(q="Tanz", frequency="none")
    path = f"/{saved['id']}"
    await alerts.search.tell(offer("a", "Kurs"), offer("b", "Kurs"), offer("c", "Tanz"))
    with counted_queries("search") as statements:
        seen = (await alerts.ask("GET", "")).json()["items"]
    needed = [text for text in statements if "counters" not in text and "sequence >" not in text]  # less the indexer's
    assert len(needed) == 2
    assert {each["id"]: each["new"] for each in seen} == {saved["id"]: 2, other["id"]: 1}
    assert {each["id"]: len(each["new_ids"]) for each in seen} == {saved["id"]: 2, other["id"]: 1}
    mark = next(each["mark"] for each in seen if each["id"] == saved["id"])
    await alerts.search.tell(offer("d", "Kurs"))
    looked = (await alerts.ask("POST", f"{path}/looked", {"mark": mark})).json()
    assert (looked["new"], looked["looked_at"] > saved["looked_at"]) == (1, True)
    assert (await alerts.ask("POST", f"{path}/looked", {"mark": 0})).json() == looked
    assert (await alerts.ask("POST", f"{path}/looked", {"mark": 2**53})).json()["new"] == 0
    await alerts.search.tell(offer("e", "Kurs"))
    assert (await alerts.see(saved["id"]))["new"] == 1
    await morning()
    assert (await alerts.see(saved["id"]))["new"] == 1, "a mail is not a look"


async def test_documents_from_before_the_upgrade_are_old_until_they_come_back(alerts: Alerts) -> None:
    """Their rows have what the migration gives to rows that are there."""
    saved = await alerts.save(q="Kurs")
    await alerts.search.tell(offer("a", "Kurs"), offer("b", "Kurs"))
    await SearchDocument.filter(id="offer-a").update(public_since=0)
    await SearchDocument.filter(id="offer-b").update(public_since=0, removed=True)
    await alerts.search.tell(offer("a", "Kurs", version=2), offer("b", "Kurs", version=2))
    assert (await alerts.see(saved["id"]))["new"] == 1


async def test_an_account_keeps_fifty_and_the_last_place_goes_to_one(alerts: Alerts) -> None:
    for number in range(49):
        await alerts.save(q=f"Kurs {number}", frequency="none")
    await alerts.save(BERT, q="Kurs")
    wanted = partial(alerts.ask, "POST", "", {"q": "Kurs", "frequency": "none"})
    answers = await together(wanted, wanted, wanted)
    assert sorted(answer.status for answer in answers) == [201, 409, 409]
    assert len((await alerts.ask("GET", "")).json()["items"]) == 50


async def test_of_those_that_wait_to_be_confirmed_the_newest_are_kept(
    alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "MOST_UNCLAIMED", 2)
    first, second = [await alerts.save(NOBODY, q="Kurs") for _ in range(2)]
    await hear(alerts, AlertConfirmed(id="s", saved_search=first["id"], frequency="daily"))
    wanted = partial(alerts.ask, "POST", "", {"q": "Kurs", "frequency": "daily"}, NOBODY)
    answers = await together(wanted, wanted)
    assert [answer.status for answer in answers] == [201, 201]
    await alerts.save(ANNA, q="Kurs", frequency="daily")
    kept = {str(row.id) for row in await SavedSearch.all() if not row.recipient.startswith("account:")}
    assert kept == {first["id"], *(answer.json()["id"] for answer in answers)}
    assert second["id"] not in kept, "the oldest that nobody had claimed"


async def test_without_an_account_it_waits_to_be_confirmed(alerts: Alerts) -> None:
    assert (await alerts.ask("POST", "", {"q": "Kurs"}, NOBODY)).json()["fields"][0]["field"] == "frequency"
    saved = await alerts.save(NOBODY, q="Kurs")
    assert saved["next_at"] is None
    await alerts.search.tell(offer("a", "Kurs", title_en="Course"))
    await morning(2)
    assert await alerts.told() == []
    confirmed = AlertConfirmed(id="s1", version=1, saved_search=saved["id"], frequency="weekly", language="en")
    await hear(alerts, confirmed)
    await hear(alerts, confirmed)
    await hear(alerts, AlertConfirmed(id="s2", version=1, saved_search=saved["id"], frequency="daily"))
    await morning(9)
    (alert,) = await alerts.told()
    assert (alert.recipient, alert.frequency, alert.language) == ("subscription:s1", "weekly", "en")
    assert slugs(alert) == ["a"], "what came while the confirmation was on its way is told too"


async def test_a_stop_is_final_in_whichever_order_it_is_heard(alerts: Alerts) -> None:
    saved, late = await alerts.save(NOBODY, q="Kurs"), await alerts.save(NOBODY, q="Kurs")
    confirmed = AlertConfirmed(id="s1", version=1, saved_search=saved["id"], frequency="daily")
    await hear(alerts, confirmed)
    await hear(alerts, AlertStopped(id="s2", version=1, saved_search=saved["id"]))
    assert await SavedSearch.filter(recipient="subscription:s1").exists()
    for _ in range(2):
        await hear(alerts, AlertStopped(id="s1", version=2, saved_search=saved["id"]))
    await hear(alerts, confirmed)
    await hear(alerts, AlertStopped(id="s3", version=2, saved_search=late["id"]))
    await hear(alerts, AlertConfirmed(id="s3", version=1, saved_search=late["id"], frequency="daily"))
    assert not await SavedSearch.all().exists()


async def test_a_subscription_cannot_take_over_what_an_account_has_saved(alerts: Alerts) -> None:
    saved = await alerts.save(q="Kurs")
    for identifier in (saved["id"], "nonsense", MISSING):
        await hear(alerts, AlertConfirmed(id="s", version=1, saved_search=identifier, frequency="weekly"))
        await hear(alerts, AlertStopped(id="s", version=2, saved_search=identifier))
    assert await alerts.see(saved["id"]) == saved


async def test_the_later_decision_about_mails_counts(alerts: Alerts) -> None:
    saved = await alerts.save(q="Kurs")
    stopped = AccountAlertStopped(id=saved["id"], account=ANNA.account)
    await hear(alerts, stopped, minutes=-5)
    await hear(alerts, AccountAlertStopped(id=saved["id"], account=BERT.account), minutes=5)
    await hear(alerts, AccountAlertStopped(id="nonsense", account=ANNA.account), minutes=5)
    assert (await alerts.see(saved["id"]))["frequency"] == "daily"
    await hear(alerts, stopped)
    silent = await alerts.see(saved["id"])
    assert (silent["frequency"], silent["next_at"]) == ("none", None)
    await alerts.ask("PATCH", f"/{saved['id']}", {"frequency": "weekly"})
    await hear(alerts, stopped, minutes=-1)
    assert (await alerts.see(saved["id"]))["frequency"] == "weekly"


async def test_what_a_closed_account_had_saved_goes(alerts: Alerts) -> None:
    await alerts.save(q="Kurs")
    kept = await alerts.save(BERT, q="Kurs")
    await hear(alerts, AccountChanged(id=ANNA.account, version=2, name="Anna"))
    await hear(alerts, AccountChanged(id=ANNA.account, version=3, name="Anna", active=False), minutes=-1)
    assert len((await alerts.ask("GET", "")).json()["items"]) == 1, "it was closed before, and opened again"
    await hear(alerts, AccountChanged(id=ANNA.account, version=5, name="Anna", active=False))
    assert (await alerts.ask("GET", "")).json()["items"] == []
    assert await alerts.see(kept["id"], BERT) == kept


async def test_what_nobody_confirms_is_forgotten_after_a_week(alerts: Alerts) -> None:
    await alerts.save(q="Kurs")
    saved = await alerts.save(NOBODY, q="Kurs")
    claimed = await alerts.save(NOBODY, q="Kurs")
    await hear(alerts, AlertConfirmed(id="s", saved_search=claimed["id"], frequency="daily"))
    await alerts.search.kit.services["search"].jobs.run("forget_unclaimed")
    assert await SavedSearch.filter(id=saved["id"]).exists()
    async with transaction("search") as tx:
        await forget_unclaimed(tx, datetime.now(UTC) + timedelta(days=9))
    assert not await SavedSearch.filter(id=saved["id"]).exists()
    assert await SavedSearch.all().count() == 2
