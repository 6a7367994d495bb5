"""The command line: what keeps it from starting is told at once, with cures and exit code 2."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.runtime.__main__ import main
from tests.infra.runtime.conftest import HOUSE
from tests.instance import ROOT

HOUSES = ("left", "right")


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {**HOUSE, "LOTSE_DEMO": "1", "LOTSE_DATA_DIR": str(tmp_path / "data")}.items():
        monkeypatch.setenv(name, value)


def test_all_wrong_settings_are_told_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTSE_DEMO", "perhaps")
    monkeypatch.setenv("LOTSE_PORT", "70000")
    monkeypatch.setenv("LOTSE_SERVICE_URLS", "contacts")
    assert main(["all"]) == 2
    told = capsys.readouterr().err
    for name in ("LOTSE_DEMO", "LOTSE_PORT", "LOTSE_SERVICE_URLS", "LOTSE_SECRET"):
        assert name in told


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["gateway"], ["LOTSE_PORT", "LOTSE_SECRET", "LOTSE_BASE_URL", "LOTSE_SERVICE_URLS"]),
        (
            ["background", "left"],
            ["LOTSE_PORT", "LOTSE_SECRET", "LOTSE_DATABASE_URL", "LOTSE_BASE_URL", "LOTSE_BROKER_URL"],
        ),
        (["move", "old"], ["LOTSE_PORT", "LOTSE_SECRET", "LOTSE_DATABASE_URL"]),
        (["web", "nobody"], ["LOTSE_PORT", "LOTSE_SECRET"]),
        (["doctor"], ["LOTSE_PORT", "LOTSE_SECRET"]),
    ],
)
def test_what_is_wrong_and_what_is_missing_come_together(
    arguments: list[str], named: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("LOTSE_DEMO", "LOTSE_SECRET", "LOTSE_BASE_URL", "LOTSE_DATABASE_URL", "LOTSE_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOTSE_PORT", "many")
    assert main(arguments) == 2
    told = capsys.readouterr().err.splitlines()[1:]
    assert sorted({line.split()[0] for line in told}) == sorted(named)


def test_a_taken_port_that_was_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("LOTSE_PORT", str(port))
        assert main(["all"]) == 2
    told = capsys.readouterr().err
    assert f"Port {port} auf 127.0.0.1 ist belegt" in told
    assert f"Port {port} on 127.0.0.1 is taken" in told


@pytest.mark.parametrize("role", ["web", "background", "worker", "beat", "service"])
def test_separate_processes_refuse_what_belongs_to_one(role: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([role, "right"]) == 2
    told = capsys.readouterr().err
    assert "LOTSE_DATABASE_URL=" in told
    assert "LOTSE_BROKER_URL=" in told


def test_a_service_that_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LOTSE_DATABASE_URL", "asyncpg://lotse@127.0.0.1:1/lotse_{service}")
    monkeypatch.setenv("LOTSE_BROKER_URL", "amqp://127.0.0.1:1")
    assert main(["web", "middle"]) == 2
    assert "left, right" in capsys.readouterr().err


@pytest.mark.parametrize("role", ["web", "background", "worker", "beat"])
def test_a_service_that_only_runs_as_a_whole(
    role: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTSE_SERVICES", "tests.house.pair")
    monkeypatch.setenv("LOTSE_DATABASE_URL", "asyncpg://lotse@127.0.0.1:1/lotse_{service}")
    monkeypatch.setenv("LOTSE_BROKER_URL", "amqp://127.0.0.1:1")
    assert main([role, "pair"]) == 2
    assert capsys.readouterr().err.count("python -m infra.runtime service pair") == 2


def test_a_database_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LOTSE_DATABASE_URL", "asyncpg://lotse@127.0.0.1:1/lotse_{service}")
    monkeypatch.setenv("LOTSE_BROKER_URL", "amqp://127.0.0.1:1")
    monkeypatch.setenv("LOTSE_START_SECONDS", "1")
    assert main(["web", "left"]) == 2
    told = capsys.readouterr().err
    assert "waiting for a server" in told
    assert "Die Datenbank von left (LOTSE_DATABASE_URL): Unter 127.0.0.1:1 antwortet PostgreSQL nicht" in told
    assert "The database of left (LOTSE_DATABASE_URL): PostgreSQL does not answer at 127.0.0.1:1" in told
    assert "It was waited for 1 s. Start PostgreSQL" in told


def test_all_in_one_on_a_server_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTSE_BROKER_URL", "amqp://127.0.0.1:1")
    monkeypatch.setenv("LOTSE_START_SECONDS", "0")
    assert main(["all"]) == 2
    assert "The broker of left (LOTSE_BROKER_URL): RabbitMQ does not answer at 127.0.0.1:1" in capsys.readouterr().err


def test_a_gateway_is_told_all_that_it_lacks_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTSE_DEMO", "0")
    monkeypatch.setenv("LOTSE_SECRET", "s" * 32)
    assert main(["gateway"]) == 2
    told = capsys.readouterr().err
    assert "LOTSE_BASE_URL must be the public address" in told
    assert "LOTSE_SERVICE_URLS names no address for: left, right" in told


def test_a_role_is_told_all_that_it_lacks_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTSE_DEMO", "0")
    monkeypatch.setenv("LOTSE_SECRET", "s" * 32)
    monkeypatch.setenv("LOTSE_DATABASE_URL", "left=asyncpg://l@db/left")
    monkeypatch.setenv("LOTSE_BROKER_URL", "left=amqp://l@broker/")
    monkeypatch.setenv("LOTSE_JOBS_URL", "left=amqp://l@broker/jobs")
    assert main(["service", "right"]) == 2
    told = capsys.readouterr().err.splitlines()[1:]
    names = ["LOTSE_DATABASE_URL", "LOTSE_BASE_URL", "LOTSE_BROKER_URL", "LOTSE_JOBS_URL"]
    assert [line.split()[0] for line in told] == names


def test_one_address_is_not_enough_for_several_services(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTSE_DATABASE_URL", "asyncpg://lotse@db/lotse")
    assert main(["migrate"]) == 2
    assert "LOTSE_DATABASE_URL must name another database for each service" in capsys.readouterr().err


def test_the_all_in_one_has_one_connection_to_the_broker(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTSE_BROKER_URL", "amqp://lotse_{service}@broker/")
    assert main(["all"]) == 2
    told = capsys.readouterr().err
    assert "LOTSE_BROKER_URL must be one address" in told
    assert "LOTSE_JOBS_URL must be one address" in told


def test_the_tables_of_settings_and_metrics_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings"]) == 0
    assert "LOTSE_START_SECONDS" in capsys.readouterr().out
    assert main(["metrics"]) == 0
    assert "lotse_outbox_backlog_events" in capsys.readouterr().out


def test_the_doctor_names_a_folder_and_a_port_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o755)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("LOTSE_PORT", str(taken.getsockname()[1]))
        assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "everybody on this machine can look into it" in told
    assert f"PROBLEM  port {os.environ['LOTSE_PORT']}" in told


def test_a_worker_for_a_service_without_jobs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["worker", "left"]) == 2
    assert "has no background jobs" in capsys.readouterr().err


def test_the_doctor_names_each_problem_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTSE_DATABASE_URL", "asyncpg://lotse@127.0.0.1:1/lotse_{service}")
    monkeypatch.setenv("LOTSE_BROKER_URL", "amqp://127.0.0.1:1")
    monkeypatch.setenv("LOTSE_SMTP_URL", "smtp://nowhere.invalid")
    assert main(["doctor"]) == 1
    problems = [line for line in capsys.readouterr().out.splitlines() if line.startswith("PROBLEM")]
    named = [line.removeprefix("PROBLEM  ").split(":")[0] for line in problems]
    mail = "mail server nowhere.invalid"
    assert named == ["broker left", "broker right", "jobs broker right", mail, "database left", "database right"]
    assert "LOTSE_BROKER_URL" in problems[0]
    assert "its name is unknown" in problems[3]
    assert "LOTSE_DATABASE_URL" in problems[4]


def test_nothing_starts_with_a_key_that_cannot_sign(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LOTSE_DKIM_KEY", str(tmp_path / "absent.pem"))
    monkeypatch.setenv("LOTSE_DKIM_SELECTOR", "s1")
    assert main(["all"]) == 2
    assert "LOTSE_DKIM_KEY must name a key that signs mails" in capsys.readouterr().err
    assert main(["worker", "right"]) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err


def test_a_mail_can_be_sent_for_a_trial(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["test-mail", "chef@example.org"]) == 0
    assert capsys.readouterr().out == "ok       local mailbox: 250 2.0.0 kept in the local mailbox\n"
    assert main(["test-mail", "niemand"]) == 1
    assert "PROBLEM  not one plain e-mail address" in capsys.readouterr().out
    monkeypatch.setenv("LOTSE_SMTP_URL", "smtp://127.0.0.1:1")
    assert main(["test-mail", "chef@example.org"]) == 1
    assert "PROBLEM  127.0.0.1:1: no answer ConnectionRefusedError" in capsys.readouterr().out


def test_the_doctor_asks_for_a_legal_notice_outside_the_demo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOTSE_DEMO", "0")
    monkeypatch.setenv("LOTSE_SECRET", "s" * 32)
    assert main(["doctor"]) == 1
    assert "PROBLEM  legal notice: LOTSE_IMPRINT still holds the template" in capsys.readouterr().out
    monkeypatch.setenv("LOTSE_IMPRINT", "Netzwerk Nord e. V. | Hafenstraße 1, 24000 Nordstadt")
    assert main(["doctor"]) == 0


def test_commands_work_on_their_own_when_nothing_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 1
    assert "migrations missing" in capsys.readouterr().out
    assert main(["migrate"]) == 0
    applied = capsys.readouterr().out.splitlines()
    assert [line for line in applied if "0001_initial" in line] == [f"applied {name}.0001_initial" for name in HOUSES]
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "nothing to do\n"
    assert main(["status"]) == 0
    assert "hears left: 0 of 0" in capsys.readouterr().out
    assert main(["replay", "right", "0", "left"]) == 0
    assert "when the service runs" in capsys.readouterr().out
    assert main(["replay", "left", "0", "right"]) == 1
    assert main(["replay", "middle", "0"]) == 1
    assert main(["dead-letters", "retry", "all"]) == 0
    assert main(["dead-letters", "retry", "nonsense"]) == 1
    assert main(["import", str(tmp_path / "nowhere")]) == 1
    assert main(["reindex"]) == 0


def test_the_settings_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings"]) == 0
    assert "| `LOTSE_PORT` |" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["replay", "right", "-1"], ["dead-letters"], ["nonsense"]])
def test_wrong_usage_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_gets_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "infra.runtime", "settings"]
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")
