"""`kill -9` of a worker in the middle of an issue, again and again: `python -m tests.faults.killing [READERS] [KILLS]`.

The mail server writes down whom it took a mail for before it answers, so what arrived is known apart from what the
newsletter believes. Afterwards everybody is accounted for, nobody is missing, and only mails that are named as
uncertain can have come twice, under the same Message-ID.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 10
_LOOK_SECONDS = 0.005


@dataclass(frozen=True)
class Result:
    """What came of it: rows by status, those that arrived more than once, and at how many mails it was killed."""

    statuses: Counter[str]
    uncertain: int
    doubled: int
    killed_at: list[int]


async def kill_while_mailing(folder: Path, readers: int, kills: int, seed: int) -> Result:
    """Send an issue to so many readers with so many kills at random moments, and then once more what is uncertain."""
    log = folder / "arrived.log"
    log.touch()
    chance = random.Random(seed)
    await _finished(await _worker(folder, "fill", str(readers)))
    sink = await _process("bench.smtp_sink", str(log))
    try:
        assert sink.stdout is not None
        url = f"smtp://127.0.0.1:{(await sink.stdout.readline()).decode().strip()}"
        killed_at: list[int] = []
        step = "send"
        for left in range(kills, 0, -1):
            arrived = len(_arrived(log))
            target = arrived + chance.randint(1, max(1, 2 * (readers - arrived) // (left + 2)))
            killed_at.append(await _kill_at(await _worker(folder, step, url), log, target))
            step = "work"
        await _finished(await _worker(folder, step, url))
        first = _rows(folder)
        _verify(first, _arrived(log), readers, len(killed_at))
        uncertain = {recipient for recipient, (status, _) in first.items() if status == "uncertain"}
        if uncertain:
            await _finished(await _worker(folder, "again", url))
        doubled = _verify_again(_rows(folder), _arrived(log), uncertain)
        return Result(Counter(status for status, _ in first.values()), len(uncertain), doubled, killed_at)
    finally:
        assert sink.stdin is not None
        sink.stdin.close()
        await sink.wait()


def _verify(rows: dict[str, tuple[str, str]], arrived: list[tuple[str, str]], readers: int, kills: int) -> None:
    """After the last worker: everybody is accounted for, by what the mail server took."""
    came = Counter(recipient for recipient, _ in arrived)
    uncertain = {recipient for recipient, (status, _) in rows.items() if status == "uncertain"}
    assert len(rows) == readers
    assert {status for status, _ in rows.values()} <= {"sent", "uncertain"}
    assert len(uncertain) <= kills * CONNECTIONS, f"{len(uncertain)} uncertain after {kills} kills"
    assert {recipient for recipient in rows if recipient not in came} <= uncertain, "somebody is missing"
    assert all(number == 1 for number in came.values()), "a mail came twice that nobody had sent again"
    assert all(rows[recipient][1] == message_id for recipient, message_id in arrived)


def _verify_again(rows: dict[str, tuple[str, str]], arrived: list[tuple[str, str]], uncertain: set[str]) -> int:
    """After what was uncertain went out again: nobody is missing, and only those can have it twice."""
    came = Counter(arrived)
    assert {status for status, _ in rows.values()} == {"sent"}
    assert {recipient for recipient, _ in arrived} == set(rows)
    assert len(came) == len(rows), "a mail came under two Message-IDs"
    doubled = {recipient for (recipient, _), number in came.items() if number > 1}
    assert doubled <= uncertain
    return len(doubled)


async def _kill_at(worker: asyncio.subprocess.Process, log: Path, target: int) -> int:
    while len(_arrived(log)) < target and worker.returncode is None:
        await asyncio.sleep(_LOOK_SECONDS)
    if worker.returncode is None:
        worker.kill()
    await worker.wait()
    return len(_arrived(log))


async def _finished(worker: asyncio.subprocess.Process) -> None:
    _, errors = await worker.communicate()
    assert worker.returncode == 0, errors.decode()[-2000:]


async def _worker(folder: Path, step: str, last: str) -> asyncio.subprocess.Process:
    return await _process("bench.mailing", step, "sqlite", str(folder), "killing", last)


async def _process(module: str, *arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdin=pipe, stdout=pipe, stderr=pipe
    )


def _arrived(log: Path) -> list[tuple[str, str]]:
    """Recipient and Message-ID of each mail that the server took."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [(recipient, message_id) for recipient, _, message_id in (line.partition(" ") for line in lines)]


def _rows(folder: Path) -> dict[str, tuple[str, str]]:
    """Status and Message-ID by recipient."""
    statement = """
        SELECT s.address, d.status, d.message_id FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id
    """
    with sqlite3.connect(folder / "newsletter.sqlite3") as connection:
        return {address: (status, message_id) for address, status, message_id in connection.execute(statement)}


def main() -> None:
    """Command line."""
    readers, kills = (int(text) for text in (*sys.argv[1:], "20000", "30")[:2])
    seed = random.randrange(10_000)
    with tempfile.TemporaryDirectory(prefix="lotse-killing-") as folder:
        print(f"seed {seed}", asyncio.run(kill_while_mailing(Path(folder), readers, kills, seed)), sep="\n")


if __name__ == "__main__":
    main()
