"""The local mailbox: keeps mails in order, shows headers and parts, and gives nothing else away."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from infra.mail import Mailbox, Part, Result, SmtpMailer, open_mailer
from infra.mail.contents import SIZE, Shelf
from infra.settings import load
from tests.infra.mail.test_message import MAIL


async def test_mails_are_kept_newest_first_with_headers_and_parts(tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "mailbox")
    assert await box.newest() == []
    for number in range(3):
        outcome = await box.send(replace(MAIL, recipient=f"r{number}@example.org"))
        assert outcome.result is Result.ACCEPTED
    newest = await box.newest(2)
    assert [mail.recipient for mail in newest] == ["r2@example.org", "r1@example.org"]
    mail = newest[0]
    assert mail.subject.startswith("Größere Übersicht")
    assert mail.sender.endswith("<newsletter@lotse.example.org>")
    assert ("Precedence", "bulk") in mail.headers
    assert [(part.type, part.content) for part in mail.parts] == [
        ("text/plain", MAIL.text),
        ("text/html", MAIL.html),
    ]
    assert await box.find(mail.id) == mail


async def test_only_mails_can_be_read(tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "mailbox")
    await box.send(MAIL)
    (tmp_path / "secret.eml").write_text("Subject: secret\r\n\r\n")
    (tmp_path / "mailbox" / "half.part").write_text("Subject: half")
    for name in ("../secret", "half", "", "none"):
        assert await box.find(name) is None
    assert len(await box.newest()) == 1


async def test_the_list_is_paged_and_searched_by_recipient_and_subject(tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "mailbox")
    assert await box.shelf() == Shelf([], 0, 1, 1)
    for number in range(SIZE + 2):
        await box.send(replace(MAIL, recipient=f"r{number:03}@example.org", subject=f"Größe {number % 2} 100 %"))
    first, last = await box.shelf(), await box.shelf(9)
    assert [head.recipient for head in first.heads] == [f"r{number:03}@example.org" for number in range(51, 1, -1)]
    assert [head.recipient for head in last.heads] == ["r001@example.org", "r000@example.org"]
    assert (first.total, first.pages, last.number) == (52, 2, 2)
    assert first.heads[0].sender == "Lotse, der „Newsletter“ <newsletter@lotse.example.org>"
    assert [head.recipient for head in (await box.shelf(query="R007@")).heads] == ["r007@example.org"]
    assert (await box.shelf(query="GRÖSSE 1")).total == 26
    assert (await box.shelf(query="größe 1")).total == 26
    assert (await box.shelf(query="0 %")).total == 52
    assert (await box.shelf(query="%größe")).total == 0
    assert (await box.shelf(query="niemand")).heads == []


async def test_a_page_reads_only_what_is_new(tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "mailbox")
    await box.send(MAIL)
    [head] = (await box.shelf()).heads
    (box.folder / f"{head.id}.eml").write_bytes(b"Subject: read again\r\n\r\n")
    await box.send(replace(MAIL, subject="Neu"))
    assert [each.subject for each in (await box.shelf()).heads] == ["Neu", head.subject]
    (box.folder / f"{head.id}.eml").unlink()
    assert [each.subject for each in (await box.shelf()).heads] == ["Neu"]
    assert await box.find(head.id) is None


async def test_a_table_of_contents_that_is_broken_is_made_anew(tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "mailbox")
    await box.send(MAIL)
    before = await box.shelf()
    (box.folder / "contents.sqlite3").write_bytes(b"no database" * 1000)
    assert await box.shelf() == before


async def test_a_table_of_contents_that_somebody_writes_is_left_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.mail.contents._PATIENCE_SECONDS", 0.1)
    box = Mailbox(tmp_path / "mailbox")
    await box.send(MAIL)
    assert (await box.shelf()).total == 1
    with closing(sqlite3.connect(box.folder / "contents.sqlite3")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            await box.shelf()
    assert (await box.shelf()).total == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no header at all",
        b"Subject: =?x-unknown?q?a=FF?=\r\nTo: =?utf-8?b?!!?=\r\n\r\n",
        b"Subject: Gr\xfc\xdfe\nFrom: a@b\n\nhallo\n",
        "Subject: Grüße\r\n an alle\r\nTo: jürgen@example.org\r\n\r\nhallo".encode(),
        b"Content-Type: text/html; charset=klingonisch\r\n\r\n<p>a</p>",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/png\r\n"
        b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n/9j/\r\n--b--\r\n",
    ],
)
async def test_whatever_lies_there_can_be_looked_at(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.eml").write_bytes(content)
    box = Mailbox(tmp_path)
    [head] = (await box.shelf()).heads
    mail = await box.find("odd")
    assert mail is not None
    assert (head.id, mail.id) == ("odd", "odd")
    assert f"{head} {mail}".encode(), "nothing is left that cannot be shown"
    assert await box.source("odd") == content


async def test_parts_that_are_files_are_named_and_addresses_beyond_ascii_are_read(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    await box.send(replace(MAIL, recipient="jürgen@example.org"))
    [head] = (await box.shelf(query="jürgen")).heads
    found = await box.find(head.id)
    assert found is not None
    assert found.recipient == head.recipient == "jürgen@example.org"
    (tmp_path / "file.eml").write_bytes(
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n12345"
    )
    found = await box.find("file")
    assert found is not None
    assert found.parts == [Part("application/pdf", "", "a.pdf", 5)]


async def test_the_settings_say_where_mail_goes(tmp_path: Path) -> None:
    local = load({"LOTSE_DEMO": "1", "LOTSE_DATA_DIR": str(tmp_path)})
    async with open_mailer(local) as mailer:
        assert isinstance(mailer, Mailbox)
    served = load({"LOTSE_DEMO": "1", "LOTSE_SMTP_URL": "smtp://127.0.0.1:8161"})
    async with open_mailer(served) as mailer:
        assert isinstance(mailer, SmtpMailer)
