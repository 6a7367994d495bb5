"""The parts of the runtime one by one: stopping in order, the lock, the port, the socket's path, the tables."""

from __future__ import annotations

import asyncio
import platform
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from infra.runtime.control import socket_path
from infra.runtime.datalock import data_lock
from infra.runtime.doctor import private
from infra.runtime.http import FIRST_PORT, HttpServer, bind
from infra.runtime.memory import few_heaps
from infra.runtime.problems import EXIT_FAULT, CannotStart
from infra.runtime.settings_table import RUNBOOK, with_table
from infra.runtime.shutdown import Signals, Stoppable, StopRequested
from infra.runtime.supervision import Supervisor
from infra.runtime.welcome import base_url, welcome
from infra.settings import load
from tests.instance import ROOT, free_port


async def test_parts_stop_in_the_reverse_order_of_their_start() -> None:
    @asynccontextmanager
    async def opened(name: str) -> AsyncIterator[str]:
        yield name

    async with Stoppable() as parts:
        assert await parts.enter("databases", opened("databases")) == "databases"
        for name in ("relay", "worker", "consumer", "http"):
            parts.on_stop(name, _well)
    assert parts.stopped == ["http", "consumer", "worker", "relay", "databases"]


async def test_a_part_that_does_not_stop_is_given_up_and_the_rest_still_stops() -> None:
    async def never(_seconds: float) -> None:
        await asyncio.Event().wait()

    started = time.monotonic()
    async with Stoppable(seconds=0.1) as parts:
        parts.on_stop("databases", _well)
        parts.on_stop("worker", never)
    assert parts.stopped == ["worker", "databases"]
    assert time.monotonic() - started < 5


async def test_a_failing_part_is_told_after_all_have_stopped() -> None:
    async def fail(_seconds: float) -> None:
        raise OSError("broken")

    parts = Stoppable()
    with pytest.raises(OSError, match="broken"):
        async with parts:
            parts.on_stop("databases", _well)
            parts.on_stop("broker", fail)
    assert parts.stopped == ["databases"]


async def _well(seconds: float) -> None:
    assert seconds > 0


async def test_work_is_cancelled_when_the_process_shall_stop_while_it_starts() -> None:
    signals = Signals()
    cancelled = asyncio.Event()

    async def fill() -> None:
        signals.stop.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(StopRequested):
        await signals.unless_stopped(fill())
    assert cancelled.is_set()


async def test_a_failure_while_starting_is_not_swallowed() -> None:
    async def fill() -> None:
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        await Signals().unless_stopped(fill())


async def test_a_task_that_ends_by_itself_stops_the_process() -> None:
    signals = Signals()
    supervisor = Supervisor(signals)

    async def relay() -> None:
        raise OSError("broken")

    supervisor.start("relay", relay())
    assert supervisor.running()
    await asyncio.wait_for(signals.stop.wait(), 5)
    assert not supervisor.running()
    assert supervisor.exit_code == EXIT_FAULT


async def test_a_task_that_ends_when_asked_to_is_no_fault() -> None:
    signals = Signals()
    supervisor = Supervisor(signals)

    async def relay() -> None:
        await signals.stop.wait()

    task = supervisor.start("relay", relay())
    signals.stop.set()
    await task
    assert supervisor.exit_code == 0


def test_only_one_process_has_a_data_folder(tmp_path: Path) -> None:
    with data_lock(tmp_path / "data"):
        code = (
            "import sys; from pathlib import Path; from infra.runtime.datalock import data_lock\n"
            "from infra.runtime.problems import CannotStart\n"
            "try:\n  with data_lock(Path(sys.argv[1])): print('has it')\n"
            "except CannotStart as problem: print(problem)"
        )
        command = [sys.executable, "-c", code, str(tmp_path / "data")]
        refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    taken = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "in use by another Lotse" in refused
    assert taken == "has it\n"


def test_a_data_folder_that_cannot_be_made_is_told_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="LOTSE_DATA_DIR"), data_lock(tmp_path / "file" / "data"):
        pass


def test_a_taken_port_is_refused_when_asked_for_and_passed_over_when_not() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(CannotStart, match="is taken"):
            bind("127.0.0.1", other.getsockname()[1])
    with bind("127.0.0.1", None) as first, bind("127.0.0.1", None) as second:
        assert FIRST_PORT <= first.getsockname()[1] < second.getsockname()[1]


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotStart, match="LOTSE_HOST"):
        bind("192.0.2.1", free_port())


async def test_a_request_in_hand_is_finished_when_the_server_stops() -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        begun.set()
        await may_end.wait()
        return PlainTextResponse("done")

    sock = bind("127.0.0.1", free_port())
    url = f"http://127.0.0.1:{sock.getsockname()[1]}/"
    server = HttpServer(Starlette(routes=[Route("/", slow)]), sock)
    await server.start()
    async with aiohttp.ClientSession() as client:
        asking = asyncio.create_task(_text(client, url))
        await begun.wait()
        stopping = asyncio.create_task(server.stop(10))
        with pytest.raises(aiohttp.ClientConnectionError):
            async with asyncio.timeout(10):
                while True:
                    await _text(client, f"{url}nobody")
        may_end.set()
        assert await asking == "done"
        await stopping


async def _text(client: aiohttp.ClientSession, url: str) -> str:
    async with client.get(url) as answer:
        return await answer.text()


def test_the_socket_of_a_deep_folder_has_a_short_path(tmp_path: Path) -> None:
    assert socket_path(tmp_path).parent in (tmp_path, Path("/tmp"))
    deep = tmp_path / ("x" * 120)
    assert len(str(socket_path(deep))) < 100
    assert socket_path(deep) != socket_path(tmp_path / ("y" * 120))


def test_the_address_is_one_a_browser_understands() -> None:
    with bind("0.0.0.0", None) as sock:
        port = sock.getsockname()[1]
        assert base_url("0.0.0.0", sock) == f"http://127.0.0.1:{port}"
        assert base_url("::1", sock) == f"http://[::1]:{port}"


def test_outside_the_demo_the_welcome_names_no_sign_ins_and_where_mails_stay() -> None:
    settings = load({"LOTSE_SECRET": "s" * 32, "LOTSE_BASE_URL": "https://lotse.example.org"})
    text = welcome(settings)
    assert text.startswith("Lotse läuft: https://lotse.example.org/")
    assert "Vorführung" not in text
    assert str(settings.data_dir) in text
    assert "LOTSE_IMPRINT still holds the template" in text
    own = load(
        {"LOTSE_SECRET": "s" * 32, "LOTSE_SMTP_URL": "smtp://mail.example.org", "LOTSE_IMPRINT": "Netz e. V. | Ort"}
    )
    assert "LOTSE_" not in welcome(own)


def test_the_runbook_has_the_current_settings() -> None:
    text = RUNBOOK.read_text(encoding="utf-8")
    assert with_table(text) == text, "run: make docs"


def test_a_runbook_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        with_table("no table here")


def test_heaps_are_limited_where_there_is_glibc() -> None:
    assert few_heaps() == (platform.libc_ver()[0] == "glibc")


def test_a_data_folder_that_strangers_can_look_into_is_told(tmp_path: Path) -> None:
    assert private(tmp_path / "to be made").well
    for mode, well in ((0o700, True), (0o750, True), (0o755, False), (0o701, False)):
        tmp_path.chmod(mode)
        assert private(tmp_path).well is well
    assert "chmod -R o-rwx" in private(tmp_path).line()
