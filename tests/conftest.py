"""Fixtures for all tests: `database` gives SQLite and, where a server is named, PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.kit import POSTGRES_URL, Database, drop_templates

needs_postgres = pytest.param(
    "postgres",
    marks=[
        pytest.mark.postgres,
        pytest.mark.skipif(not POSTGRES_URL, reason="LOTSE_TEST_POSTGRES_URL names no PostgreSQL server"),
    ],
)


@pytest.fixture(params=["sqlite", needs_postgres])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A place for the databases of one test, on each kind of server."""
    made = Database(request.param, tmp_path, f"lotse_test_{uuid.uuid4().hex[:10]}")
    yield made
    await made.remove()


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    """A place for databases where the kind does not matter."""
    return Database("sqlite", tmp_path)


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def _templates() -> AsyncIterator[None]:
    yield
    if POSTGRES_URL:
        await drop_templates()


QUICK_FIRST = ("unit", "contracts", "infra", "services", "gateway", "system", "faults", "browser")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, so that a broken rule is told before a browser is started; and who shares what in a row."""
    items.sort(key=_rank)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _rank(item: pytest.Item) -> int:
    folder = _parts(item)[0]
    return QUICK_FIRST.index(folder) if folder in QUICK_FIRST else -1


def _group(item: pytest.Item) -> str:
    """What must run in one process: tests on the one RabbitMQ, on one running Lotse, of one file."""
    if item.get_closest_marker("rabbitmq"):
        return "rabbitmq"
    folder, *rest = _parts(item)
    return folder if folder == "system" else "/".join((folder, *rest))


def _parts(item: pytest.Item) -> tuple[str, ...]:
    return item.path.relative_to(Path(__file__).parent).parts


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why tests were skipped, a line a reason. In CI (LOTSE_TEST_ALL=1) that is a failure, but for Meilisearch's."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"{number} skipped: {reason}")
    unexpected = _unexpected_skips(terminalreporter)
    for report in unexpected:
        terminalreporter.write_line(f"skipped although everything should run here: {report.nodeid}", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """See pytest_terminal_summary."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == 0 and reporter is not None and _unexpected_skips(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def _unexpected_skips(reporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    if os.environ.get("LOTSE_TEST_ALL") != "1":
        return []
    return [report for report in reporter.stats.get("skipped", []) if "MEILI_URL" not in str(report.longrepr)]
