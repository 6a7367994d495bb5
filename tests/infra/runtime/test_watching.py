"""What an operator sees of one request: the same ids at every station, and metrics that every role gives out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.infra.runtime.conftest import House, until
from tests.infra.runtime.processes import HouseInProcesses, installed, needs_servers

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CALLER = {"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01", "X-Request-Id": "proxy-0815"}
STATIONS = ["thing made", "thing remembered", "thing finished"]
REQUESTS = "lotse_http_requests_total", "lotse_http_request_duration_seconds_count", "lotse_http_requests_in_progress"
LEAVING = (
    "lotse_relay_active",
    "lotse_outbox_backlog_events",
    "lotse_outbox_oldest_waiting_seconds",
    "lotse_log_position",
)
ARRIVING = (
    "lotse_events_handled_total",
    "lotse_handler_duration_seconds_count",
    "lotse_event_lag_seconds_count",
    "lotse_dead_letters_waiting",
    "lotse_events_parked",
    "lotse_checkpoint_position",
)
WORKED = "lotse_jobs_total", "lotse_job_duration_seconds_count"
CONFIRMED = "lotse_broker_confirm_duration_seconds_count"
ALWAYS = "lotse_build_info", "process_resident_memory_bytes"


async def metrics_of(session: aiohttp.ClientSession, port: int) -> dict[str, list[float]]:
    """The values of every metric that a process gives out, by name."""
    async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    found: dict[str, list[float]] = {}
    for line in lines:
        if not line.startswith("#"):
            found.setdefault(re.split(r"[{ ]", line, maxsplit=1)[0], []).append(float(line.rpartition(" ")[2]))
    return found


def stations(printed: str) -> list[dict[str, Any]]:
    """The log lines of what happened to the thing of this trace, in the order of its way."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    own = [line for line in lines if line.get("trace_id") == TRACE_ID and line["message"] in STATIONS]
    return sorted(own, key=lambda line: STATIONS.index(line["message"]))


async def make(session: aiohttp.ClientSession, port: int, **headers: str) -> str:
    """Make a thing through the gateway; the id under which the answer says that the request is found."""
    url = f"http://127.0.0.1:{port}/left/things"
    async with session.post(url, json={"name": "thing"}, headers=headers) as answer:
        assert answer.status == 201
        return answer.headers["lotse-request-id"]


def assert_one_story(lines: list[dict[str, Any]]) -> str:
    """Request, handler and job belong to one story and say what led to them; the story's id."""
    assert [line["message"] for line in lines] == STATIONS
    made, remembered, finished = lines
    assert made["correlation_id"] == remembered["correlation_id"] == finished["correlation_id"]
    assert made["correlation_id"] != "proxy-0815", "what a caller calls a request names no story of ours"
    assert made["causation_id"] == ""
    assert remembered["causation_id"] == finished["causation_id"] != ""
    assert made["request_id"] == "proxy-0815"
    return str(made["correlation_id"])


async def test_the_all_in_one_shows_one_story_and_counts_everything(house: House) -> None:
    assert await make(house.session, house.port, **CALLER) == "proxy-0815"

    async def finished() -> bool:
        return "thing" in await house.finished() and len(stations(house.printed())) == 3

    await until(finished)
    assert_one_story(stations(house.printed()))
    found = await metrics_of(house.session, house.port)
    hop = ("lotse_hop_duration_seconds_count", "lotse_events_recorded_total", "lotse_events_published_total")
    wanted = {*ALWAYS, *REQUESTS, *hop, *LEAVING, *ARRIVING, *WORKED, "lotse_jobs_waiting"}
    assert wanted <= found.keys(), wanted - found.keys()
    assert found["lotse_measure_failures_total"] == [0.0]
    assert found["lotse_relay_active"] == [1.0, 1.0]
    assert not [name for name in found if name.endswith("_created")]

    async def dealt_with() -> bool:  # the mark that moves the checkpoint comes within a second
        now = await metrics_of(house.session, house.port)
        return max(now["lotse_log_position"]) == max(now["lotse_checkpoint_position"])

    await until(dealt_with)


async def test_a_name_that_could_do_harm_is_not_taken_over(house: House) -> None:
    for name in ("a" * 65, "two words", 'x"; rm', "-x", ""):
        parent = f"00-{'0' * 32}-{'0' * 16}-01"
        given = await make(house.session, house.port, **{"X-Request-Id": name, "traceparent": parent})
        assert re.fullmatch(r"[0-9a-f-]{36}", given)
        made = [json.loads(line) for line in house.printed().splitlines() if '"thing made"' in line][-1]
        assert made["request_id"] == given
        assert set(made["trace_id"]) != {"0"}


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[HouseInProcesses]:
    """The house in separate processes."""
    async with installed(tmp_path) as made:
        assert (await made.run("migrate"))[0] == 0
        roles = (("web", "left"), ("background", "left"), ("web", "right"), ("background", "right"), ("gateway",))
        await asyncio.gather(*(made.start(*role) for role in (*roles, ("worker", "right"), ("beat", "right"))))
        yield made


@pytest.mark.rabbitmq
@pytest.mark.postgres
@needs_servers[-1]
async def test_separate_processes_show_one_story_and_each_counts_its_own(processes: HouseInProcesses) -> None:
    ports = processes.ports
    assert await make(processes.session, ports["gateway",], **CALLER) == "proxy-0815"
    await processes.until_heard("thing", done=True)

    async def told() -> bool:
        return len(stations(processes.printed())) == 3

    await until(told)
    story = assert_one_story(stations(processes.printed()))
    rows = await processes.on_database("left", "SELECT correlation_id, traceparent FROM outbox")
    assert [(row["correlation_id"], row["traceparent"][3:35]) for row in rows] == [(story, TRACE_ID)]

    roles: dict[tuple[str, ...], tuple[str, ...]] = {
        ("gateway",): (*REQUESTS, "lotse_hop_duration_seconds_count"),
        ("web", "left"): (*REQUESTS, "lotse_events_recorded_total", "lotse_database_pool_connections"),
        ("background", "left"): (
            *LEAVING,
            "lotse_events_published_total",
            CONFIRMED,
        ),
        ("background", "right"): (*LEAVING, *ARRIVING, "lotse_database_pool_connections"),
        ("worker", "right"): WORKED,
        ("beat", "right"): ("lotse_jobs_waiting",),
    }
    for role, wanted in roles.items():
        found = await metrics_of(processes.session, ports[role])
        assert {*ALWAYS, *wanted} <= found.keys(), (role, set(wanted) - found.keys())
        assert found["lotse_measure_failures_total"] == [0.0], role
