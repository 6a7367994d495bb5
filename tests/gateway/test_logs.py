"""What people type and who they are stays out of the log, also when something breaks; the ids of requests are in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from asyncpg.exceptions import PostgresError

from infra import logs
from services.contacts.jobs import jobs as contacts_jobs
from services.newsletter.jobs import jobs as newsletter_jobs
from services.newsletter.subscribers.models import Subscriber
from tests.gateway.api_client import Program
from tests.gateway.conftest import Opener
from tests.gateway.test_coordination import FORM, NEW
from tests.gateway.world import COORDINATOR, PASSWORD, World

ADDRESS = "geheim.muster@example.org"


@contextmanager
def logging_as_a_process_does() -> Iterator[None]:
    """Inside, everything is logged as in a process, at the most talkative level that an operator may choose."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure("DEBUG")
    try:
        yield
    finally:
        root.handlers[:] = before
        root.setLevel(level)


async def test_a_day_of_work_leaves_nobody_in_the_log(
    world: World,
    open_browser: Opener,
    api: Program,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_arguments: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr("gateway.maps.germany", broken)
    with logging_as_a_process_does():
        visitor = await open_browser()
        page = await visitor.get("/newsletter")
        await visitor.submit(page, email=ADDRESS, language="de", consent="yes")
        assert await Subscriber.filter(address=ADDRESS).exists()
        await newsletter_jobs.run("send_service_mails")
        assert await world.mails_to(ADDRESS)
        await api.post("/session", {"email": ADDRESS, "password": "mein-passwort"})
        await visitor.submit(await visitor.get("/passwort"), email=ADDRESS)
        await contacts_jobs.run("send_access_mails")
        coordinator = await open_browser(COORDINATOR)
        page = await coordinator.get(NEW)
        await coordinator.submit(page, NEW, **{**FORM, "contact_name": "Frau Muster", "action": "publish"})
        await world.tell()
        await visitor.get("/suche?q=Geheimnis+Muster")
        assert (await visitor.get("/regionen?q=Geheimnis")).status_code == 500

    printed = capsys.readouterr().err
    lines = [json.loads(line) for line in printed.splitlines()]
    fault = next(line for line in lines if line["message"] == "unhandled error")
    assert {"request_id", "correlation_id", "causation_id", "trace_id", "level", "time", "logger"} <= fault.keys()
    own = "\n".join(line for line in printed.splitlines() if '"logger": "httpx' not in line)  # the test's own client
    for secret in (
        ADDRESS,
        "geheim",
        "Geheimnis",
        "mein-passwort",
        PASSWORD,
        COORDINATOR,
        "Muster",
        str(FORM["title"]),
    ):
        assert secret not in own, secret


def test_the_values_of_a_refused_row_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    fields = {
        "S": "ERROR",
        "C": "23505",
        "M": 'duplicate key value violates unique constraint "subscribers_address"',
        "D": f"Key (address)=({ADDRESS}) already exists.",
    }
    with logging_as_a_process_does():
        try:
            raise PostgresError.new(fields)
        except PostgresError:
            logging.getLogger("infra.web.middleware").exception("unhandled error")
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert "subscribers_address" in line["exc_info"]
    assert "DETAIL: (left out)" in line["exc_info"]
    assert ADDRESS not in line["exc_info"]
