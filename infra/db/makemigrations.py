"""Writes the migration that brings a service's tables to its models.

`python -m infra.db.makemigrations services.forum` writes what is missing.

With `--check` nothing is written; the exit code says whether models and migrations agree.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from importlib import import_module
from pathlib import Path

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.writer import MigrationWriter

from infra.db.config import Schema, tortoise_config
from infra.settings import load


async def changes(schema: Schema) -> list[MigrationWriter]:
    """The migrations that are missing for the models of one service; no database is asked."""
    config = tortoise_config(load({"LOTSE_DEMO": "1"}), [schema], readers=False)
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        if context.apps is None:
            raise RuntimeError("Tortoise did not load the models")
        return await MigrationAutodetector(context.apps, config["apps"]).changes()


def schema_of(package: str) -> Schema:
    """The schema of a service package; its migrations package is created when it is not there yet."""
    folder = Path(import_module(package).__path__[0]) / "migrations"
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").touch()
    return Schema(package.rsplit(".", 1)[-1], f"{package}.models", f"{package}.migrations")


def main() -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.db.makemigrations", description=__doc__)
    parser.add_argument("package", help="dotted name of the service, for example services.forum")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something is missing")
    arguments = parser.parse_args()
    writers = asyncio.run(changes(schema_of(arguments.package)))
    if arguments.check:
        return 1 if writers else 0
    for writer in writers:
        sys.stdout.write(f"{writer.write()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
