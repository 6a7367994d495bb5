"""What each process of an `up-local` is told: only its own database, broker user and port.

The compose file gives the same variables to the same processes; a test compares the two.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from infra.runtime.permissions import EVENTS_VHOST, JOBS_VHOST
from infra.runtime.plan import Process
from infra.settings import FIELDS

HOST = "127.0.0.1"


def login(service: str) -> str:
    """The name of a service's database, database role and broker user."""
    return f"lotse_{service}"


@dataclass(frozen=True)
class Servers:
    """Where the servers listen, and the passwords of the services' logins there, by service.

    `broker_via` names other ports by which single services reach the broker.
    """

    database_port: int
    broker_port: int
    database_passwords: Mapping[str, str]
    broker_passwords: Mapping[str, str]
    broker_via: Mapping[str, int] = field(default_factory=dict)

    def of(self, service: str) -> Mapping[str, str]:
        """The three addresses as one service reaches them."""
        user = login(service)
        port = self.broker_via.get(service, self.broker_port)
        broker = f"amqp://{user}:{self.broker_passwords[service]}@{HOST}:{port}"
        return {
            "LOTSE_DATABASE_URL": f"asyncpg://{user}:{self.database_passwords[service]}@{HOST}:{self.database_port}/{user}",
            "LOTSE_BROKER_URL": f"{broker}/{EVENTS_VHOST}",
            "LOTSE_JOBS_URL": f"{broker}/{JOBS_VHOST}",
        }

    def of_all(self, services: Sequence[str]) -> Mapping[str, str]:
        """The same for an operator, who reaches every service's, and straight."""
        each = {service: replace(self, broker_via={}).of(service) for service in services}
        names = ("LOTSE_DATABASE_URL", "LOTSE_BROKER_URL", "LOTSE_JOBS_URL")
        return {name: ",".join(f"{service}={each[service][name]}" for service in services) for name in names}


@dataclass(frozen=True)
class Environments:
    """The variables of all processes. `data_dir` holds mailbox and search index, `base_url` is the gateway's."""

    processes: Sequence[Process]
    servers: Servers
    data_dir: Path
    base_url: str
    secret: str
    demo: bool

    def of(self, process: Process) -> dict[str, str]:
        """The variables of one process."""
        own = self.servers.of(process.service) if process.service else {"LOTSE_SERVICE_URLS": self._service_urls()}
        return {**self._common(), "LOTSE_PORT": str(process.port), **own}

    def of_operator(self) -> dict[str, str]:
        """The variables for commands (migrate, seed, status …)."""
        return {**self._common(), **self.servers.of_all(self._services())}

    def as_script(self, inherited: Mapping[str, str]) -> str:
        """The same as lines for a shell, with the settings that all processes have `inherited` (mail server, index)."""
        settings = {field.name: inherited[field.name] for field in FIELDS if field.name in inherited}
        told = settings | self.of_operator()
        return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in told.items())

    def _common(self) -> dict[str, str]:
        return {
            "LOTSE_DEMO": "1" if self.demo else "0",
            "LOTSE_HOST": HOST,
            "LOTSE_DATA_DIR": str(self.data_dir),
            "LOTSE_BASE_URL": self.base_url,
            "LOTSE_SECRET": self.secret,
        }

    def _services(self) -> Sequence[str]:
        return tuple(dict.fromkeys(process.service for process in self.processes if process.service))

    def _service_urls(self) -> str:
        answering = (process for process in self.processes if process.answers and process.service)
        return ",".join(f"{process.service}=http://{HOST}:{process.port}" for process in answering)
