"""Settings: read once, checked all at once, each problem with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.settings import DEMO_SECRET, FIELDS, Settings, SettingsError, load

SECRET = "s" * 32


def problems(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(environ)
    return caught.value.problems


def test_demo_needs_nothing_else() -> None:
    settings = load({"LOTSE_DEMO": "1"})
    assert settings.port is None
    assert settings.secret == DEMO_SECRET
    assert settings.embedded_broker
    assert settings.database("forum") == f"sqlite://{Path('data').resolve().as_posix()}/forum.sqlite3"


def test_outside_demo_a_secret_is_required_and_the_cure_named() -> None:
    (problem,) = problems()
    assert problem.startswith("LOTSE_SECRET")
    assert "secrets.token_urlsafe" in problem
    assert problems(LOTSE_SECRET=DEMO_SECRET) == [problem]
    assert load({"LOTSE_SECRET": SECRET}).secret == SECRET


def test_demo_listens_on_this_machine_only() -> None:
    (problem,) = problems(LOTSE_DEMO="1", LOTSE_HOST="0.0.0.0")
    assert problem.startswith("LOTSE_HOST")


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        LOTSE_DEMO="yes",
        LOTSE_PORT="99999",
        LOTSE_RETENTION_DAYS="0",
        LOTSE_LOG_LEVEL="LOUD",
        LOTSE_BROKER_URL="redis://",
        LOTSE_DATABASE_URL="mysql://host/db",
        LOTSE_SMTP_URL="mail.example.org",
        LOTSE_BASE_URL="lotse.example.org",
        LOTSE_SERVICES=" , ",
        LOTSE_SECRET=SECRET,
    )
    named = [problem.split()[0] for problem in found]
    assert named == [
        "LOTSE_DEMO",
        "LOTSE_PORT",
        "LOTSE_RETENTION_DAYS",
        "LOTSE_LOG_LEVEL",
        "LOTSE_SERVICES",
        "LOTSE_BROKER_URL",
        "LOTSE_DATABASE_URL",
        "LOTSE_SMTP_URL",
        "LOTSE_BASE_URL",
    ]


def test_every_service_has_a_database_of_its_own() -> None:
    settings = load({"LOTSE_DEMO": "1", "LOTSE_DATABASE_URL": "asyncpg://u:p@db/lotse_{service}"})
    assert settings.database("search") == "asyncpg://u:p@db/lotse_search"


def test_every_setting_has_a_field_and_a_meaning() -> None:
    names = [field.name for field in FIELDS]
    assert len(names) == len(set(names))
    expected = {f"LOTSE_{name.upper()}" for name in Settings.__dataclass_fields__}
    assert expected == set(names)
    assert all(field.meaning for field in FIELDS)
