"""A mailing under way while the mail server goes away: afterwards everybody concerned has got the issue, once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from email import message_from_bytes, policy

from tests.faults.faults import Fault
from tests.faults.house import House
from tests.faults.verify import until_none
from tests.infra.mail.sink import DROP

QUARTERS = ("2027-Q1", "2027-Q2")
THROUGH = 3


class Mailing:
    """The dispatch of one issue, after which the next one collects; `fault` lets the mail server go away in its middle.

    `issues` are the slugs of those that there are.
    """

    def __init__(self, editor: str, second: str, seconds: float) -> None:
        self.issues: list[str] = []
        self._editor, self._second = editor, second
        self._away = False
        self._arrived: list[float] = []
        self._mended = 0.0
        self._seconds = seconds
        self.fault = Fault("mail server gone", "mail", seconds, self._strike)

    @property
    def started(self) -> bool:
        """Whether the issue was sent."""
        return bool(self._arrived)

    async def draft(self, house: House) -> None:
        """Make the next issue."""
        quarter = QUARTERS[len(self.issues)]
        answer = await house.api("POST", "issues", token=self._editor, json={"quarter": quarter})
        assert answer.status == 201, answer
        self.issues.append(answer.body["slug"])

    async def _strike(self, house: House) -> None:
        house.mail.script = self._answer
        steps = (("submit", self._editor), ("approve", self._second), ("send", self._editor))
        for step, token in steps:
            answer = await house.api("POST", f"issues/{self.issues[0]}/{step}", token=token)
            assert answer.status in (200, 202), answer
        await self.draft(house)
        async with asyncio.timeout(self._seconds + 30):
            while len(self._arrived) < THROUGH:
                await asyncio.sleep(0.02)
        await asyncio.sleep(self._seconds)
        self._away = False
        self._mended = time.monotonic()

    def _answer(self, step: str, _argument: str) -> str | None:
        """The server's part: after the first mails it hangs up on everybody until it is back."""
        if self._away:
            return DROP
        if step == "END":
            self._arrived.append(time.monotonic())
            self._away = len(self._arrived) == THROUGH
        return None

    async def finished(self, house: House, seconds: float) -> float:
        """Wait until the issue is with everybody, once; seconds from the server's return to the last mail."""
        await until_none(lambda: self._problems(house), seconds)
        return self._arrived[-1] - self._mended

    async def _problems(self, house: House) -> list[str]:
        answer = await house.api("GET", f"issues/{self.issues[0]}", token=self._editor)
        mails = [message_from_bytes(mail.content, policy=policy.default) for mail in house.mail.received]
        # notices about it go out, too
        of_the_issue = [mail for mail in mails if "<newsletter." in str(mail["List-Id"])]
        times = Counter((str(mail["To"]), str(mail["Message-ID"])) for mail in of_the_issue)
        doubled = [key for key, number in times.items() if number > 1]
        state, audience = answer.body["state"], answer.body["counts"]["audience"]
        return [
            *([] if state == "sent" else [f"the issue is still in state {state}"]),
            *([] if len(times) == audience else [f"{len(times)} of {audience} mails arrived"]),
            *([f"mails came more than once: {doubled}"] if doubled else []),
        ]
