"""The settings as the programs see them, and how they are read and checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.addresses import address_of
from infra.settings import bounces, general, mail
from infra.settings.general import DEMO_SECRET

FIELDS = (*general.FIELDS, *mail.FIELDS, *bounces.FIELDS, *general.RUNNING)


class SettingsError(Exception):
    """One or more settings are wrong; `problems` names each with its cure, its first word being the setting.

    `rest`, if given, has the defaults in place of the wrong values, so that the others can be looked at further.
    """

    def __init__(self, problems: list[str], rest: Settings | None = None) -> None:
        self.problems = problems
        self.rest = rest
        super().__init__("\n".join(problems))


@dataclass(frozen=True, kw_only=True)
class Settings(bounces.BounceSettings, mail.MailSettings):
    """All settings, checked. `port` is None when no port was asked for."""

    demo: bool
    host: str
    port: int | None
    data_dir: Path
    base_url: str
    secret: str
    database_url: str
    broker_url: str
    jobs_url: str
    services: tuple[str, ...]
    gateway: str
    service_urls: str
    meili_url: str
    meili_key: str
    meili_search_key: str
    log_level: str
    start_seconds: int
    retention_days: int

    @property
    def embedded_broker(self) -> bool:
        """Whether the broker lives in this process."""
        return self.broker_url.startswith("memory://")

    @property
    def apart(self) -> bool:
        """Whether the services run as processes of their own: database and broker are servers."""
        return bool(self.database_url) and not self.embedded_broker

    def database(self, service: str) -> str:
        """The database URL of one service; "" when there are pairs and none is its own."""
        if self.database_url:
            return address_of(self.database_url, service)
        return f"sqlite://{(self.data_dir / f'{service}.sqlite3').as_posix()}"

    def broker(self, service: str) -> str:
        """The broker URL of one service; "" when there are pairs and none is its own."""
        return address_of(self.broker_url, service)

    def jobs(self, service: str) -> str:
        """The URL of the broker for one service's jobs; "" when there are pairs and none is its own."""
        return address_of(self.jobs_url, service)

    def service_url(self, service: str) -> str:
        """Base URL of a service that runs in a process of its own; "" when the settings name none."""
        return address_of(self.service_urls, service).rstrip("/")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check all settings.

    Raises:
        SettingsError: with every problem found, each with its cure.
    """
    env = os.environ if environ is None else environ
    values = {field.name: env.get(field.name, field.default).strip() for field in FIELDS}
    problems = _problems(values)
    if problems:
        named = {problem.split()[0] for problem in problems}
        defaults = {field.name: field.default for field in FIELDS if field.name in named}
        raise SettingsError(problems, _settings({**values, **defaults}))
    return _settings(values)


def _settings(values: Mapping[str, str]) -> Settings:
    """The settings of values that are well."""
    return Settings(
        demo=values["LOTSE_DEMO"] == "1",
        host=values["LOTSE_HOST"],
        port=int(values["LOTSE_PORT"]) if values["LOTSE_PORT"] else None,
        data_dir=Path(values["LOTSE_DATA_DIR"]).resolve(),
        base_url=values["LOTSE_BASE_URL"].rstrip("/"),
        secret=values["LOTSE_SECRET"] or DEMO_SECRET,
        database_url=values["LOTSE_DATABASE_URL"],
        broker_url=values["LOTSE_BROKER_URL"],
        jobs_url=values["LOTSE_JOBS_URL"] or values["LOTSE_BROKER_URL"],
        services=tuple(name.strip() for name in values["LOTSE_SERVICES"].split(",") if name.strip()),
        gateway=values["LOTSE_GATEWAY"],
        service_urls=values["LOTSE_SERVICE_URLS"],
        meili_url=values["LOTSE_MEILI_URL"].rstrip("/"),
        meili_key=values["LOTSE_MEILI_KEY"],
        meili_search_key=values["LOTSE_MEILI_SEARCH_KEY"],
        log_level=values["LOTSE_LOG_LEVEL"].upper(),
        start_seconds=int(values["LOTSE_START_SECONDS"]),
        retention_days=int(values["LOTSE_RETENTION_DAYS"]),
        **mail.read(values),
        **bounces.read(values),
    )


def _problems(values: Mapping[str, str]) -> list[str]:
    """What is wrong with the values, each with its cure; empty when all are well."""
    checks = (*general.checks(values), *mail.checks(values), *bounces.checks(values))
    return [cure for well, cure in checks if not well] + general.secret_problems(values)
