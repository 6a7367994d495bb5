"""Runs the measurements: `python -m bench` for all, `python -m bench search` for one."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

from bench.kit import Context, machine

MEASUREMENTS = ("alerts", "events", "publish", "hop", "memory", "newsletter", "search", "search_quality", "start")


# The measurements stand on the tests' houses, which know the servers of the tests.
for _name in ("POSTGRES_URL", "AMQP_URL"):
    if _url := os.environ.get(f"LOTSE_BENCH_{_name}"):
        os.environ[f"LOTSE_TEST_{_name}"] = _url


def main() -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make bench ONLY=…", description=__doc__)
    parser.add_argument("only", nargs="?", choices=MEASUREMENTS, help="one measurement instead of all")
    arguments = parser.parse_args()
    print(machine(), flush=True)
    for name in [arguments.only] if arguments.only else MEASUREMENTS:
        print(f"# {name}: {(import_module(f'bench.{name}').__doc__ or '').strip().splitlines()[0]}", flush=True)
        with tempfile.TemporaryDirectory(prefix="lotse-bench-") as folder:
            asyncio.run(_measure(name, Context(Path(folder))))
    return 0


async def _measure(name: str, context: Context) -> None:
    """Print the figures of one measurement; those of one that takes long come part by part."""
    found = import_module(f"bench.{name}").figures(context)
    if isinstance(found, AsyncIterator):
        async for figure in found:
            print(figure.line(), flush=True)
    else:
        for figure in await found:
            print(figure.line(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
