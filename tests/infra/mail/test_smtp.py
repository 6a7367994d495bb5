"""The way to an SMTP server: what its answers mean, and that the connection is used again."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from infra.mail import Outcome, Result, SmtpMailer
from infra.mail.servers import Server, ServerPool, parse_url, parse_urls
from infra.mail.verdicts import as_kept
from tests.infra.mail.sink import DROP, SILENCE, Sink
from tests.infra.mail.test_message import MAIL


async def outcomes(sink: Sink, count: int = 1, url: str = "", patience: float = 5.0) -> list[Outcome]:
    mailer = SmtpMailer(ServerPool(parse_urls(url or sink.url, patience)))
    try:
        return [await mailer.send(replace(MAIL, recipient=f"r{number}@example.org")) for number in range(count)]
    finally:
        await mailer.close()


def at(step: str, reply: str) -> Sink:
    return Sink(lambda asked, _argument: reply if asked == step else None)


async def test_mails_go_over_one_connection_unchanged() -> None:
    async with Sink().listening() as sink:
        sent = await outcomes(sink, 3)
    assert [outcome.result for outcome in sent] == [Result.ACCEPTED] * 3
    assert sent[0].code == 250
    assert sent[0].reply == "2.0.0 taken"
    assert sink.connections == 1
    assert [mail.recipient for mail in sink.received] == ["r0@example.org", "r1@example.org", "r2@example.org"]
    assert b"Subject: =?utf-8?" in sink.received[0].content
    assert b"\r\n.\r\n" in sink.received[0].content  # the line that is only a dot came through


@pytest.mark.parametrize(
    ("step", "reply", "result", "server_fault"),
    [
        ("RCPT", "450 4.2.1 mailbox busy", Result.TEMPORARY, False),
        ("RCPT", "550 5.1.1 no such user", Result.PERMANENT, False),
        ("END", "451 4.3.0 greylisted", Result.TEMPORARY, False),
        ("END", "554 5.7.1 content refused", Result.PERMANENT, False),
        ("DATA", "451 4.3.0 later", Result.TEMPORARY, False),
        ("DATA", "554 5.5.1 no valid recipients", Result.PERMANENT, False),
        ("MAIL", "550 5.7.1 sender refused", Result.TEMPORARY, True),
        ("MAIL", "421 4.3.2 closing", Result.TEMPORARY, True),
        ("END", DROP, Result.TEMPORARY, False),
        ("MAIL", DROP, Result.TEMPORARY, True),
    ],
)
async def test_what_the_servers_answers_mean(step: str, reply: str, result: Result, server_fault: bool) -> None:
    async with at(step, reply).listening() as sink:
        [outcome] = await outcomes(sink)
    assert (outcome.result, outcome.server_fault) == (result, server_fault)
    if reply != DROP:
        assert outcome.code == int(reply[:3])
        assert outcome.reply == reply[4:]


async def test_a_refusal_does_not_spoil_the_connection_for_the_next_mail() -> None:
    refused = Sink(lambda step, argument: "550 5.1.1 unknown" if step == "RCPT" and "r0@" in argument else None)
    async with refused.listening() as sink:
        first, second = await outcomes(sink, 2)
    assert (first.result, second.result) == (Result.PERMANENT, Result.ACCEPTED)
    assert sink.connections == 1
    assert "RSET" in sink.steps


async def test_after_a_lost_connection_the_next_mail_makes_a_new_one() -> None:
    dropping = Sink(lambda step, argument: DROP if step == "END" and "r0@" in argument else None)
    async with dropping.listening() as sink:
        first, second = await outcomes(sink, 2)
    assert (first.result, second.result) == (Result.TEMPORARY, Result.ACCEPTED)
    assert sink.connections == 2


async def test_a_server_that_is_not_there_is_a_passing_fault() -> None:
    async with Sink().listening() as sink:
        url = sink.url
    [outcome] = await outcomes(sink, url=url)
    assert (outcome.result, outcome.code, outcome.server_fault) == (Result.TEMPORARY, 0, True)


async def test_a_server_that_does_not_answer_in_time_is_a_passing_fault() -> None:
    async with at("MAIL", SILENCE).listening() as sink:
        [outcome] = await outcomes(sink, patience=0.2)
    assert (outcome.result, outcome.server_fault) == (Result.TEMPORARY, True)
    assert sink.received == []


async def test_it_signs_in_where_the_address_names_a_user() -> None:
    given: list[str] = []

    def script(step: str, argument: str) -> str | None:
        if step == "AUTH":
            given.append(argument)
        return None

    async with Sink(script, extensions=("AUTH PLAIN",)).listening() as sink:
        [outcome] = await outcomes(sink, url=f"smtp://us%40er:pass%3Aword@127.0.0.1:{sink.port}")
    assert outcome.result is Result.ACCEPTED
    assert base64.b64decode(given[0].removeprefix("PLAIN ")) == b"\0us@er\0pass:word"


async def test_a_refused_sign_in_keeps_the_mail() -> None:
    sink = at("AUTH", "535 5.7.8 wrong password")
    sink.extensions = ("AUTH PLAIN",)
    async with sink.listening():
        [outcome] = await outcomes(sink, url=f"smtp://u:p@127.0.0.1:{sink.port}")
    assert (outcome.result, outcome.code, outcome.server_fault) == (Result.TEMPORARY, 535, True)


async def test_where_tls_is_asked_for_nothing_goes_in_clear() -> None:
    async with Sink().listening() as sink:  # offers no STARTTLS
        [outcome] = await outcomes(sink, url=f"smtp+starttls://u:p@127.0.0.1:{sink.port}")
    assert (outcome.result, outcome.server_fault) == (Result.TEMPORARY, True)
    assert set(sink.steps) <= {"HELO", "QUIT"}


async def test_after_a_rest_the_connection_is_asked_first_and_made_anew_when_it_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("infra.mail.connection.IDLE_SECONDS", -1.0)
    async with Sink().listening() as sink:
        assert [outcome.result for outcome in await outcomes(sink, 2)] == [Result.ACCEPTED] * 2
        assert sink.steps.count("NOOP") == 1
        assert sink.connections == 1
    async with at("NOOP", DROP).listening() as sink:
        assert [outcome.result for outcome in await outcomes(sink, 2)] == [Result.ACCEPTED] * 2
        assert sink.connections == 2


async def test_a_server_that_speaks_no_tls_gets_nothing_over_smtps() -> None:
    async with Sink().listening() as sink:
        [outcome] = await outcomes(sink, url=f"smtps://u:p@127.0.0.1:{sink.port}")
    assert (outcome.result, outcome.server_fault) == (Result.TEMPORARY, True)
    assert sink.received == []


def test_addresses_of_servers() -> None:
    assert parse_url("smtp://mail.example.org") == Server("smtp", "mail.example.org", 25)
    assert parse_url("smtps://u:p@h:1465") == Server("smtps", "h", 1465, "u", "p")
    assert parse_url("smtp+starttls://h").port == 587
    for wrong in ("http://h", "smtp://", "h:25"):
        with pytest.raises(ValueError, match="expected smtp"):
            parse_url(wrong)


def test_words_of_servers_are_kept_without_mailboxes() -> None:
    said = b"5.1.1 <anna.m+x@example.org>: user\r\n unknown; write to postmaster@mx.example.net"
    assert as_kept(said) == "5.1.1 <…@example.org>: user unknown; write to …@mx.example.net"
    assert len(as_kept(b"x" * 5000)) == 500
