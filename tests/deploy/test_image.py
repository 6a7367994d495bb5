"""The image's recipe: pinned, without root, and copying what is there and nothing else."""

from __future__ import annotations

import fnmatch
import re
import tomllib

from tests.deploy.composed import ROOT

RECIPE = (ROOT / "infra" / "deploy" / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / "infra" / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8")


def _instructions(name: str) -> list[str]:
    text = RECIPE.replace("\\\n", " ")
    return re.findall(rf"^{name} +(.+)$", text, re.MULTILINE)


def _sent_to_the_builder(path: str) -> bool:
    """As Docker reads the file: the last line that fits decides."""
    sent = True
    for line in (line for line in IGNORED.splitlines() if line and not line.startswith("#")):
        pattern = line.removeprefix("!")
        if any(fnmatch.fnmatch(part, pattern.removeprefix("**/")) for part in (path, *_parents(path))):
            sent = line.startswith("!")
    return sent


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


def test_python_is_pinned_and_one_that_the_project_allows() -> None:
    (version,) = re.findall(r"^ARG PYTHON=python:(\d+\.\d+\.\d+)-slim-\w+$", RECIPE, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest, highest = (tuple(map(int, part.split("."))) for part in re.findall(r"3\.\d+", project["requires-python"]))
    assert lowest <= tuple(map(int, version.split(".")[:2])) < highest
    assert _instructions("FROM") == ["${PYTHON} AS packages", "${PYTHON}"]


def test_what_is_copied_is_there_and_sent_and_nothing_else_is() -> None:
    sources = [word for line in _instructions("COPY") if "--from" not in line for word in line.split()[:-1]]
    names = {source.removeprefix("./") for source in sources}
    assert {name for name in names if not (ROOT / name).exists()} == set()
    assert {name for name in names if not _sent_to_the_builder(name)} == set()
    top = {path.name for path in ROOT.iterdir()} | {".env", ".git"}
    assert {name for name in top if _sent_to_the_builder(name)} == names
    assert not _sent_to_the_builder("infra/deploy/postgres/init.sql")
    assert not _sent_to_the_builder("services/forum/__pycache__/api.cpython-311.pyc")


def test_packages_are_held_against_their_hashes_and_nothing_is_compiled() -> None:
    (install,) = (line for line in _instructions("RUN") if "pip install" in line)
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install


def test_it_runs_as_a_numbered_user_and_holds_no_secret() -> None:
    (user,) = _instructions("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert _instructions("ENTRYPOINT") == ['["python", "-m", "infra.runtime"]']
    assert not re.search(r"SECRET|PASSWORD|KEY", RECIPE)
