"""The local mailbox: keeps mails in order, shows headers and parts, and gives nothing else away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from infra.mail import Mailbox, Result, SmtpMailer, open_mailer
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


async def test_the_settings_say_where_mail_goes(tmp_path: Path) -> None:
    local = load({"LOTSE_DEMO": "1", "LOTSE_DATA_DIR": str(tmp_path)})
    async with open_mailer(local) as mailer:
        assert isinstance(mailer, Mailbox)
    served = load({"LOTSE_DEMO": "1", "LOTSE_SMTP_URL": "smtp://127.0.0.1:8161"})
    async with open_mailer(served) as mailer:
        assert isinstance(mailer, SmtpMailer)
