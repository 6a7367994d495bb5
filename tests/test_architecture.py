"""The house as drawn: the top level, the directions of import, sizes, and no trace of where it was built."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

from tortoise.fields.base import Field
from tortoise.migrations.operations import AddField

import infra
from tests.conftest import TOGETHER

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {
    "services",
    "gateway",
    "infra",
    "tests",
    "docs",
    "bench",
    ".ci",
    ".gitignore",
    "Makefile",
    "docker-compose.yml",
    "README.md",
    "README.en.md",
    "pyproject.toml",
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-otel.lock",
    "LICENSE",
    "NOTICE",
    "CHANGELOG.md",
    "SECURITY.md",
}
MAX_MODULE_LINES = 300


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def sources() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and "migrations" not in path.parts and path.exists()]


def test_the_top_level_holds_what_it_should() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} == TOP_LEVEL


def test_imports_go_one_way() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.read_text(encoding="utf-8").strip() and not re.match(r'\s*[rR]?"""', path.read_text(encoding="utf-8"))
    ]
    assert silent == []


def test_modules_stay_readable() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if path.relative_to(ROOT).parts[0] != "tests"
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_MODULE_LINES
    }
    assert long == {}


def test_locks_carry_hashes_and_name_no_index() -> None:
    for name in ("requirements.lock", "requirements-otel.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--index|--find-links|--extra-index", text)


def test_files_that_empty_the_one_broker_run_in_one_process() -> None:
    emptying = re.compile(r"\bwipe\((?!\"memory)|\binstalled\(")
    files = {str(path.relative_to(ROOT)) for path in sources() if path.name.startswith("test_")}
    found = {file for file in files if emptying.search((ROOT / file).read_text(encoding="utf-8"))}
    assert len(found) > 3, "the search finds too few"
    assert found <= {file for file, group in TOGETHER.items() if group == "rabbitmq"}


def test_the_version_is_said_once_in_each_of_two_places() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == infra.__version__


def test_vendored_files_are_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    vendor = ROOT / "gateway" / "static" / "vendor"
    for folder in vendor.iterdir():
        assert f"gateway/static/vendor/{folder.name}" in notice, folder.name
        assert [path for path in folder.rglob("*") if "LICENSE" in path.name.upper()], folder.name


def test_the_gateways_process_loads_no_database() -> None:
    tell = "import sys, infra.runtime.front, gateway.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", tell], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"tortoise", "asyncpg", "celery", "kombu"} & set(done.stdout.split())


def test_a_column_that_is_added_has_a_value_for_the_rows_that_are_there_and_for_the_version_before() -> None:
    files = [path.relative_to(ROOT) for path in tracked() if path.parent.name == "migrations" and path.stem[0] == "0"]
    modules = [import_module(".".join(path.with_suffix("").parts)) for path in files]
    added = [step for module in modules for step in module.Migration.operations if isinstance(step, AddField)]
    fields = [(step.name, step.field) for step in added if isinstance(step.field, Field)]
    assert [name for name, field in fields if not (field.null or field.has_db_default())] == []
    assert len(fields) > 4, "the search finds too few"
