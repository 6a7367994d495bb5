"""The operator's command that takes over a list from a file, for lists too long for a form."""

from __future__ import annotations

import asyncio
from pathlib import Path

from infra.db import transaction
from infra.errors import Invalid
from services.newsletter.lists.commands import read_list, take_list
from services.newsletter.lists.domain import UNREADABLE
from services.newsletter.lists.schemas import ListReport, ListRequest

_STATES = ("new", "known", "suppressed", "repeated", "wrong")


async def import_file(path: Path, *, dry_run: bool, skip_wrong: bool) -> tuple[bool, list[str]]:
    """Take over the list in a file; returns whether it was well, and what to tell the operator, without addresses."""
    try:
        content = await asyncio.to_thread(path.read_text, encoding="utf-8")
        request = ListRequest(content, path.name[:100], dry_run, skip_wrong)
        found = await read_list(content, "en")
        async with transaction("newsletter") as tx:
            report = await take_list(tx, found, request, "command line")
    except UnicodeDecodeError:
        return False, [UNREADABLE.en]
    except Invalid as error:
        return False, [field.text.en for field in error.fields]
    return dry_run or report.taken or not report.wrong, _lines(report)


def _lines(report: ListReport) -> list[str]:
    lines = [f"line {row.line}: {' '.join(row.problems)}" for row in report.rows if row.problems]
    lines.append(", ".join(f"{getattr(report, state)} {state}" for state in _STATES))
    if report.dry_run:
        return [*lines, "Nothing was stored: this was a dry run."]
    if report.wrong and not report.taken:
        return [*lines, "Nothing was stored: mend the wrong lines, or take the others with --skip-wrong."]
    return lines
