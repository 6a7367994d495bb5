"""Several mail servers: who takes the next mail, real TLS and sign-in, SMTPUTF8, signatures on the way."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.mail import Outcome, Result, SmtpMailer
from infra.mail.connection import NEEDS_UTF8
from infra.mail.servers import Server, ServerPool, parse_urls
from infra.mail.signing import Signer
from tests.infra.mail.certificates import certificate
from tests.infra.mail.sink import DROP, Sink, busy, dropping_in_data, first_of, late, refusing
from tests.infra.mail.test_message import MAIL

PATIENCE_SECONDS = 10
UTF8 = ("SMTPUTF8", "8BITMIME")


@asynccontextmanager
async def mailer_to(
    *urls: str, patience: float = 5.0, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[SmtpMailer]:
    mailer = SmtpMailer(ServerPool(parse_urls(",".join(urls), patience), clock))
    try:
        yield mailer
    finally:
        await mailer.close()


@asynccontextmanager
async def both(first: Sink, second: Sink, clock: Callable[[], float] = time.monotonic) -> AsyncIterator[SmtpMailer]:
    """A mailer to two servers, the first being the better one."""
    async with first.listening(), second.listening(), mailer_to(first.url, second.url, clock=clock) as mailer:
        yield mailer


async def send(mailer: SmtpMailer, *recipients: str) -> list[Outcome]:
    return [await mailer.send(replace(MAIL, recipient=recipient)) for recipient in recipients]


def to(sink: Sink) -> list[str]:
    return [mail.recipient for mail in sink.received]


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_server_that_failed_rests_longer_each_time_and_comes_back() -> None:
    clock, (first, second) = Clock(), parse_urls("smtp://a.example.org,smtp://b.example.org")
    pool = ServerPool((first, second), clock)
    assert pool.available() == [first, second]
    pool.failed(first)
    pool.failed(first)  # another connection broke at the same moment: that is one failure
    assert pool.available() == [second]
    assert pool.rest_seconds() == 0
    clock.now += 5
    assert pool.available() == [first, second]
    pool.failed(first)
    clock.now += 5
    assert pool.available() == [second]
    pool.failed(second)
    assert pool.available() == [first], "when all rest, the one that is back first"
    assert pool.rest_seconds() == 5
    clock.now += 5
    pool.worked(first)
    pool.failed(first)
    clock.now += 5
    assert first in pool.available(), "what worked in between begins anew"


def test_no_rest_is_longer_than_five_minutes() -> None:
    clock, servers = Clock(), parse_urls("smtp://a.example.org,smtp://b.example.org")
    pool = ServerPool(servers, clock)
    for _ in range(20):
        clock.now += 300
        pool.failed(servers[0])
    clock.now += 299
    assert servers[0] not in pool.available()
    clock.now += 1
    assert servers[0] in pool.available()


async def test_the_next_server_takes_what_the_first_does_not_and_gives_it_back() -> None:
    clock, down = Clock(), busy("421 4.3.2 going down", "MAIL")
    first, second = Sink(down), Sink()
    async with both(first, second, clock) as mailer:
        outcomes = await send(mailer, "r1@example.org", "r2@example.org")
        assert first.connections == 1, "it rests after its failure"
        clock.now += 5
        first.script = lambda _step, _argument: None
        outcomes += await send(mailer, "r3@example.org")
    assert [outcome.result for outcome in outcomes] == [Result.ACCEPTED] * 3
    assert (to(first), to(second)) == (["r3@example.org"], ["r1@example.org", "r2@example.org"])


async def test_when_none_is_there_mails_wait_and_are_the_servers_fault() -> None:
    async with Sink().listening() as first, Sink().listening() as second:
        urls = (first.url, second.url)
    async with mailer_to(*urls) as mailer:
        [outcome] = await send(mailer, "r@example.org")
    assert (outcome.result, outcome.server_fault) == (Result.TEMPORARY, True)


async def test_a_refused_recipient_is_not_tried_at_the_next_server() -> None:
    first, second = Sink(refusing("gmx.example")), Sink()
    async with both(first, second) as mailer:
        outcomes = await send(mailer, "r@gmx.example", "r@example.org")
    assert [outcome.result for outcome in outcomes] == [Result.PERMANENT, Result.ACCEPTED]
    assert (to(first), second.connections) == (["r@example.org"], 0)


async def test_a_server_that_hangs_up_in_one_content_is_tried_again_in_two_it_rests() -> None:
    first, second = Sink(dropping_in_data()), Sink()
    async with both(first, second) as mailer:
        outcomes = await send(mailer, "r1@example.org", "r2@example.org", "r3@example.org")
    lost = (Result.TEMPORARY, False)
    assert [(outcome.result, outcome.server_fault) for outcome in outcomes[:2]] == [lost, lost]
    assert outcomes[2].result is Result.ACCEPTED
    assert to(second) == ["r3@example.org"], "what may have gone out is never sent by another one at once"


async def test_a_slow_mail_holds_up_no_other() -> None:
    go_on = asyncio.Event()
    slow = late(go_on, concerns=lambda recipient: recipient.startswith("slow@"))
    async with Sink(slow).listening() as sink, mailer_to(sink.url) as mailer:
        waiting = asyncio.create_task(send(mailer, "slow@example.org"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "DATA" not in sink.steps:
                await asyncio.sleep(0.01)
            [quick] = await send(mailer, "quick@example.org")
        assert (quick.result, waiting.done()) == (Result.ACCEPTED, False)
        go_on.set()
        assert (await waiting)[0].result is Result.ACCEPTED
    assert to(sink) == ["quick@example.org", "slow@example.org"]
    assert sink.connections == 2


async def test_closing_breaks_off_what_hangs_at_a_server() -> None:
    async with Sink(late(asyncio.Event())).listening() as sink:
        mailer = SmtpMailer(ServerPool(parse_urls(sink.url)))
        hanging = asyncio.create_task(send(mailer, "slow@example.org"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "DATA" not in sink.steps:
                await asyncio.sleep(0.01)
            hanging.cancel()
            await mailer.close()
            while [thread for thread in threading.enumerate() if thread.name.startswith("smtp")]:
                await asyncio.sleep(0.01)


async def test_no_more_connections_than_the_server_allows() -> None:
    async with Sink().listening() as sink, mailer_to(f"{sink.url}?connections=2") as mailer:
        outcomes = await asyncio.gather(*(send(mailer, f"r{number}@example.org") for number in range(12)))
    assert {outcome.result for [outcome] in outcomes} == {Result.ACCEPTED}
    assert len(sink.received) == 12
    assert sink.connections <= 2


async def test_an_answer_that_comes_late_is_waited_for_longer_than_others() -> None:
    """After the final dot the mail may be on its way: who gives up then sends it twice."""
    go_on = asyncio.Event()
    async with Sink(late(go_on)).listening() as sink, mailer_to(sink.url, patience=0.3) as mailer:
        waiting = asyncio.create_task(send(mailer, "r@example.org"))
        asyncio.get_running_loop().call_later(0.6, go_on.set)
        assert (await waiting)[0].result is Result.ACCEPTED


def signed_in(given: list[str]) -> Sink:
    def script(step: str, argument: str) -> str | None:
        if step == "AUTH":
            given.append(base64.b64decode(argument.removeprefix("PLAIN ")).decode())
        return None

    return Sink(script, extensions=("AUTH PLAIN",))


@pytest.mark.parametrize("starttls", [False, True])
async def test_over_tls_with_a_trusted_certificate_it_signs_in(trusted: ssl.SSLContext, starttls: bool) -> None:
    given: list[str] = []
    sink = signed_in(given)
    sink.tls, sink.starttls = trusted, starttls
    scheme = "smtp+starttls" if starttls else "smtps"
    async with sink.listening(), mailer_to(f"{scheme}://anna:geheim@127.0.0.1:{sink.port}") as mailer:
        [outcome] = await send(mailer, "r@example.org")
    assert outcome.result is Result.ACCEPTED
    assert given == ["\0anna\0geheim"]
    assert sink.steps[:4] == (["HELO", "STARTTLS", "HELO", "AUTH"] if starttls else ["HELO", "AUTH", "MAIL", "RCPT"])


@pytest.mark.parametrize("starttls", [False, True])
async def test_to_a_stranger_with_a_certificate_of_its_own_nothing_is_said(tmp_path: Path, starttls: bool) -> None:
    given: list[str] = []
    sink = signed_in(given)
    _, sink.tls = certificate(tmp_path)
    sink.starttls = starttls
    scheme = "smtp+starttls" if starttls else "smtps"
    async with sink.listening(), mailer_to(f"{scheme}://anna:geheim@127.0.0.1:{sink.port}") as mailer:
        [outcome] = await send(mailer, "r@example.org")
    assert (outcome.result, outcome.server_fault) == (Result.TEMPORARY, True)
    assert "certificate" in outcome.reply.lower()
    assert given == []
    assert "MAIL" not in sink.steps


async def test_an_address_beyond_ascii_goes_only_where_that_is_offered() -> None:
    async with Sink().listening() as plain, Sink(extensions=UTF8).listening() as able:
        async with mailer_to(plain.url, able.url) as mailer:
            outcomes = await send(mailer, "jürgen@straße.example", "anna@straße.example")
        async with mailer_to(plain.url) as mailer:
            [refused] = await send(mailer, "jürgen@example.org")
    assert [outcome.result for outcome in outcomes] == [Result.ACCEPTED] * 2
    assert to(able) == ["jürgen@xn--strae-oqa.example"]
    assert to(plain) == ["anna@xn--strae-oqa.example"], "an umlaut domain needs nothing of the server"
    assert "To: jürgen@xn--strae-oqa.example".encode() in able.received[0].content
    assert able.received[0].content.isascii() is False
    assert (refused.result, refused.reply, refused.server_fault) == (Result.PERMANENT, NEEDS_UTF8, False)


async def test_while_a_server_that_might_rests_such_an_address_is_kept() -> None:
    hanging_up = first_of(busy(DROP, "MAIL"))
    async with both(Sink(hanging_up, extensions=UTF8), Sink()) as mailer:
        assert (await send(mailer, "anna@example.org"))[0].result is Result.ACCEPTED
        [kept] = await send(mailer, "jürgen@example.org")
    assert (kept.result, kept.server_fault) == (Result.TEMPORARY, False)


async def test_envelope_and_answers_have_addresses_of_their_own_and_the_mail_is_signed() -> None:
    signer = Signer(Ed25519PrivateKey.generate(), "lotse.example.org", "s1")
    mail = replace(MAIL, envelope_sender="b+tag@back.bücher.example", reply_to="antwort@lotse.example.org")
    async with Sink().listening() as sink:
        mailer = SmtpMailer(ServerPool(parse_urls(sink.url)), signer)
        await mailer.send(mail)
        await mailer.close()
    [received] = sink.received
    assert received.sender == "b+tag@back.xn--bcher-kva.example"
    assert b"\r\nReply-To: antwort@lotse.example.org\r\n" in received.content
    assert received.content.startswith(b"DKIM-Signature: v=1; a=ed25519-sha256;")


def test_a_server_keeps_its_password_to_itself() -> None:
    server = Server("smtps", "mail.example.org", 465, "anna", "geheim")
    assert "geheim" not in f"{server!r} {server}"
