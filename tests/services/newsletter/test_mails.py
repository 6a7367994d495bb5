"""The mails themselves: they parse, can be read by everybody in every part, and carry nothing hostile."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any

import pytest

from infra.mail.stationery import MAX_HTML_BYTES
from services.newsletter.checks import accessibility
from tests.infra.mail.reading import Lint, body, messages
from tests.services.newsletter.desk import ANNA, Desk, both, event, offer

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>[klick](javascript:alert(3)) {{ 7*7 }} \r\nBcc: x@y.de"


def parsed(desk: Desk) -> list[EmailMessage]:
    """All mails in the local mailbox as a mail program reads them."""
    return messages(desk.kit.settings)


async def full_issue(desk: Desk) -> dict[str, Any]:
    """An issue with every kind of content, partly without a translation."""
    for number in range(40):
        await desk.tell(offer(f"angebot-{number}", summary="Ein Angebot mit **vielen** Worten. " * 10))
    await desk.tell(
        offer("english", title_en="An offer in English", summary_en="With a summary", valid_to="2099-12-31")
    )
    await desk.tell(event("sprechtag", "2099-05-04", place="Halberstadt"))
    issue = await desk.draft(focus={"de": "Pflege", "en": "Care"})
    story = {
        "title": {"de": "Angekommen", "en": "Arrived"},
        "text": {
            "de": "### Wie es begann\n\nEine Geschichte mit [Verweis](https://example.org/x).",
            "en": "### How it began\n\nA story with a [reference](https://example.org/x).",
        },
        "link": "https://example.org/geschichte?a=1&b=2",
    }
    change = {
        "sections": [
            {"kind": "editorial", "text": {"de": "Liebe Leserinnen,\n\n> Zitat", "en": "Dear readers"}},
            {"kind": "success-story", "items": [story]},
        ]
    }
    return dict((await desk.change(issue, change)).json())


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_mail_parses_and_can_be_read_by_everybody(one_desk: Desk, language: str) -> None:
    await one_desk.subscribe("anna@example.org", language=language, districts=["stadt-magdeburg", "landkreis-harz"])
    await one_desk.dispatch(await full_issue(one_desk))
    confirmation, issue = parsed(one_desk)
    for message in (confirmation, issue):
        assert not [defect for part in message.walk() for defect in part.defects]
        assert not [defect for _, value in message.items() for defect in value.defects]
        page = body(message, "html")
        assert Lint(page).problems(language) == []
        assert [found for found in accessibility.check(page, language) if found.severity == "error"] == []
        assert len(page.encode()) < MAX_HTML_BYTES
        assert "prefers-color-scheme: dark" in page
        assert "Name des Trägers" in page, "the legal notice stands in every mail"
        assert "Name des Trägers" in body(message, "plain")
        assert message["Auto-Submitted"] == "auto-generated"
    if language == "en":
        assert "de" in Lint(body(issue, "html")).languages, "what has no translation says in which language it is"


async def test_the_text_part_says_everything_that_the_page_says(one_desk: Desk) -> None:
    await one_desk.subscribe("anna@example.org")
    await one_desk.dispatch(await full_issue(one_desk))
    message = parsed(one_desk)[-1]
    text, page = body(message, "plain"), Lint(body(message, "html"))
    for target, _words in page.links:
        assert target.replace("&amp;", "&") in text
    for words in ("Pflege", "Liebe Leserinnen", "Zitat", "Angekommen", "Wie es begann", "4. Mai 2099", "Halberstadt"):
        assert words in text
    assert all(f"Angebot angebot-{number}\n" in text for number in range(40))
    assert max(map(len, re.sub(r"http\S+", "", text).splitlines())) <= 76


async def test_a_confirmation_advertises_nothing(one_desk: Desk) -> None:
    await one_desk.tell(offer("werbung", title="Großes Angebot"))
    await one_desk.sign_up("anna@example.org")
    await one_desk.job("send_service_mails")
    [message] = parsed(one_desk)
    page = Lint(body(message, "html"))
    assert {target for target, _ in page.links if "/bestaetigen/" not in target} == set()
    assert "Großes Angebot" not in body(message, "plain")
    assert "List-Id" not in message


async def test_hostile_words_stay_words(one_desk: Desk) -> None:
    await one_desk.subscribe("anna@example.org")
    await one_desk.tell(
        offer("boese", title=HOSTILE, summary=HOSTILE, network="", network_name=HOSTILE, topics=[HOSTILE])
    )
    await one_desk.tell(event("boeser-tag", "2099-01-01", name=HOSTILE, description=HOSTILE, place=HOSTILE))
    line, text = both(HOSTILE.replace("\r\n", "")), both(HOSTILE)
    issue = await one_desk.draft(focus=line)
    change = {"sections": [{"kind": "legislation", "text": text, "items": [{"title": line, "text": text}]}]}
    changed = await one_desk.change(issue, change)
    assert changed.status == 200
    await one_desk.dispatch(changed.json())
    message = parsed(one_desk)[-1]
    page = body(message, "html")
    assert Lint(page).problems("de") == []
    assert "49" not in re.sub(r"\{\{ 7\*7 \}\}|#[0-9a-f]{6}|/\S+|\d{4}", "", body(message, "plain"))
    assert "Bcc" not in message
    assert "x@y.de" not in [address.addr_spec for address in message["To"].addresses]


@pytest.mark.parametrize("title", ["Hallo\r\nBcc: x@y.de", "Hallo\u2028Welt", "x\x0by"])
async def test_a_title_cannot_break_out_of_the_subject(one_desk: Desk, title: str) -> None:
    issue = await one_desk.draft()
    answer = await one_desk.change(issue, {"title": {"de": title}})
    assert answer.status == 422
    assert answer.json()["fields"][0]["field"] == "title.de"
    created = await one_desk.post("/issues", {"quarter": "2027-Q1", "title": {"de": title}}, identity=ANNA)
    assert created.status == 422


async def test_the_marks_for_tokens_cannot_be_used_to_read_those_of_others(one_desk: Desk) -> None:
    await one_desk.subscribe("anna@example.org")
    issue = await one_desk.draft()
    change = {"sections": [{"kind": "editorial", "text": both("[dort](https://evil.example/@@unsubscribe@@)")}]}
    await one_desk.dispatch((await one_desk.change(issue, change)).json())
    page = body(parsed(one_desk)[-1], "html")
    evil = next(target for target, _ in Lint(page).links if "evil" in target)
    assert evil == "https://evil.example/@@unsubscribe@@"
