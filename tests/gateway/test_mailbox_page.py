"""The demonstration's mailbox: mails as pages, as JSON, and their HTML kept in a sandbox."""

from __future__ import annotations

from dataclasses import replace

import httpx2

from gateway.app import create_app
from infra.mail import Mail
from tests.gateway.conftest import Opener
from tests.gateway.world import ORIGIN, World, heading

HOSTILE = "<html><head><title>x</title></head><body><script>alert(1)</script><p>Hallo</p></body></html>"


async def keep_a_mail(world: World) -> str:
    """Put a mail into the mailbox; answers its id."""
    mail = Mail(
        sender="newsletter@lotse.example.org",
        recipient="leserin@example.org",
        subject="Neues <b>im</b> Quartal",
        text="Guten Tag\nhttp://lotse.test/newsletter/abmelden/abc",
        html=HOSTILE,
        message_id="<1@lotse.example.org>",
    )
    await world.mailbox.send(mail)
    return (await world.mailbox.newest())[0].id


async def test_mails_are_listed_and_shown(open_browser: Opener, world: World) -> None:
    mail_id = await keep_a_mail(world)
    browser = await open_browser()
    assert "Neues &lt;b&gt;im&lt;/b&gt; Quartal" in (await browser.get("/dev/mail")).text
    page = await browser.get(f"/dev/mail/{mail_id}")
    assert 'href="http://lotse.test/newsletter/abmelden/abc"' in page.text
    assert "alert(1)" not in page.text
    assert "allow-scripts" not in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]


async def test_html_is_framed_in_a_sandbox(open_browser: Opener, world: World) -> None:
    mail_id = await keep_a_mail(world)
    answer = await (await open_browser()).get(f"/dev/mail/{mail_id}/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert '<base target="_top">' in answer.text


async def test_a_mail_of_words_only(open_browser: Opener, world: World) -> None:
    world.mailbox.folder.mkdir(exist_ok=True)
    (world.mailbox.folder / "nur-text.eml").write_text("Subject: Kurz\nFrom: a@b.de\nTo: c@d.de\n\nHallo\n")
    browser = await open_browser()
    assert "<iframe" not in (await browser.get("/dev/mail/nur-text")).text
    assert (await browser.get("/dev/mail/nur-text/html")).status_code == 404


async def test_json_lists_subject_recipient_headers_and_parts(open_browser: Opener, world: World) -> None:
    await keep_a_mail(world)
    browser = await open_browser()
    found = (await browser.get("/dev/mail.json?recipient=leserin@example.org")).json()
    mail = found["items"][0]
    assert mail["subject"] == "Neues <b>im</b> Quartal"
    assert mail["recipient"] == "leserin@example.org"
    assert mail["headers"]["From"].endswith("newsletter@lotse.example.org")
    assert {part["type"] for part in mail["parts"]} >= {"text/plain", "text/html"}
    assert (await browser.get("/dev/mail.json?recipient=niemand@example.org")).json()["total"] == 0


async def test_unknown_mail(open_browser: Opener) -> None:
    browser = await open_browser()
    for path in ("/dev/mail/gibt-es-nicht", "/dev/mail/gibt-es-nicht/html", "/dev/mail/..%2F..%2Fetc%2Fpasswd"):
        assert (await browser.get(path)).status_code == 404, path


async def test_outside_demo_mode_there_is_no_mailbox(world: World) -> None:
    mail_id = await keep_a_mail(world)
    settings = replace(world.kit.settings, demo=False, base_url="https://lotse.test")
    app = create_app(settings, world.kit.client, {})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ORIGIN) as browser:
        for path in ("/dev/mail", "/dev/mail.json", f"/dev/mail/{mail_id}", f"/dev/mail/{mail_id}/html"):
            answer = await browser.get(path)
            assert answer.status_code == 404, path
            assert heading(answer) == "Diese Seite gibt es nicht"
        first = await browser.get("/anmelden")
    assert "lotse-demo" not in first.text
    assert "Vorführung" not in first.text
    assert "max-age" in first.headers["strict-transport-security"]
