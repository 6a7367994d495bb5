"""From the page to the mail and back: notices, the address of an account, and a lost password, without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from infra.mail import StoredMail
from services.contacts.accounts.models import Account
from services.contacts.notices.queries import stop_token
from tests.gateway.api_client import Program
from tests.gateway.conftest import Opener
from tests.gateway.page import parse
from tests.gateway.test_api_others import QUARTER
from tests.gateway.world import COORDINATOR, EDITOR, MEMBER, NETWORK, ORIGIN, SECOND_EDITOR, Browser, World, heading
from tests.services.newsletter.article_desk import article

SETTINGS, ADDRESS = "/konto/mitteilungen", "/konto/adresse"
TITLE = "Sprachcafé am Abend"
OTHER, NEW = "neu@example.org", "korrekt pferd batterie klammer"


async def mail(world: World, address: str, job: str = "send_access_mails") -> StoredMail:
    """The newest mail to somebody, after all that waits was sent."""
    await world.kit.services["contacts"].jobs.run(job)
    return (await world.mails_to(address))[0]


def link(found: StoredMail, part: str) -> str:
    text = next(each.content for each in found.parts if each.type == "text/plain")
    said = re.search(rf"{ORIGIN}(/\S*/{part}/[\w.~-]+)", text)
    assert said is not None, text
    return said[1]


async def one_click(browser: Browser, path: str) -> httpx2.Response:
    """What a mail provider posts: from elsewhere, without cookie, form token or origin of ours."""
    headers = {"sec-fetch-site": "cross-site", "origin": "https://mail.example"}
    data = {"List-Unsubscribe": "One-Click"}
    return await browser.http.post(path, headers=headers, data=data, follow_redirects=False)


async def test_a_reply_reaches_who_wrote_until_they_end_it_with_one_click(open_browser: Opener, world: World) -> None:
    member, coordinator = await open_browser(MEMBER), await open_browser(COORDINATOR)
    form = f"/forum/{NETWORK}/neu"
    topic = await member.submit(await member.get(form), form, title=TITLE, body="Wer macht mit?", action="send")
    path = topic.url.path
    await coordinator.submit(await coordinator.get(path), path, body="Wir!", action="send")
    await world.tell()
    told = await mail(world, MEMBER, "send_notices")
    assert told.subject == f"Neue Antwort: {TITLE}"
    text = next(each.content for each in told.parts if each.type == "text/plain")
    assert f"{ORIGIN}{path}\n" in text
    stop = link(told, "abstellen")
    assert heading(await member.get(stop)) == "Mitteilungen beenden"
    assert "selected>Sofort" in (await member.get(SETTINGS)).text
    stranger = await open_browser()
    answer = await one_click(stranger, stop)
    assert (answer.status_code, heading(answer)) == (200, "Die Mitteilungen sind beendet")
    assert not stranger.http.cookies
    assert "selected>Gar nicht" in (await member.get(SETTINGS)).text
    button = await stranger.submit(await stranger.get(f"/en{stop}"))
    assert heading(button) == "The notices have ended"
    assert "“Forum: replies”" in button.text


async def test_the_settings_show_what_concerns_one_and_keep_what_was_chosen(open_browser: Opener) -> None:
    editor = await open_browser(EDITOR)
    page = await editor.get(SETTINGS)
    assert SETTINGS in (await editor.get("/konto")).text
    assert "wenn der Entwurf des Quartals angelegt wurde" in page.text
    assert "Ihres Netzwerks" not in page.text
    fields: dict[str, Any] = {"language": "en", "rhythm-issue-reminder": "off"}
    kept = await editor.submit(page, SETTINGS, **fields)
    assert "Ihre Einstellungen sind gespeichert." in kept.text
    assert re.search(r'rhythm-issue-reminder".*?value="off" selected', kept.text, re.DOTALL)
    assert 'value="en" selected' in kept.text
    wrong = await editor.submit(page, SETTINGS, **{**fields, "rhythm-weather": "now"})
    assert wrong.status_code == 422
    english = await editor.get(f"/en{SETTINGS}")
    assert (heading(english), parse(english.text).language) == ("Notices by e-mail", "en")


async def test_an_address_is_changed_by_a_link_to_the_new_one(open_browser: Opener, world: World) -> None:
    member = await open_browser(MEMBER)
    page = await member.get(ADDRESS)
    wrong = await member.submit(page, ADDRESS, email="keine", password="lotse-demo")
    assert wrong.status_code == 422
    assert 'href="#field-email"' in wrong.text
    sent = await member.submit(page, ADDRESS, email=OTHER, password="lotse-demo")
    assert "Eine E-Mail mit einem Link ist unterwegs." in sent.text
    path = link(await mail(world, OTHER), "bestaetigen")
    stranger = await open_browser()
    confirm = await stranger.get(path)
    assert heading(confirm) == "E-Mail-Adresse bestätigen"
    assert not await Account.exists(email=OTHER), "opening the link changes nothing"
    assert heading(await stranger.submit(confirm, path)) == "Ihre E-Mail-Adresse ist bestätigt"
    assert "wurde geändert" in (await mail(world, MEMBER)).subject
    assert OTHER in (await member.get(ADDRESS)).text
    again = await stranger.submit(confirm, path)
    assert again.status_code == 422


async def test_who_is_not_reached_is_told_everywhere_and_gets_out(open_browser: Opener, world: World) -> None:
    await Account.filter(email=MEMBER).update(mail_trouble="bounced")
    member = await open_browser(MEMBER)
    home = await member.get("/")
    assert "Unsere E-Mails erreichen Sie nicht." in home.text
    assert "kamen von dieser Adresse zurück" in (await member.get("/konto")).text
    page = await member.get(ADDRESS)
    assert "kamen von dieser Adresse zurück" in page.text
    sent = await member.submit(page, f"{ADDRESS}/bestaetigen")
    assert "ist unterwegs" in sent.text
    path = link(await mail(world, MEMBER), "bestaetigen")
    done = await member.submit(await member.get(path), path)
    assert heading(done) == "Ihre E-Mail-Adresse ist bestätigt"
    assert "erreichen Sie nicht" not in (await member.get("/")).text


@pytest.mark.parametrize("language", ["", "/en"])
async def test_a_lost_password_is_set_anew(open_browser: Opener, world: World, language: str) -> None:
    visitor = await open_browser()
    start = await visitor.get(f"{language}/anmelden")
    assert f"{language}/passwort" in parse(start.text).links
    form = await visitor.get(f"{language}/passwort")
    answers = [await visitor.submit(form, email=email) for email in (MEMBER, "niemand@example.org")]
    assert len({re.sub(r'"[\d.a-f]{60,}"', "", answer.text) for answer in answers}) == 1, "nobody learns who is here"
    assert (await visitor.submit(form, email="keine")).status_code == 422
    path = link(await mail(world, MEMBER), "neu")
    assert path.startswith(f"{language}/passwort/neu/")
    page = await visitor.get(path)
    short = await visitor.submit(page, path, password="kurz")
    assert (short.status_code, 'value="kurz"' in short.text) == (422, False)
    done = await visitor.submit(page, path, password=NEW)
    assert heading(done) == ("Your new password is set" if language else "Ihr neues Passwort gilt")
    again = await visitor.submit(page, path, password=NEW)
    assert again.status_code == 422
    assert f"{language}/passwort" in parse(again.text).links
    await visitor.sign_in(MEMBER, NEW)


async def test_programs_choose_and_end_notices_too(api: Program, world: World) -> None:
    visitor, api = api, await api.signed_in(EDITOR)
    seen = (await api.get("/me/notices")).json()
    assert (seen["email"], seen["mail"]) == (EDITOR, "ok")
    changed = await api.patch("/me/notices", {"rhythms": {"topic-reply": "daily"}})
    assert {item["kind"]: item["rhythm"] for item in changed.json()["kinds"]}["topic-reply"] == "daily"
    editor = await Account.get(email=EDITOR)
    assert (await visitor.post("/notices/stop", {"token": stop_token(editor.id, "topic-reply")})).status_code == 200
    assert (await visitor.post("/password-resets", {"email": EDITOR, "language": "en"})).status_code == 202
    assert (await mail(world, EDITOR)).subject == "New password for Lotse"


async def test_the_desk_is_told_of_what_waits_and_the_link_leads_there(
    open_browser: Opener, api: Program, world: World
) -> None:
    editor, second = await api.signed_in(EDITOR), await open_browser(SECOND_EDITOR)
    articles = "/me/notices", {"rhythms": {"article-waiting": "now"}}
    await (await api.signed_in(SECOND_EDITOR)).patch(*articles)
    issue = await editor.post("/issues", {"quarter": QUARTER})
    await editor.post(f"/issues/{issue.json()['slug']}/submit")
    written = await editor.post("/articles", article())
    await editor.post(f"/articles/{written.json()['id']}/submit")
    await world.tell()
    await world.kit.services["contacts"].jobs.run("send_notices")
    mails = {mail.subject: mail for mail in await world.mails_to(SECOND_EDITOR)}
    assert len(mails) == 2, list(mails)
    for subject, told in mails.items():
        text = next(each.content for each in told.parts if each.type == "text/plain")
        found = re.search(rf"{ORIGIN}(/redaktion/\S+)", text)
        assert found is not None, text
        page = await second.get(found[1])
        assert (page.status_code, page.url.path) == (200, found[1]), subject
    assert any("Wartet auf Freigabe" in subject for subject in mails)
    assert "Wartet auf Durchsicht: Titel success-story" in mails
    assert await world.mails_to(EDITOR) == [], "not whose doing it is"
