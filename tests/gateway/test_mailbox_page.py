"""The demonstration's mailbox: mails as pages, as JSON, and their HTML kept in a sandbox."""

from __future__ import annotations

from dataclasses import replace

import httpx2

from gateway.app import create_app
from infra.mail import Mail
from tests.gateway.conftest import Opener
from tests.gateway.world import ORIGIN, World, heading

HOSTILE = (
    '<html lang="de"><head><meta name="color-scheme" content="light dark"><title>x</title>'
    "<style>@media (prefers-color-scheme: dark) {p {color: #fff}}</style></head>"
    "<body><script>alert(1)</script><p>Hallo</p></body></html>"
)


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
    assert 'lang="de">Neues &lt;b&gt;' in (await browser.get("/en/dev/mail")).text
    assert 'large" lang="de">Neues &lt;b&gt;' in (await browser.get(f"/en/dev/mail/{mail_id}")).text
    page = await browser.get(f"/dev/mail/{mail_id}")
    assert 'href="http://lotse.test/newsletter/abmelden/abc"' in page.text
    assert "<script>alert(1)" not in page.text
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


async def test_nothing_is_loaded_from_elsewhere_and_our_pictures_by_their_address(
    open_browser: Opener, world: World
) -> None:
    mail_id = await keep_a_mail(world)
    policy = (await (await open_browser()).get(f"/dev/mail/{mail_id}/html")).headers["content-security-policy"]
    assert "img-src data: http://lotse.test;" in policy
    assert "*" not in policy
    assert "script-src" not in policy, "default-src 'none' is all there is"


async def test_width_and_light_are_chosen_by_links(open_browser: Opener, world: World) -> None:
    mail_id = await keep_a_mail(world)
    browser = await open_browser()
    page = (await browser.get(f"/dev/mail/{mail_id}?width=phone&scheme=dark")).text
    assert 'class="mail mail--phone"' in page
    assert f'src="/dev/mail/{mail_id}/html?scheme=dark"' in page
    assert 'width=desktop&amp;scheme=dark"' in page
    light, dark = [(await browser.get(f"/dev/mail/{mail_id}/html?scheme={name}")).text for name in ("light", "dark")]
    assert ("@media all" in light, "@media not all" in light) == (False, True)
    assert ("@media all" in dark, "@media not all" in dark) == (True, False)
    assert 'content="dark"' in dark


async def test_the_source_can_be_read_and_taken_along(open_browser: Opener, world: World) -> None:
    mail_id = await keep_a_mail(world)
    browser = await open_browser()
    assert "Message-ID: &lt;1@lotse.example.org&gt;" in (await browser.get(f"/dev/mail/{mail_id}")).text
    file = await browser.get(f"/dev/mail/{mail_id}/datei.eml")
    assert file.headers["content-disposition"] == f'attachment; filename="{mail_id}.eml"'
    assert file.headers["content-type"] == "message/rfc822"
    assert file.content == await world.mailbox.source(mail_id)


async def test_a_long_list_has_pages_and_is_searched(open_browser: Opener, world: World) -> None:
    for number in range(52):
        mail = Mail(
            sender="newsletter@lotse.example.org",
            recipient=f"leser{number:02}@example.org",
            subject=f"Ausgabe {number}",
            text="Guten Tag",
            html=HOSTILE,
            message_id=f"<{number}@lotse.example.org>",
        )
        await world.mailbox.send(mail)
    browser = await open_browser()
    first, second = (await browser.get("/dev/mail")).text, (await browser.get("/dev/mail?seite=2")).text
    assert "52 Mails · Seite 1 von 2" in " ".join(first.split())
    assert ("leser51@" in first, "leser01@" in first, "leser01@" in second) == (True, False, True)
    assert 'rel="next" href="/dev/mail?seite=2"' in first
    assert 'rel="prev"' in second
    found = (await browser.get("/dev/mail?q=LESER07")).text
    assert "1 Mail<" in found
    assert "Ausgabe 7" in found
    assert "Keine Mail passt dazu" in (await browser.get("/dev/mail?q=niemand&seite=x")).text
    [item] = (await browser.get("/dev/mail.json?recipient=leser00@example.org")).json()["items"]
    assert item["subject"] == "Ausgabe 0"


async def test_where_mails_go_to_a_server_there_is_no_mailbox(world: World) -> None:
    mail_id = await keep_a_mail(world)
    app = create_app(replace(world.kit.settings, smtp_url="smtp://127.0.0.1:8025"), world.kit.client, {})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ORIGIN) as browser:
        for path in ("/dev/mail", f"/dev/mail/{mail_id}", f"/dev/mail/{mail_id}/datei.eml"):
            assert (await browser.get(path)).status_code == 404
        assert "/dev/mail" not in (await browser.get("/anmelden")).text


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
    ends = ("gibt-es-nicht", "gibt-es-nicht/html", "gibt-es-nicht/datei.eml", "..%2F..%2Fetc%2Fpasswd")
    for path in (f"/dev/mail/{end}" for end in ends):
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
