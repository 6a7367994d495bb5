"""The public API when a service is away or broken: a problem document that tells nothing of the inside."""

from __future__ import annotations

import pytest

from tests.gateway.api_client import Program, problem
from tests.gateway.test_parts_away import visitor
from tests.gateway.world import World


@pytest.mark.parametrize("broken", [False, True])
async def test_a_missing_service_is_unavailable(world: World, broken: bool) -> None:
    async with visitor(world, "search", broken) as browser:
        program = Program(browser)
        answer = await program.get("/search", params={"q": "kurs"})
        assert problem(answer, 503)["code"] == "unavailable"
        assert "secret details" not in answer.text
        problem(await program.get("/openapi.json"), 503)
        assert (await program.get("/offers")).status_code == 200


@pytest.mark.parametrize("broken", [False, True])
async def test_nobody_is_taken_for_a_visitor_when_contacts_cannot_tell(world: World, broken: bool) -> None:
    async with visitor(world, "contacts", broken) as browser:
        problem(await Program(browser, "irgendein-token").get("/spaces"), 503)
        assert (await Program(browser).get("/spaces")).status_code == 200
