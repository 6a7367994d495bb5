"""The way from the gateway to a service: one behaviour, in process and over HTTP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from infra import tracing
from infra.errors import Unavailable
from infra.web.client import InProcess, OverHttp, ServiceClient, Transport, segment
from tests.instance import free_port
from tests.kit import Database, identity, running
from tests.toy.service import service


@asynccontextmanager
async def served(app: object, port: int) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))  # type: ignore[arg-type]
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


class TransportSuite:
    """What every transport does. Subclasses give the fixture `client`."""

    async def test_it_carries_identity_language_query_and_body(self, client: ServiceClient) -> None:
        made = await client.request("toy", "POST", "/things", identity=identity("anna"), body={"name": "ä b"})
        assert (made.status, made.json()["account"], made.headers["etag"]) == (201, "anna", '"1"')
        listed = await client.request("toy", "GET", "/things", query={"names": ["ä b", "x"], "limit": None})
        assert listed.json() == {"items": ["ä b"]}
        assert (await client.request("toy", "GET", f"/things/{segment('ä b')}", language="en")).json() == {
            "name": "ä b",
            "if_match": None,
            "language": "en",
        }

    async def test_problems_and_empty_answers_come_through(self, client: ServiceClient) -> None:
        refused = await client.request("toy", "POST", "/things", body={"name": 1}, language="en")
        assert (refused.status, refused.ok) == (422, False)
        assert refused.json()["fields"][0]["field"] == "name"
        empty = await client.request("toy", "POST", "/nothing")
        assert (empty.status, empty.ok, empty.json()) == (204, True, None)
        assert (await client.request("toy", "GET", "/fault")).status == 500

    async def test_a_callers_identity_header_is_replaced(self, client: ServiceClient) -> None:
        answer = await client.request(
            "toy", "POST", "/things", body={"name": "x"}, headers={"Lotse-Identity": "forged"}
        )
        assert answer.json()["account"] == ""

    async def test_the_story_goes_on_in_the_service(self, client: ServiceClient) -> None:
        from tests.toy.models import Outbox

        with tracing.bound(tracing.new_trace(correlation_id="story")):
            await client.request("toy", "POST", "/things", body={"name": "x"})
        assert [row.correlation_id for row in await Outbox.all()] == ["story"]


class TestInProcess(TransportSuite):
    @pytest.fixture
    async def client(self, sqlite: Database) -> AsyncIterator[ServiceClient]:
        async with running([service], sqlite) as kit:
            yield kit.client


class TestOverHttp(TransportSuite):
    @pytest.fixture
    async def client(self, sqlite: Database) -> AsyncIterator[ServiceClient]:
        port = free_port()
        async with running([service], sqlite) as kit, served(service.app(kit.settings), port):
            transport: Transport = OverHttp({"toy": f"http://127.0.0.1:{port}"})
            client = ServiceClient(transport, kit.settings.secret)
            yield client
            await client.close()


async def test_nobody_at_home_is_unavailable_and_in_the_log_with_the_number_that_the_reader_sees(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[tuple[str, str]] = []

    def note(record: logging.LogRecord) -> bool:
        seen.append((tracing.current().correlation_id, record.getMessage()))
        return True

    caplog.handler.addFilter(note)
    client = ServiceClient(OverHttp({"toy": f"http://127.0.0.1:{free_port()}"}), "secret")
    with tracing.bound(tracing.new_trace(correlation_id="story")), pytest.raises(Unavailable):
        await client.request("toy", "GET", "/things?q=somebody")
    await client.close()
    caplog.handler.removeFilter(note)
    assert seen == [("story", "toy cannot be reached (ClientConnectorError)")]


async def test_a_service_that_answers_nobody_holds_up_no_other() -> None:
    async def stuck(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    async def well(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()

    released = asyncio.Event()
    servers = [await asyncio.start_server(each, "127.0.0.1", 0) for each in (stuck, well)]
    urls = [f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers]
    client = ServiceClient(OverHttp(dict(zip(("stuck", "well"), urls, strict=True))), "secret")
    waiting = [asyncio.create_task(client.request("stuck", "GET", "/")) for _ in range(150)]
    await asyncio.sleep(0.1)  # each has asked for a connection
    try:
        assert (await asyncio.wait_for(client.request("well", "GET", "/"), 3)).status == 204
    finally:
        released.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        await client.close()
        for server in servers:
            server.close()


async def test_an_unknown_service_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        await ServiceClient(InProcess({}), "secret").request("toy", "GET", "/things")
