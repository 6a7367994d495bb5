"""What a process needs of the settings beyond their form, depending on what runs in it; told all at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from infra.addresses import differs
from infra.runtime.naming import one_service, service_names
from infra.runtime.problems import CannotStart
from infra.settings import Settings, SettingsError

if TYPE_CHECKING:  # the gateway is asked about here as well, and needs nothing of a service
    from infra.runtime.service import Service

_SELF_SUFFICIENT = ("doctor", "up-local")  # the one looks at all by itself, the other makes what it needs
_IN_ONE = "Or run everything in one process, on files: python -m infra.runtime all"


def all_problems(error: SettingsError, command: str, service: str) -> list[str]:
    """What is wrong in form, and what `command` lacks besides; `service` is that of a role, else ""."""
    if error.rest is None:
        return error.problems
    named = {problem.split()[0] for problem in error.problems}
    lacking = _lacking(error.rest, command, service)
    return error.problems + [problem for problem in lacking if problem.split()[0] not in named]


def _lacking(settings: Settings, command: str, service: str) -> list[str]:
    try:
        if command == "gateway":
            require_for_gateway(settings)
        elif command == "all":
            require_for_all_in_one(settings)
        elif command == "move":
            require_for_move(settings)
        elif service:
            require_for_role(settings, one_service(settings, service), command)
        elif command not in _SELF_SUFFICIENT:
            require_for_commands(settings)
    except SettingsError as error:
        return error.problems
    except CannotStart:  # no such service or package: that comes when the settings are well
        return []
    return []


def require_for_role(settings: Settings, service: Service, role: str) -> None:
    """Raises SettingsError when a process with this role of one service lacks something."""
    problems = [*_database(settings, service.name), *_base_url(settings), *_signing_key(settings)]
    if role in ("background", "service"):
        problems += _broker(settings.broker(service.name), "LOTSE_BROKER_URL", service.name)
    if service.jobs.jobs:
        setting = "LOTSE_BROKER_URL" if settings.jobs_url == settings.broker_url else "LOTSE_JOBS_URL"
        problems += _broker(settings.jobs(service.name), setting, service.name)
    _insist(problems)


def require_for_gateway(settings: Settings) -> None:
    """Raises SettingsError when the gateway as a process of its own lacks something."""
    missing = [name for name in service_names(settings) if not settings.service_url(name)]
    problems = _base_url(settings)
    if missing:
        problems.append(
            f"LOTSE_SERVICE_URLS names no address for: {', '.join(missing)}. Example: http://lotse-{{service}}:8000"
        )
    _insist(problems)


def require_for_commands(settings: Settings) -> None:
    """Raises SettingsError when a command that looks at all services cannot tell their databases apart."""
    names = service_names(settings)
    if settings.database_url:
        _insist([problem for name in names for problem in _database(settings, name)] or _told_apart(settings, names))


def require_for_move(settings: Settings) -> None:
    """Raises SettingsError when there are no databases of separate processes to move to."""
    _insist([problem for name in service_names(settings) for problem in _database(settings, name)])
    require_for_commands(settings)


def require_for_all_in_one(settings: Settings) -> None:
    """Raises SettingsError when one process cannot host all services with these settings."""
    named = {"LOTSE_BROKER_URL": settings.broker_url, "LOTSE_JOBS_URL": settings.jobs_url}
    problems = [
        f"{setting} must be one address for all services here, since the all-in-one has one connection to the broker."
        for setting, text in named.items()
        if differs(text)
    ]
    require_for_commands(settings)
    _insist([*problems, *_signing_key(settings)])


def _database(settings: Settings, name: str) -> list[str]:
    if not settings.database_url:
        return [
            "LOTSE_DATABASE_URL must name PostgreSQL, since a SQLite file belongs to one process: "
            f"LOTSE_DATABASE_URL=asyncpg://user:password@host/lotse_{{service}} — {_IN_ONE}"
        ]
    return [] if settings.database(name) else [f"LOTSE_DATABASE_URL names no database for: {name}."]


def _broker(url: str, setting: str, name: str) -> list[str]:
    if url.startswith("memory://"):
        return [
            f"{setting} must name RabbitMQ, since the built-in broker lives in one process: "
            f"{setting}=amqp://user:password@host/vhost — {_IN_ONE}"
        ]
    return [] if url else [f"{setting} names no address for: {name}."]


def _base_url(settings: Settings) -> list[str]:
    if settings.base_url or settings.demo:
        return []
    return [
        "LOTSE_BASE_URL must be the public address, for links and cookies: separate processes cannot guess it. "
        "Example: https://lotse.example.org"
    ]


def _signing_key(settings: Settings) -> list[str]:
    if not settings.dkim_key:
        return []
    from infra.mail.signing import SigningKeyError, read_key  # only who signs needs the library behind it

    try:
        read_key(Path(settings.dkim_key))
    except SigningKeyError as error:
        return [f"LOTSE_DKIM_KEY must name a key that signs mails: {error}."]
    return []


def _told_apart(settings: Settings, names: Sequence[str]) -> list[str]:
    if len({settings.database(name) for name in names}) == len(names):
        return []
    return [
        "LOTSE_DATABASE_URL must name another database for each service here: put {service} into it, or pairs such as "
        "contacts=asyncpg://…,forum=asyncpg://…. One plain address is enough only for a process of one service."
    ]


def _insist(problems: Sequence[str]) -> None:
    """Raises SettingsError with each problem once."""
    if problems:
        raise SettingsError(list(dict.fromkeys(problems)))
