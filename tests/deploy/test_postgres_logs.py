"""PostgreSQL's own log, in every form: an error's details hold values of rows, so it is told to leave them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.runtime.local import servers
from infra.runtime.local.programs import Programs
from tests.deploy.composed import composed
from tests.deploy.kustomized import BASE, kustomized

TERSE = "log_error_verbosity=terse"


def test_in_compose() -> None:
    assert TERSE in composed()["services"]["postgres"]["command"]


def test_in_up_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "account_for", lambda _name: "")
    programs = Programs(*(Path("/nowhere") for _ in range(4)))
    assert TERSE in servers.PostgreSQL(programs, tmp_path, 5432, "secret").program().command


def test_in_kubernetes() -> None:
    (cluster,) = (each for each in kustomized(BASE) if each["kind"] == "Cluster")
    name, _, value = TERSE.partition("=")
    assert cluster["spec"]["postgresql"]["parameters"][name] == value
