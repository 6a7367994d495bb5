"""Fixtures for all tests: `database` gives SQLite and, where a server is named, PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.instance import Instance
from tests.kit import POSTGRES_URL, Database, drop_templates
from tests.processes import Processes, missing

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
    await drop_templates()


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    """Lotse in processes, on servers of its own, filled as a demo; one for all who only use it."""
    if reason := missing():
        pytest.skip(reason)
    with asyncio.Runner() as runner:
        started = Processes()
        runner.run(started.__aenter__())
        try:
            yield started
        finally:
            runner.run(started.__aexit__(None, None, None))


QUICK_FIRST = ("unit", "contracts", "infra", "services", "gateway", "deploy", "system", "faults", "browser")


# These files share the one RabbitMQ or the one running Lotse, so each group runs in one process.
TOGETHER = {
    "tests/infra/test_backbone_rabbitmq.py": "rabbitmq",
    "tests/infra/test_bus_faults.py": "rabbitmq",
    "tests/infra/test_forgery.py": "rabbitmq",
    "tests/infra/test_poison.py": "rabbitmq",
    "tests/infra/runtime/test_processes.py": "rabbitmq",
    "tests/infra/runtime/test_watching.py": "rabbitmq",
    "tests/system/test_bad_input.py": "system",
    "tests/system/test_story.py": "system",
    "tests/system/test_processes.py": "processes",
    "tests/faults/test_faults.py": "processes",
    "tests/browser/test_processes.py": "processes",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, so that a broken rule is told before a browser is started."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return QUICK_FIRST.index(folder) if folder in QUICK_FIRST else -1


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives each worker whole files. xdist's own groups need an attribute that pytest 9 no longer has."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return TOGETHER.get(file, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _ByFile:
    """The hook by which xdist asks how to share out the tests."""
    return _ByFile(config, log)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, Any, None]:
    """With a failed test goes what the Lotse that it used complained of: its folder is gone afterwards."""
    report = (yield).get_result()
    if report.failed:
        used = {each for each in item.funcargs.values() if isinstance(each, Instance)}
        report.sections += [("Lotse's warnings", lotse.warnings()) for lotse in used]


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
