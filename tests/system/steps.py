"""Steps of stories that go beyond one API call: waiting for what events bring about, and reading mail."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.instance import ApiAnswer, Client

R = TypeVar("R")
# Work whose job got lost is found by beat within twenty seconds; how fast things are otherwise the bench measures.
PATIENCE = 60.0
NETWORK = "iq-landesnetzwerk-sachsen-anhalt"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_LINK = re.compile(r"https?://\S+")


async def until(look: Callable[[], Awaitable[R | None]], what: str, seconds: float = PATIENCE) -> R:
    """What `look` returns as soon as that is not None. Fails when it takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while (found := await look()) is None:
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        await asyncio.sleep(0.02)
    return found


def hit_for(answer: ApiAnswer, slug: str) -> dict[str, Any] | None:
    """The search hit of the offer `slug`, if it is there."""
    hits: list[dict[str, Any]] = answer.body["hits"]
    return next((hit for hit in hits if hit["slug"] == slug and hit["kind"] == "offer"), None)


@dataclass
class Reader:
    """Somebody who subscribes: has a mailbox and a browser, but no account."""

    lotse: Client
    address: str

    async def mails(self) -> list[dict[str, Any]]:
        """Their mails, newest first."""
        async with self.lotse.session.get(f"{self.lotse.url}/dev/mail.json") as answer:
            assert answer.status == 200
            items: list[dict[str, Any]] = (await answer.json())["items"]
            return [mail for mail in items if self.address in mail["recipient"]]

    async def mail(self, subject: str) -> dict[str, Any]:
        """The mail with `subject` in its subject line, as soon as it is there."""

        async def look() -> dict[str, Any] | None:
            return next((mail for mail in await self.mails() if subject in mail["subject"]), None)

        return await until(look, f"mail {subject!r}")

    async def confirm(self) -> None:
        """Open the link of the confirmation mail and press the button on the page."""
        mail = await self.mail("bestätigen")
        link = next(link for link in _LINK.findall(text_of(mail)) if "/bestaetigen/" in link)
        async with self.lotse.session.get(self.here(link)) as page:
            fields = dict(_HIDDEN.findall(await page.text()))
            assert page.status == 200
        async with self.lotse.session.post(self.here(link), data=fields) as answer:
            assert answer.status == 200, await answer.text()

    def here(self, link: str) -> str:
        """The same page on the running installation, whatever its public address is."""
        return self.lotse.url + urlsplit(link).path


def text_of(mail: dict[str, Any], kind: str = "text/plain") -> str:
    """The text of one part of a mail."""
    found: str = next(part["content"] for part in mail["parts"] if part["type"] == kind)
    return found


def header_of(mail: dict[str, Any], name: str) -> str:
    """One header of a mail."""
    headers = {key.lower(): value for key, value in mail["headers"].items()}
    found: str = headers[name.lower()]
    return found
