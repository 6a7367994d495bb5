"""An issue on its way: freezing its audience, sending it into a local sink, and into a real Postfix where there is one.

The sink, the worker and the bare sender each are a process of their own. Rates are all-in: claiming, composing,
sending, journal and ledger; the ratio is that to a bare sender of one constant mail over the same connections.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from bench.kit import Context, Figure
from bench.mailing import Measured
from bench.postfix import missing, postfix
from infra.ids import new_id
from tests.kit import POSTGRES_URL, on_server

READERS = 50_000
FEW = 5_000
MANY = 200_000
TO_POSTFIX = 5_000
BARE = 50_000


async def figures(context: Context) -> list[Figure]:
    """Mails a second, milliseconds of the processor for a mail, seconds to freeze, megabytes."""
    found: list[Figure] = []
    for kind in ("sqlite", *(["postgres"] if POSTGRES_URL else [])):
        found += await _kind(context, kind)
    if reason := missing():
        print(f"  real mail server skipped: {reason}", flush=True)
        return found
    async with postfix(context.folder / "postfix") as url:
        sent = await _mailing(context, "sqlite", TO_POSTFIX, url)
    return [*found, Figure("newsletter_postfix", sent.mails / sent.seconds, "mails/s", note=_note(sent))]


async def _kind(context: Context, kind: str) -> list[Figure]:
    async with _sink() as url:
        bare = await _worker("bare", url, str(BARE))
        few = await _mailing(context, kind, FEW, url)
        sent = await _mailing(context, kind, READERS, url)
        many = await _mailing(context, kind, MANY, "")
    rate, peer = sent.mails / sent.seconds, bare.mails / bare.seconds
    processor = 1000 * sent.processor / sent.mails
    assert sent.counts["sent"] == sent.mails == READERS, sent.counts
    name = f"newsletter_{kind}"
    return [
        Figure(f"{name}_rate", rate, "mails/s", rate / peer, aim=">= 4000 mails/s", note=_note(sent)),
        Figure(f"{name}_bare_rate", peer, "mails/s", note=f"{1000 * bare.processor / bare.mails:.3f} ms CPU a mail"),
        Figure(f"{name}_processor", processor, "ms a mail", aim="< 0.25 ms"),
        Figure(f"{name}_freeze_{MANY}", many.freeze_seconds, "s", aim="< 10 s"),
        Figure(
            f"{name}_memory", sent.peak, "MB", sent.peak / few.peak, aim="< 200 MB", note=f"of {FEW}: {few.peak:.0f}"
        ),
    ]


def _note(sent: Measured) -> str:
    return (
        f"{sent.mails} mails in {sent.seconds:.1f} s, {sent.processor:.1f} s CPU, frozen in {sent.freeze_seconds:.2f} s"
    )


async def _mailing(context: Context, kind: str, readers: int, url: str) -> Measured:
    """Fill a database of its own and send."""
    prefix = f"lotse_bench_{os.getpid()}_{new_id().hex[-8:]}"
    folder = context.folder / prefix
    folder.mkdir(parents=True)
    try:
        await _worker("fill", kind, str(folder), prefix, str(readers))
        return await _worker("send", kind, str(folder), prefix, url)
    finally:
        if kind == "postgres":
            await on_server(f'DROP DATABASE IF EXISTS "{prefix}_newsletter" WITH (FORCE)')


async def _worker(*arguments: str) -> Measured:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.mailing", *arguments, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, arguments[0]
    return msgspec.json.decode(out, type=Measured)


@asynccontextmanager
async def _sink(log: Path | None = None) -> AsyncIterator[str]:
    arguments = [sys.executable, "-m", "bench.smtp_sink", *([str(log)] if log else [])]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = (await process.stdout.readline()).decode().strip()
        yield f"smtp://127.0.0.1:{port}"
    finally:
        process.stdin.close()
        await process.wait()
