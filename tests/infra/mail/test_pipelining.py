"""Mails over pipelined connections: each once, whatever the server refuses, delays or breaks off."""

from __future__ import annotations

import ssl
from collections import deque
from pathlib import Path

import pytest

from infra.ids import new_id
from infra.mail import Outcome, Result
from infra.mail.pipelining import Parcel, SmtpCarrier
from infra.mail.servers import ServerPool, parse_url
from tests.infra.mail.certificates import certificate
from tests.infra.mail.sink import DROP, SILENCE, Script, Sink, refusing

PIPELINED = ("PIPELINING", "SMTPUTF8")
BOTH = pytest.mark.parametrize("extensions", [(), PIPELINED], ids=["step by step", "pipelined"])


class Notes:
    """An errand over some parcels that notes what it hears."""

    def __init__(self, *recipients: str, content: bytes = b"Subject: x\r\n\r\nHello\r\n") -> None:
        parcels = [Parcel(new_id(), "s@example.org", to, content, utf8=not to.isascii()) for to in recipients]
        self._waiting = deque(parcels)
        self.heard: dict[str, str] = {}
        self.begun_ones: list[str] = []
        self.replies: dict[str, str] = {}

    def left(self) -> bool:
        """See Errand."""
        return bool(self._waiting)

    def next(self) -> Parcel | None:
        """See Errand."""
        return self._waiting.popleft() if self._waiting else None

    async def more(self) -> bool:
        """See Errand."""
        return self.left()

    def begun(self, parcel: Parcel) -> None:
        """See Errand."""
        self.begun_ones.append(parcel.recipient)

    def done(self, parcel: Parcel, outcome: Outcome) -> None:
        """See Errand."""
        assert parcel.recipient not in self.heard
        self.heard[parcel.recipient] = outcome.result
        self.replies[parcel.recipient] = outcome.reply

    def unsure(self, parcel: Parcel, reason: str) -> None:
        """See Errand."""
        assert parcel.recipient not in self.heard
        self.heard[parcel.recipient] = "unsure"
        self.replies[parcel.recipient] = reason

    def back(self, parcel: Parcel) -> None:
        """See Errand."""
        self._waiting.append(parcel)


async def carried(sink: Sink, notes: Notes, expected: int = 1, seconds: float = 2.0) -> Outcome | None:
    """Hand over to the sink, by one connection for every five expected."""
    pool = ServerPool([parse_url(sink.url, seconds)])
    return await SmtpCarrier(pool.servers[0], pool).carry(notes, expected)


def readers(number: int) -> list[str]:
    return [f"r{each}@example.org" for each in range(number)]


@BOTH
async def test_all_arrive_once_over_several_connections(extensions: tuple[str, ...]) -> None:
    notes = Notes(*readers(60))
    async with Sink(extensions=extensions).listening() as sink:
        assert await carried(sink, notes, 60) is None
        assert sorted(mail.recipient for mail in sink.received) == sorted(readers(60))
        assert 1 < sink.connections <= 10
    assert set(notes.heard.values()) == {"accepted"}
    assert sorted(notes.begun_ones) == sorted(readers(60))


class FullDisk(Notes):
    """An errand that can note only the first two mails that begin."""

    def begun(self, parcel: Parcel) -> None:
        """See Errand."""
        if len(self.begun_ones) == 2:
            raise OSError("no space left")
        super().begun(parcel)


@BOTH
async def test_what_cannot_be_noted_is_not_sent_and_goes_back(extensions: tuple[str, ...]) -> None:
    notes = FullDisk(*readers(5))
    async with Sink(extensions=extensions).listening() as sink:
        with pytest.raises(ExceptionGroup) as ended:
            await carried(sink, notes)
        assert ended.group_contains(OSError)
        assert [mail.recipient for mail in sink.received] == readers(2)
    assert notes.heard == dict.fromkeys(readers(2), "accepted")
    assert notes.left(), "the third waits as those after it do"


async def test_a_content_travels_with_the_next_envelope() -> None:
    async with Sink(extensions=PIPELINED).listening() as sink:
        await carried(sink, Notes(*readers(3)))
        assert sink.steps == ["HELO", *["MAIL", "RCPT", "DATA"] * 3, "QUIT"]


@BOTH
async def test_a_refused_recipient_does_not_disturb_the_next(extensions: tuple[str, ...]) -> None:
    notes = Notes("a@gone.example", "b@example.org", "c@gone.example", "d@example.org")
    async with Sink(refusing("gone.example"), extensions=extensions).listening() as sink:
        assert await carried(sink, notes) is None
        assert [mail.recipient for mail in sink.received] == ["b@example.org", "d@example.org"]
        assert sink.connections == 1
    assert notes.heard == {
        "a@gone.example": "permanent",
        "b@example.org": "accepted",
        "c@gone.example": "permanent",
        "d@example.org": "accepted",
    }


@BOTH
@pytest.mark.parametrize(("reply", "result"), [("451 4.3.0 later", "temporary"), ("554 5.7.1 spam", "permanent")])
async def test_a_refused_content_is_the_mails_own(extensions: tuple[str, ...], reply: str, result: str) -> None:
    notes = Notes("a@example.org", "b@example.org")

    def script(step: str, argument: str) -> str | None:
        return reply if step == "END" and argument.startswith("a@") else None

    async with Sink(script, extensions=extensions).listening() as sink:
        assert await carried(sink, notes) is None
    assert notes.heard == {"a@example.org": result, "b@example.org": "accepted"}
    assert notes.replies["a@example.org"] == reply[4:]


@BOTH
async def test_a_server_that_refuses_the_sender_takes_nothing_and_costs_nothing(extensions: tuple[str, ...]) -> None:
    notes = Notes(*readers(3))
    async with Sink(lambda step, _: "550 5.7.1 who?" if step == "MAIL" else None, extensions).listening() as sink:
        hindrance = await carried(sink, notes)
    assert hindrance == Outcome(Result.TEMPORARY, 550, "5.7.1 who?", server_fault=True)
    assert notes.heard == {}
    assert notes.left()


@BOTH
@pytest.mark.parametrize("step", ["HELO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", [DROP, SILENCE, "421 4.3.2 closing"])
async def test_what_breaks_before_a_content_leaves_the_mail_untouched(
    extensions: tuple[str, ...], step: str, how: str
) -> None:
    notes = Notes(*readers(2))
    async with Sink(lambda at, _: how if at == step else None, extensions).listening() as sink:
        hindrance = await carried(sink, notes, seconds=0.2)
    assert hindrance is not None
    assert hindrance.server_fault
    assert (notes.heard, notes.begun_ones, notes.left()) == ({}, [], True)


@BOTH
async def test_an_answer_that_is_not_heard_leaves_one_unsure_for_each_connection(extensions: tuple[str, ...]) -> None:
    notes = Notes(*readers(3))
    async with Sink(lambda step, _: DROP if step == "END" else None, extensions).listening() as sink:
        hindrance = await carried(sink, notes)
    assert hindrance is not None
    assert list(notes.heard.values()) == ["unsure"]
    assert notes.begun_ones == list(notes.heard)


async def test_an_answer_after_the_time_limit_counts_as_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.mail.pipelining.session.PATIENCE_AT_END", 1)
    notes = Notes("a@example.org")
    async with Sink(lambda step, _: SILENCE if step == "END" else None, PIPELINED).listening() as sink:
        await carried(sink, notes, seconds=0.1)
    assert notes.replies == {"a@example.org": "no answer within 0.1 seconds"}


async def test_after_a_lost_answer_the_others_go_on_over_a_new_connection() -> None:
    dropped: list[str] = []

    def script(step: str, argument: str) -> str | None:
        if step == "END" and argument == "r1@example.org" and not dropped:
            dropped.append(argument)
            return DROP
        return None

    notes = Notes(*readers(4))
    async with Sink(script, extensions=PIPELINED).listening() as sink:
        assert await carried(sink, notes) is None
        assert sink.connections == 2
    assert notes.heard == {name: "unsure" if name == "r1@example.org" else "accepted" for name in readers(4)}


@BOTH
async def test_dots_at_the_beginning_of_lines_arrive(extensions: tuple[str, ...]) -> None:
    content = b"Subject: dots\r\n\r\n.\r\n..two\r\nend\r\n.\r\n"
    async with Sink(extensions=extensions).listening() as sink:
        await carried(sink, Notes("a@example.org", content=content))
        assert sink.received[0].content == content


async def test_an_address_of_any_script_goes_where_it_is_spoken_and_fails_elsewhere() -> None:
    spoken, mute = Notes("jürgen@example.org", "a@example.org"), Notes("jürgen@example.org", "a@example.org")
    async with Sink(extensions=PIPELINED).listening() as sink:
        await carried(sink, spoken)
        assert {mail.recipient for mail in sink.received} == {"jürgen@example.org", "a@example.org"}
    async with Sink(extensions=("PIPELINING",)).listening() as sink:
        await carried(sink, mute)
    assert mute.heard == {"jürgen@example.org": "permanent", "a@example.org": "accepted"}
    assert "SMTPUTF8" in mute.replies["jürgen@example.org"]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_mails_go_encrypted_and_signed_in(trusted: ssl.SSLContext, scheme: str) -> None:
    starttls = scheme == "smtp+starttls"
    extensions = ("PIPELINING", "AUTH PLAIN LOGIN", *(["STARTTLS"] if starttls else []))
    notes = Notes(*readers(3))
    async with Sink(extensions=extensions, tls=trusted, starttls=starttls).listening() as sink:
        pool = ServerPool([parse_url(f"{scheme}://me:secret@127.0.0.1:{sink.port}", 2.0)])
        assert await SmtpCarrier(pool.servers[0], pool).carry(notes, 1) is None
        assert "AUTH" in sink.steps
        assert len(sink.received) == 3


@pytest.mark.parametrize(
    "script",
    [
        lambda step, _: "454 4.7.0 no TLS now" if step == "STARTTLS" else None,
        lambda step, _: "535 5.7.8 wrong" if step == "AUTH" else None,
    ],
    ids=["no TLS", "no sign-in"],
)
async def test_nothing_goes_in_clear_or_without_signing_in(trusted: ssl.SSLContext, script: Script) -> None:
    notes = Notes(*readers(1))
    async with Sink(script, extensions=("AUTH LOGIN", "STARTTLS"), tls=trusted, starttls=True).listening() as sink:
        pool = ServerPool([parse_url(f"smtp+starttls://me:secret@127.0.0.1:{sink.port}", 2.0)])
        hindrance = await SmtpCarrier(pool.servers[0], pool).carry(notes, 1)
        assert "MAIL" not in sink.steps
    assert hindrance is not None
    assert hindrance.server_fault


async def test_a_server_that_nobody_certifies_is_not_written_to(tmp_path: Path) -> None:
    notes = Notes(*readers(1))
    _, context = certificate(tmp_path)
    async with Sink(tls=context).listening() as sink:
        pool = ServerPool([parse_url(f"smtps://127.0.0.1:{sink.port}", 2.0)])
        hindrance = await SmtpCarrier(pool.servers[0], pool).carry(notes, 1)
    assert hindrance is not None
    assert "certificate" in hindrance.reply.lower()
