"""Mails put together from bytes say what building each would say, and nothing of an issue gets out of its place."""

from __future__ import annotations

import email
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest

from infra.ids import new_id
from infra.mail import build
from infra.mail.stationery import Rendered
from services.newsletter.dispatch.composing import Composer, Frame, Own, Sheet
from services.newsletter.dispatch.domain import Claim
from services.newsletter.rendering.letters import marks
from tests.infra.mail.sink import Sink
from tests.kit import Database, running
from tests.services.newsletter.desk import Desk, service
from tests.services.newsletter.test_dispatch import reader

MARKS = marks("segment")
LINK = f"https://lotse.test/newsletter/abmelden/{MARKS.unsubscribe}"
TEXT = "\n".join(
    [
        "Grüße aus dem Harz – und aus Łódź 🙂",
        ".ein Punkt am Anfang",
        ".",
        "From der Zeile an, " + "ein langer Absatz ohne Umbruch " * 8,
        *(f"{'x' * width}{LINK}." for width in range(0, 80, 7)),
        f"{LINK}\n.{LINK}",
        "Sat, 01 Jan 2000 00:00:00 +0000",
        f"Auswahl: {MARKS.preferences} = {MARKS.unsubscribe}",
        "Leerzeichen am Ende   ",
    ]
)
ADDRESSES = (
    "plain@example.org",
    "o'brien+tag@sub.example.org",
    "two..dots@example.org",
    "umlaut@müller.example",
    "jürgen@example.org",
)


@pytest.fixture(params=["", "bounces@example.org"], ids=["without return path", "with return path"])
async def hosted(sqlite: Database, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """A newsletter whose settings the composer reads."""
    async with running([service], sqlite, bounce_address=request.param) as kit:
        yield kit


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_composed_mail_is_the_one_that_would_be_built(hosted: Any, address: str) -> None:
    sheet = Sheet("2026-q4", "de", Rendered("Neues aus dem Netz – Grüße", f"<p>{TEXT}</p>", TEXT), MARKS)
    claim = Claim(new_id(), new_id(), new_id(), "<1.2@example.org>", 1, datetime.now(UTC), address)
    parcel = Composer(None).parcel(Frame(sheet), claim, None)
    assert all(len(line) <= 998 for line in parcel.content.split(b"\r\n"))
    assert not parcel.dotless or b"\n." not in parcel.content
    composed = _parsed(parcel.content)
    way = composed["List-Unsubscribe"].split(", ")
    own = Own(
        recipient=parcel.recipient,
        date="",
        message_id=claim.message_id,
        unsubscribe=way[0].rpartition("/")[2].rstrip(">"),
        preferences=_text(composed).partition("Auswahl: ")[2].partition(" ")[0],
        leave=way[1][len("<mailto:") : -1] if len(way) > 1 else "",
    )
    built = _parsed(build(sheet.mail(own, composed["Date"].datetime)).as_bytes())
    assert composed.defects == []
    assert _headers(composed) == _headers(built)
    assert _text(composed) == _text(built)
    assert [part.get_content() for part in composed.iter_parts()] == [part.get_content() for part in built.iter_parts()]
    assert "mark.invalid" not in parcel.content.decode("utf-8")
    assert parcel.utf8 is not parcel.recipient.isascii()
    assert (len(way) > 1) is bool(hosted.settings.bounce_address)
    assert (parcel.sender == hosted.settings.mail_from) is not bool(hosted.settings.bounce_address)


def _parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=policy.default)


def _headers(message: EmailMessage) -> list[tuple[str, str]]:
    """All but the boundary, which is random."""
    return [(name, str(value).partition("; boundary=")[0]) for name, value in message.items()]


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


INJECTIONS = ("x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org", "=?utf-8?q?x=0d=0aBcc:_eve=40example.org?=")


@pytest.mark.parametrize("evil", INJECTIONS)
async def test_no_field_of_an_issue_or_a_reader_becomes_a_header(sqlite: Database, evil: str) -> None:
    async with (
        Sink(extensions=("PIPELINING",)).listening() as sink,
        running([service], sqlite, smtp_url=sink.url) as kit,
    ):
        desk = Desk(kit)
        await desk.tell_territory()
        for address in (f"{evil}@example.org", f"a@example.org{evil}", "good@example.org"):
            await reader(address)
        issue = await desk.draft()
        for change in ({"title": {"de": evil, "en": evil}}, {"focus": {"de": evil, "en": evil}}):
            assert (await desk.change(issue, change)).status == 422
        sent = await begin_with(desk, issue, evil)
        await desk.job("send_batch", sent["id"])
        report = await desk.report(sent)
        assert [mail.recipient for mail in sink.received] == ["good@example.org"]
        [mail] = [_parsed(mail.content) for mail in sink.received]
        assert mail["Bcc"] is None
        assert mail.defects == []
        assert {row["status"] for row in report["items"] if row["address"] != "good@example.org"} == {"failed"}


async def begin_with(desk: Desk, issue: Any, text: str) -> dict[str, Any]:
    """The issue sent, with `text` wherever it may be written."""
    item = {"title": {"de": "Titel", "en": "Title"}, "text": {"de": text, "en": text}}
    sections = [{"kind": "editorial", "text": {"de": text, "en": text}}, {"kind": "legislation", "items": [item]}]
    changed = await desk.change(issue, {"sections": sections})
    assert changed.status == 200, changed.content
    return await desk.sent(changed.json())
