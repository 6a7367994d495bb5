"""The ways in: a mailbox by IMAP and POP3, LMTP, HTTP. A mail is let go of only when all that follows is committed."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from infra.ids import new_id
from infra.settings import SettingsError
from services.newsletter.bounces.domain import MEGABYTE, MOST_BYTES
from services.newsletter.bounces.lmtp import listening
from services.newsletter.bounces.models import Reply, ReturnedMail
from services.newsletter.bounces.polling import poll
from services.newsletter.service import service
from tests.infra.mail.certificates import certificate
from tests.kit import Database, running
from tests.services.newsletter.bounce_desk import BOUNCES, KEY, BounceDesk, letter, report
from tests.services.newsletter.mailboxes import PASSWORD, USER, MailboxServer

Speaking = Callable[[MailboxServer], AbstractAsyncContextManager[MailboxServer]]
PROTOCOLS: list[tuple[str, Speaking]] = [("imap", MailboxServer.imap), ("pop3", MailboxServer.pop3)]


@asynccontextmanager
async def reading_from(database: Database, url: str) -> AsyncIterator[BounceDesk]:
    async with running([service], database, bounce_address=BOUNCES, bounce_mailbox=url) as kit:
        yield BounceDesk(kit)


@pytest.mark.parametrize(("protocol", "speak"), PROTOCOLS)
async def test_a_mailbox_is_read_to_its_end_and_emptied(sqlite: Database, protocol: str, speak: Speaking) -> None:
    box = MailboxServer({number: letter(BOUNCES, f"Frage {number}") for number in range(1, 120)})
    async with speak(box), reading_from(sqlite, f"{protocol}://{USER}:{PASSWORD}@127.0.0.1:{box.port}") as desk:
        mail = await desk.mailed()
        box.mails[200] = report(desk.address(mail.id))
        box.mails[201] = letter(BOUNCES, "x" * 2 * MEGABYTE)
        await desk.job("read_bounce_mailbox")
        assert box.mails == {}
        assert await desk.reason() == "bounce"
        assert await Reply.all().count() == 120
        assert await Reply.filter(shortened=True).count() == 1


@pytest.mark.parametrize(("protocol", "speak"), PROTOCOLS)
async def test_a_mail_that_comes_again_changes_nothing(sqlite: Database, protocol: str, speak: Speaking) -> None:
    mails = {1: letter(BOUNCES, "Einmal"), 2: letter(BOUNCES, "Zweimal")}
    box = MailboxServer(dict(mails))

    def break_off(command: str) -> None:
        if command.startswith(("DELE 2", "UID STORE", "UID MOVE")):
            raise ConnectionResetError

    async with speak(box), reading_from(sqlite, f"{protocol}://{USER}:{PASSWORD}@127.0.0.1:{box.port}"):
        box.at = break_off
        box.capabilities = "IMAP4rev1"
        assert await poll() == 0
        assert box.mails == mails  # nothing was lost on the way
        assert await Reply.all().count() == 2
        box.at = lambda _command: None
        assert await poll() == 2
        assert box.mails == {}
        assert await Reply.all().count() == 2


async def test_what_is_not_committed_stays_in_the_mailbox(sqlite: Database) -> None:
    box = MailboxServer({1: letter(BOUNCES, "Bleibt")})
    async with box.imap(), reading_from(sqlite, f"imap://{USER}:{PASSWORD}@127.0.0.1:{box.port}"):
        await ReturnedMail._meta.db.execute_script("ALTER TABLE returned_mails RENAME TO away")
        with pytest.raises(Exception, match="returned_mails"):
            await poll()
        assert list(box.mails) == [1]
        assert not any(command.startswith("UID STORE") for command in box.commands)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 UIDPLUS MOVE"])
async def test_mails_are_moved_where_the_setting_says_so(sqlite: Database, capabilities: str) -> None:
    raw = letter(BOUNCES, "Eine Frage")
    box = MailboxServer({7: raw}, capabilities)
    url = f"imap://{USER}:{PASSWORD}@127.0.0.1"
    async with box.imap(), reading_from(sqlite, f"{url}:{box.port}/INBOX?move=Gelesen%20und%20gut"):
        assert await poll() == 1
    assert (box.mails, box.moved) == ({}, {7: raw})
    assert 'CREATE "Gelesen und gut"' in box.commands


@pytest.mark.parametrize(("protocol", "speak"), PROTOCOLS)
async def test_a_mailbox_is_only_opened_behind_a_certificate_that_holds(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: str, speak: Speaking
) -> None:
    trusted, context = certificate(tmp_path)
    box = MailboxServer({1: letter(BOUNCES, "Verschlüsselt")}, tls=context)
    async with speak(box), reading_from(sqlite, f"{protocol}s://{USER}:{PASSWORD}@127.0.0.1:{box.port}"):
        assert await poll() == 0
        assert box.commands == []
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert await poll() == 1


@pytest.mark.parametrize(("protocol", "speak"), PROTOCOLS)
async def test_a_connection_is_encrypted_before_anything_is_said(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: str, speak: Speaking
) -> None:
    trusted, context = certificate(tmp_path)
    box = MailboxServer({1: letter(BOUNCES, "Verschlüsselt")}, "IMAP4rev1 STARTTLS", later=context)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with speak(box), reading_from(sqlite, f"{protocol}+starttls://{USER}:{PASSWORD}@127.0.0.1:{box.port}"):
        assert await poll() == 1
    told = [command.split()[0] for command in box.commands]
    assert told.index("STARTTLS" if protocol == "imap" else "STLS") < told.index(
        "LOGIN" if protocol == "imap" else "USER"
    )


async def test_a_folder_that_is_not_there_is_told(sqlite: Database, caplog: pytest.LogCaptureFixture) -> None:
    box = MailboxServer({1: letter(BOUNCES, "Da")})
    async with box.imap(), reading_from(sqlite, f"imap://{USER}:{PASSWORD}@127.0.0.1:{box.port}/Nirgends"):
        assert await poll() == 0
    assert "the mailbox cannot be opened" in caplog.text
    async with running([service], sqlite):
        assert await poll() == 0  # no mailbox, no work


@pytest.mark.parametrize(("protocol", "speak"), PROTOCOLS)
async def test_a_line_that_breaks_while_reading_loses_nothing(
    sqlite: Database, caplog: pytest.LogCaptureFixture, protocol: str, speak: Speaking
) -> None:
    box = MailboxServer({1: letter(BOUNCES, "Da")})

    def break_off(command: str) -> None:
        if command.startswith(("UID FETCH", "RETR")):
            raise ConnectionResetError

    box.at = break_off
    async with speak(box), reading_from(sqlite, f"{protocol}://{USER}:{PASSWORD}@127.0.0.1:{box.port}"):
        assert await poll() == 0
    assert "the mailbox cannot be read" in caplog.text
    assert list(box.mails) == [1]


@pytest.mark.parametrize(("protocol", "speak"), PROTOCOLS)
async def test_a_wrong_password_is_told_without_the_password(
    sqlite: Database, caplog: pytest.LogCaptureFixture, protocol: str, speak: Speaking
) -> None:
    box = MailboxServer({1: letter(BOUNCES, "Da")})
    async with speak(box), reading_from(sqlite, f"{protocol}://{USER}:falsch@127.0.0.1:{box.port}"):
        assert await poll() == 0
    assert "the mailbox cannot be opened" in caplog.text
    assert "falsch" not in caplog.text


@asynccontextmanager
async def taking_lmtp(database: Database) -> AsyncIterator[tuple[BounceDesk, int]]:
    async with running([service], database, bounce_address=BOUNCES) as kit:
        port = unused_port()
        async with listening(replace(kit.settings, lmtp_listen=f"localhost:{port}")):
            yield BounceDesk(kit), port


def unused_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def deliver(port: int, raw: bytes, *recipients: str, sender: str = "") -> list[tuple[int, bytes]]:
    """One conversation as a mail server has it; the answer to each recipient, or to the content."""
    with smtplib.LMTP("127.0.0.1", port, timeout=20) as server:
        server.ehlo_or_helo_if_needed()
        assert server.mail(sender)[0] == 250
        answers = [server.rcpt(recipient) for recipient in recipients]
        return [*answers[:-1], server.data(raw)] if answers[-1][0] == 250 else answers


async def test_a_mail_server_delivers_by_lmtp(sqlite: Database) -> None:
    async with taking_lmtp(sqlite) as (desk, port):
        mail = await desk.mailed()
        dots = letter(BOUNCES, ".\r\n..\r\n.ende")
        assert (await asyncio.to_thread(deliver, port, dots, BOUNCES, sender="frau@example.net"))[0][0] == 250
        reply = await Reply.get()
        assert reply.text == ".\n..\n.ende"
        [answer] = await asyncio.to_thread(deliver, port, report(BOUNCES), desk.address(mail.id))
        assert answer[0] == 250
        assert await desk.reason() == "bounce"
        assert (await asyncio.to_thread(deliver, port, b"x", "somebody@elsewhere.example"))[0][0] == 550
        two = await asyncio.to_thread(deliver, port, b"x", BOUNCES, "leave@bounces.lotse.test")
        assert [code for code, _ in two] == [250, 452]


async def test_lmtp_takes_large_mails_in_little_memory_and_refuses_larger_ones(sqlite: Database) -> None:
    async with taking_lmtp(sqlite) as (_, port):
        lines = b"Subject: x\r\nFrom: a@example.net\r\n\r\n" + b"\r\n" * (2 * MEGABYTE)
        tracemalloc.start()
        try:
            [answer] = await asyncio.to_thread(deliver, port, lines, BOUNCES, sender="a@example.net")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert answer[0] == 250
        assert peak < 60 * MEGABYTE  # the copies of the sending client included; as objects the lines take 141 MB
        assert (await Reply.get()).shortened
        [answer] = await asyncio.to_thread(
            deliver, port, b"x" * MOST_BYTES + b"\r\n" * 10, BOUNCES, sender="a@example.net"
        )
        assert answer[0] == 552


async def test_lmtp_answers_250_only_after_the_commit(sqlite: Database) -> None:
    async with taking_lmtp(sqlite) as (desk, port):
        await ReturnedMail._meta.db.execute_script("ALTER TABLE returned_mails RENAME TO away")
        raw = report(desk.address(new_id(), "contacts"))
        [answer] = await asyncio.to_thread(deliver, port, raw, BOUNCES)
        assert answer[0] == 451
        await ReturnedMail._meta.db.execute_script("ALTER TABLE away RENAME TO returned_mails")
        [answer] = await asyncio.to_thread(deliver, port, raw, BOUNCES)
        assert answer[0] == 250
        assert await desk.kinds() == ["hard"]


async def test_who_says_more_than_a_mail_is_hung_up_on(sqlite: Database) -> None:
    async with taking_lmtp(sqlite) as (desk, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        for line, code in (
            (b"LHLO x", b"250"),
            (b"MAIL FROM:<>", b"250"),
            (b"RCPT TO:<bounces@bounces.lotse.test>", b"250"),
        ):
            writer.write(line + b"\r\n")
            while (answer := await reader.readline())[3:4] == b"-":
                pass
            assert answer[:3] == code
        writer.write(b"DATA\r\n")
        assert (await reader.readline())[:3] == b"354"
        writer.write(b"Subject: a\r\n\r\nx\r\n.\r\nMAIL FROM:<smuggled@example.net>\r\n")
        assert await reader.read() == b""
        writer.close()
        assert await desk.kinds() == []


def leave_in_the_middle(port: int) -> list[int]:
    """The codes of a conversation that is out of order, and broken off before the final dot."""
    server = smtplib.LMTP("127.0.0.1", port, timeout=20)
    server.ehlo()
    server.mail("a@example.net")
    codes = [server.docmd("DATA")[0], server.rcpt(BOUNCES)[0], server.docmd("DATA x")[0], server.docmd("DATA")[0]]
    server.send("Subject: halb\r\n\r\nund")
    server.close()
    return codes


async def test_who_leaves_in_the_middle_has_delivered_nothing(sqlite: Database) -> None:
    async with taking_lmtp(sqlite) as (desk, port):
        assert await asyncio.to_thread(leave_in_the_middle, port) == [503, 250, 501, 354]
        staying = await asyncio.to_thread(smtplib.LMTP, "127.0.0.1", port, timeout=20)
        await asyncio.to_thread(staying.ehlo)
        assert await desk.kinds() == []
    with pytest.raises(smtplib.SMTPServerDisconnected):  # the process has ended
        await asyncio.to_thread(staying.noop)


async def test_lmtp_never_listens_where_strangers_are(sqlite: Database) -> None:
    settings = sqlite.settings(bounce_address=BOUNCES)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = f"127.0.0.1:{taken.getsockname()[1]}"
        reasons = {
            "[2001:4860:4860::8888]:0": "strangers",
            "gibt.es.nicht.invalid:24": "looked up",
            busy: "listened on",
        }
        for listen, reason in reasons.items():
            with pytest.raises(SettingsError, match=reason):
                async with listening(replace(settings, lmtp_listen=listen)):
                    pass


async def test_http_takes_a_mail_from_who_has_the_key(bounces: BounceDesk) -> None:
    mail = await bounces.mailed()
    raw = report("bounces@bounces.lotse.test")
    headers = {
        "authorization": f"Bearer {KEY}",
        "content-type": "message/rfc822",
        "x-envelope-to": bounces.address(mail.id),
        "x-envelope-from": "",
    }

    async def post(**changes: str) -> int:
        sent = {**headers, **changes}
        answer = await bounces.kit.request("newsletter", "POST", "/incoming", content=raw, headers=sent)
        return answer.status

    assert await post(authorization="Bearer wrong") == 401
    assert await post(authorization="") == 401
    assert await bounces.kinds() == []
    assert [await post(), await post()] == [204, 204]
    assert await bounces.kinds() == ["hard"]
    assert await bounces.reason() == "bounce"


async def test_http_refuses_more_than_thirty_megabytes_and_needs_a_key_to_be_there(sqlite: Database) -> None:
    async with running([service], sqlite, bounce_address=BOUNCES, bounce_http_key=KEY) as kit:
        headers = {"authorization": f"Bearer {KEY}"}
        answer = await kit.request("newsletter", "POST", "/incoming", content=b"x" * (MOST_BYTES + 1), headers=headers)
        assert answer.status == 413
    async with running([service], sqlite) as kit:
        answer = await kit.request("newsletter", "POST", "/incoming", content=b"x", headers=headers)
        assert answer.status == 404
