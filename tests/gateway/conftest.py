"""A whole Lotse behind the gateway, made once and copied for every test, and browsers of its people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.gateway.api_client import Program, program_of
from tests.gateway.world import Browser, World, fill, world_of

_filled: list[Path] = []


class Opener(Protocol):
    """Opens a browser, signed in when an e-mail address is given."""

    async def __call__(self, email: str = "", **headers: str) -> Browser:
        """The browser; closed when the test ends."""
        ...


@pytest.fixture
async def world(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world of its own for every test."""
    if not _filled:
        folder = tmp_path_factory.mktemp("filled")
        await fill(folder)
        _filled.append(folder)
    async with world_of(_filled[0], tmp_path) as made:
        yield made


@pytest.fixture
async def open_browser(world: World) -> AsyncIterator[Opener]:
    """Opens browsers in the test's world."""
    async with AsyncExitStack() as stack:

        async def opened(email: str = "", **headers: str) -> Browser:
            browser = await stack.enter_async_context(Browser(world, **headers))
            if email:
                await browser.sign_in(email)
            return browser

        yield opened


@pytest.fixture
async def api(world: World) -> AsyncIterator[Program]:
    """A program that is nobody yet."""
    program = program_of(world)
    async with program.http:
        yield program
