"""The descriptor of a service: everything the runtime needs to host it, in one place.

`services/<name>/service.py` defines `service = Service(…)`; settings name the package, so that infra knows none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from infra.db.config import Schema
from infra.errors import Text
from infra.inbox import Handlers
from infra.jobs import Jobs
from infra.settings import Settings


@dataclass(frozen=True)
class RowError:
    """One row of an import that cannot be taken: where it stands and what to do about it."""

    file: str
    line: int
    message: str


@dataclass
class ImportReport:
    """What an import did or, as a dry run, would do."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)


Importer = Callable[[Path, bool], Awaitable[ImportReport]]
Command = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def _nothing(_settings: Settings) -> AsyncIterator[None]:
    yield


def _apart(_settings: Settings) -> bool:
    return False


@dataclass(frozen=True)
class Service:
    """One service.

    `app(settings)` builds its web app. `lifespan(settings)` is entered in every process that hosts some part of it,
    after the database is there and before any request or event; `attend(settings)` only where its relay and consumer
    run, before the first event. `together(settings)` says that its parts must share one process (role `service`).
    `importer(directory, dry_run)` takes what it knows from a
    bundle. `seed(settings)` fills a new installation (content, in demo mode accounts and stories); idempotent.
    `commands` are the operator's extra verbs, on the open database alone: `reindex()` begins to make what the service
    derives from events anew, `reindexing()` says whether its running process is still at it;
    `add-account` takes (email, name, roles, networks) and returns the account's password, raising LotseError;
    `import-list` takes (path, dry_run=, skip_wrong=) and returns whether it was well and the lines to tell;
    `doctor(settings)` gives what the service itself looks at, as (name, well, cure);
    `secret-fits(settings)` says whether rows that depend on LOTSE_SECRET were written with this one.
    `demo_notes` are told at the start in demo mode (who can sign in). `snapshot` re-records the current state as
    events, for consumers that come after the log was shortened.
    """

    name: str
    package: str
    app: Callable[[Settings], ASGIApp]
    handlers: Handlers
    jobs: Jobs
    lifespan: Callable[[Settings], AbstractAsyncContextManager[None]] = _nothing
    attend: Callable[[Settings], AbstractAsyncContextManager[None]] = _nothing
    together: Callable[[Settings], bool] = _apart
    importer: Importer | None = None
    seed: Callable[[Settings], Awaitable[None]] | None = None
    snapshot: Callable[[], Awaitable[int]] | None = None
    commands: Mapping[str, Command] = field(default_factory=dict)
    demo_notes: Sequence[Text] = ()

    @property
    def schema(self) -> Schema:
        """Where its tables and migrations are."""
        return Schema(self.name, f"{self.package}.models", f"{self.package}.migrations")


def load(names: tuple[str, ...]) -> list[Service]:
    """Import the services given by dotted package name."""
    return [import_module(f"{name}.service").service for name in names]
