"""The plan of processes follows from what the services say of themselves."""

from __future__ import annotations

from itertools import repeat

from infra.jobs import Jobs
from infra.runtime.plan import MIGRATE, SEED, plan
from infra.runtime.service import Service
from infra.runtime.service import load as load_services
from infra.settings import load
from tests.house.left.service import service as left
from tests.house.right.service import service as right
from tests.toy.service import service as toy

REAL = load_services(load({"LOTSE_DEMO": "1"}).services)
PARTS = ("contacts", "forum", "newsletter")
ROLES = ("web", "background", "worker", "beat")


def names(services: list[Service], *together: str) -> list[str]:
    return [process.name for process in plan(services, together=together)]


def test_what_lotse_consists_of() -> None:
    parts = [f"{service}-{role}" for service in PARTS for role in ROLES]
    assert names(REAL) == [*parts, *(f"search-{role}" for role in ROLES), "gateway"]
    assert names(REAL, "search") == [*parts, "search-service", "gateway"]


def test_worker_and_beat_only_where_there_is_work_for_them() -> None:
    assert names([left, right]) == [
        "left-web",
        "left-background",
        *(f"right-{role}" for role in ROLES),
        "gateway",
    ]
    asked = Jobs("toy")
    asked.task("on_request")(_nothing)
    on_request = Service(toy.name, toy.package, toy.app, toy.handlers, asked)
    assert names([on_request]) == ["toy-web", "toy-background", "toy-worker", "gateway"]


async def _nothing() -> None:
    return


def test_arguments_are_those_of_the_command_line() -> None:
    found = {process.name: (process.arguments, process.role, process.service) for process in plan([left])}
    assert found == {
        "left-web": (("web", "left"), "web", "left"),
        "left-background": (("background", "left"), "background", "left"),
        "gateway": (("gateway",), "gateway", ""),
    }
    assert (MIGRATE.arguments, SEED.arguments) == (("migrate",), ("seed",))


def test_every_process_has_a_port_of_its_own_and_the_gateway_the_first() -> None:
    ports = {process.name: process.port for process in plan([left])}
    assert ports == {"gateway": 8000, "left-web": 8001, "left-background": 8002}
    assert {process.port for process in plan([left], ports=repeat(9000))} == {9000}


def test_who_answers_requests() -> None:
    answering = [process.name for process in plan(REAL, together=["search"]) if process.answers]
    assert answering == ["contacts-web", "forum-web", "newsletter-web", "search-service", "gateway"]
