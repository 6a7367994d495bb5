"""The operator's page: an event's life by any of its ids, how the services are, and that nobody else gets there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tortoise import Tortoise

from gateway.app import create_app
from infra.bus.codec import event_of
from infra.contracts.envelope import Envelope
from infra.db import transaction
from infra.inbox import dead_letters
from infra.inbox.once import Work, handle_once
from infra.outbox.log import Log
from infra.web.client import ServiceClient
from infra.web.trail import reason_of
from tests.gateway.api_client import Program
from tests.gateway.conftest import Opener
from tests.gateway.page import parse
from tests.gateway.test_coordination import FORM, NEW
from tests.gateway.test_parts_away import Without
from tests.gateway.world import COORDINATOR, EDITOR, MEMBER, ORIGIN, SERVICES, Browser, World, heading

ADMIN = "admin@example.org"
PAGE = "/verwaltung/ereignisse"
TITLE = str(FORM["title"])


async def publish(browser: Browser) -> None:
    """Publish an offer at the coordinator's desk."""
    page = await browser.get(NEW)
    answer = await browser.submit(page, NEW, **{**FORM, "action": "publish"})
    assert "Veröffentlicht" in answer.text


def outbox(service: str) -> Any:
    apps = Tortoise.apps
    assert apps is not None
    return apps[service]["Outbox"]


async def offer_event() -> Any:
    """The row of the newest published offer."""
    return await outbox("contacts").filter(type="lotse.contacts.offer.published.v1").order_by("-id").first()


def envelope_of(producer: str, row: Any) -> Envelope:
    """A row as it goes on the wire."""
    return Envelope(
        id=str(row.id),
        source=f"/services/{producer}",
        type=row.type,
        subject=row.subject,
        time=row.created_at.isoformat(),
        data=row.data,
        position=row.position,
        correlationid=row.correlation_id,
        causationid=row.causation_id,
        traceparent=row.traceparent,
    )


async def carry(producer: str, row: Any, *consumers: str) -> None:
    """Publish a row as the relay would, and have these services handle it through their inboxes."""
    log = Log(producer)
    while taken := await log.take(500):
        await log.mark_published(taken[0].position, taken[-1].position)
    envelope = envelope_of(producer, await outbox(producer).get(id=row.id))
    event = event_of(envelope)
    assert event is not None
    for service in SERVICES:
        if service.name in consumers:
            works = [Work(envelope, event, handler) for handler in service.handlers.of(row.type)]
            assert works, f"{service.name} does not hear {row.type}"
            await handle_once(service.name, works)


async def test_it_exists_only_for_administrators(open_browser: Opener, world: World, api: Program) -> None:
    visitor = await open_browser()
    asked = await visitor.http.get(PAGE)
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/anmelden?next=")
    for person in (MEMBER, COORDINATOR, EDITOR):
        browser = await open_browser(person)
        assert (await browser.get(PAGE)).status_code == 404
        assert (await browser.get(f"{PAGE}?q=1")).status_code == 404
        assert PAGE not in (await browser.get("/konto")).text
    admin = await open_browser(ADMIN)
    assert f'href="{PAGE}"' in (await admin.get("/konto")).text
    assert heading(await admin.get(PAGE)) == "Ereignisse"
    for service in SERVICES:
        for path in ("/trail/overview", "/trail/events?id=1", "/trail/reception?event=1"):
            assert (await world.kit.get(service.name, path)).status == 404
    assert (await api.get("/trail/overview")).status_code == 404


@pytest.mark.parametrize("by", ["id", "correlation_id", "subject", "thing"])
async def test_the_life_of_an_event_is_found_by_each_of_its_ids(open_browser: Opener, by: str) -> None:
    await publish(await open_browser(COORDINATOR))
    row = await offer_event()
    await carry("contacts", row, "forum", "search")
    followed = await outbox("forum").filter(causation_id=str(row.id)).first()
    assert followed is not None, "the forum tells of the topic that it opened for the offer"
    assert followed.correlation_id == row.correlation_id
    assert followed.traceparent[:35] == row.traceparent[:35]
    wanted = {"thing": row.subject.partition("/")[2]}.get(by) or str(getattr(row, by))
    admin = await open_browser(ADMIN)
    page = await admin.get(PAGE, params={"q": wanted})
    assert page.status_code == 200
    text = re.sub(r"\s+", " ", page.text)
    assert row.correlation_id in text
    own, caused = text.index(f'id="e-{row.id}"'), text.index(f'id="e-{followed.id}"')
    assert own < text.index("Daraus folgte:", own) < caused
    steps = text[own:caused]
    assert "an Stelle" in steps
    assert re.search(r"verarbeitet.*?forum: \w+, nach \d+", steps)
    assert re.search(r"verarbeitet.*?search: \w+, nach \d+", steps)
    assert re.search(r"noch nicht verarbeitet.*?newsletter: \w+", steps)
    assert "noch nicht veröffentlicht" in text[caused:]
    assert TITLE not in text, "what an event says stays where it is"


async def test_a_dead_letter_is_shown_with_place_and_cure_but_not_with_its_message(
    open_browser: Opener, world: World
) -> None:
    await publish(await open_browser(COORDINATOR))
    row = await offer_event()
    await carry("contacts", row, "search")
    envelope = envelope_of("contacts", row)
    try:
        raise ValueError("Frau Muster, muster@example.org")
    except ValueError as error:
        async with transaction("forum") as tx:
            await dead_letters.store(tx, envelope, "follow_offer", error, 5)
    letter = (await dead_letters.listing("forum"))[0]
    admin = await open_browser(ADMIN)
    for page in (await admin.get(PAGE), await admin.get(f"{PAGE}?q={row.id}")):
        assert "ValueError (tests/gateway/test_operations.py:" in page.text
        assert f"lotse dead-letters retry {letter.id}" in page.text
        assert "5 Versuche" in page.text
        assert "Muster" not in page.text
    assert "braucht Sie" in (await admin.get(PAGE)).text
    await dead_letters.resolve("forum", [(str(row.id), "follow_offer")])
    assert "Nichts wartet auf Sie." in (await admin.get(PAGE)).text


async def test_a_service_that_does_not_answer_is_named(world: World, open_browser: Opener) -> None:
    await publish(await open_browser(COORDINATOR))
    row = await offer_event()
    await carry("contacts", row, "search")
    admin = await open_browser(ADMIN)
    client = ServiceClient(Without(world.kit.client._transport, "forum", broken=False), world.kit.settings.secret)
    app = create_app(world.kit.settings, client, {})
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, cookies=admin.http.cookies) as browser:
        overview = await browser.get(f"/en{PAGE}")
        assert overview.text.count("does not answer") == 1
        story = await browser.get(f"{PAGE}?q={row.id}")
    assert "Ohne Antwort: forum." in story.text
    assert "search: " in story.text


async def test_the_overview_says_what_waits_and_what_was_said(open_browser: Opener) -> None:
    await publish(await open_browser(COORDINATOR))
    old = datetime(2020, 1, 1, tzinfo=UTC)
    waiting = await outbox("contacts").filter(position=None).order_by("id").first()
    await outbox("contacts").filter(id=waiting.id).update(created_at=old)
    admin = await open_browser(ADMIN)
    page = await admin.get(PAGE)
    assert "läuft der Versand, antwortet der Broker?" in page.text
    assert "lotse.contacts.offer.published.v1" in page.text
    parsed = parse(page.text)
    assert parsed.levels[0] == 1
    assert not parsed.inline
    english = await admin.get(f"/en{PAGE}")
    assert heading(english) == "Events"
    assert "is the relay running, does the broker answer?" in english.text


@pytest.mark.parametrize(
    ("position", "said", "state"), [(0, "3 im Rückstand", "braucht Sie"), (3, "alles verarbeitet", "in Ordnung")]
)
async def test_who_does_not_go_on_with_a_log_needs_a_person(
    open_browser: Opener, position: int, said: str, state: str
) -> None:
    apps = Tortoise.apps
    assert apps is not None
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    ids = await outbox("contacts").all().order_by("id").limit(3).values_list("id", flat=True)
    await outbox("contacts").exclude(id__in=ids).delete()
    for place, identifier in enumerate(ids, 1):
        await outbox("contacts").filter(id=identifier).update(position=place, published_at=long_ago)
    await apps["forum"]["Checkpoint"].create(producer="contacts", position=position)
    await outbox("forum").filter().delete()  # nobody relays here, so what waits would need a person after a minute
    page = await (await open_browser(ADMIN)).get(PAGE)
    forum = page.text[page.text.index(">forum<") : page.text.index(">newsletter<")]
    assert "hört contacts:" in forum
    assert said in forum
    assert (state in forum) and (forum.count("kern-badge--danger") == (state == "braucht Sie"))


async def test_spans_of_time_are_told_as_exactly_as_is_of_use(open_browser: Opener) -> None:
    await publish(await open_browser(COORDINATOR))
    row = await offer_event()
    await carry("contacts", row, "search", "forum")
    apps = Tortoise.apps
    assert apps is not None
    for service, seconds in (("search", 3.44), ("forum", 300)):
        moment = row.created_at + timedelta(seconds=seconds)
        await apps[service]["Inbox"].filter(event_id=str(row.id)).update(handled_at=moment)
    admin = await open_browser(ADMIN)
    german, english = await admin.get(f"{PAGE}?q={row.id}"), await admin.get(f"/en{PAGE}?q={row.id}")
    assert "nach 3,4 s" in german.text
    assert "nach 5 min" in german.text
    assert "after 3.4 s" in english.text


async def test_several_stories_of_a_thing_are_listed(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    await publish(browser)
    row = await offer_event()
    slug = "lernwerkstatt-holz-in-quedlinburg"
    path = f"/koordination/angebote/{slug}/zurueckziehen"
    await browser.submit(await browser.get(path), path, reason="Förderung ausgelaufen")
    admin = await open_browser(ADMIN)
    page = await admin.get(PAGE, params={"q": row.subject})
    assert heading(page) == f"Ereignisse zu {row.subject}"
    withdrawn = page.text.index("lotse.contacts.offer.withdrawn.v1")
    assert withdrawn < page.text.index("lotse.contacts.offer.published.v1"), "the newest first"
    assert f"{PAGE}?q={row.correlation_id}" in page.text


@pytest.mark.parametrize("wanted", ["gibt-es-nicht", "0" * 500, "a/b/c", "' OR 1=1 --", "\x00", "<script>"])
async def test_what_nobody_knows_is_said_so(open_browser: Opener, wanted: str) -> None:
    admin = await open_browser(ADMIN)
    page = await admin.get(PAGE, params={"q": wanted})
    if wanted == "\x00":
        assert heading(page) == "Ereignisse"
    else:
        assert (page.status_code, heading(page)) == (404, "Nichts gefunden")
    assert "<script>" not in page.text


async def test_a_fault_names_the_number_under_which_it_is_found(
    world: World, open_browser: Opener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr("gateway.maps.germany", broken)
    page = await (await open_browser()).get("/regionen")
    assert page.status_code == 500
    number = re.search(r"nennen Sie bitte diese Nummer: ([0-9a-f-]{36})", page.text)
    assert number
    refused = await world.kit.get("forum", "/topics/gibt-es-nicht")
    assert re.fullmatch(r"[0-9a-f-]{36}", refused.json()["correlation_id"])


def test_a_reason_names_the_error_and_the_place_only() -> None:
    traceback = (
        "Traceback (most recent call last):\n"
        '  File "/srv/lotse/infra/inbox/once.py", line 93, in _call\n    await handle()\n'
        '  File "/srv/lotse/services/search/handlers.py", line 40, in remember\n    raise\n'
        'sqlite3.IntegrityError: UNIQUE constraint failed\nDETAIL: Key "x"=(muster@example.org)\n'
    )
    assert reason_of(traceback) == "sqlite3.IntegrityError (services/search/handlers.py:40, remember)"
    assert reason_of("ValueError: Frau Muster") == "ValueError"
    assert reason_of("") == ""


async def test_requests_are_counted_by_templates_of_pages_and_api_alike(open_browser: Opener, api: Program) -> None:
    browser = await open_browser()
    await browser.get("/angebote/eures-portal")
    await api.get("/offers/eures-portal")
    await browser.get("/gibt-es-nicht-xyz")
    await browser.get("/static/favicon.svg")
    counted = (await browser.get("/metrics")).text
    routes = set(re.findall(r'lotse_http_requests_total\{.*route="([^"]+)",service="gateway"', counted))
    assert {"/angebote/{slug}", "/api/v1/offers/{id}", "unmatched"} <= routes
    assert not [route for route in routes if "eures" in route or "xyz" in route or "favicon" in route]
