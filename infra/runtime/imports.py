"""`import DIR`: gives a bundle to every service that knows what to do with it; all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from infra.runtime.service import ImportReport, Service


async def import_bundle(services: Sequence[Service], directory: Path, dry_run: bool, say: Callable[[str], None]) -> int:
    """Check the bundle with every service first and take it only when no row has an error.

    Returns:
        0 when it was taken (or could be), 1 with every error said when not.
    """
    if not directory.is_dir():  # noqa: ASYNC240 - one look
        say(f"There is no folder {directory}.")
        return 1
    importers = [(service.name, service.importer) for service in services if service.importer is not None]
    errors = 0
    for name, importer in importers:
        report = await importer(directory, True)
        errors += _say_errors(name, report, say)
        if dry_run:
            _say_counts(name, report, "would be ", say)
    if errors:
        say(f"{errors} errors; nothing was changed.")
        return 1
    if dry_run:
        return 0
    for name, importer in importers:
        report = await importer(directory, False)
        if _say_errors(name, report, say):
            say(f"The bundle changed while it was read; {name} took nothing. Import it again.")
            return 1
        _say_counts(name, report, "", say)
    return 0


def _say_errors(name: str, report: ImportReport, say: Callable[[str], None]) -> int:
    for error in report.errors:
        say(f"{name}: {error.file}, line {error.line}: {error.message}")
    return len(report.errors)


def _say_counts(name: str, report: ImportReport, would: str, say: Callable[[str], None]) -> None:
    say(f"{name}: {report.created} {would}created, {report.updated} {would}updated, {report.unchanged} unchanged")
