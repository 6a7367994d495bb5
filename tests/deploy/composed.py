"""The compose file as compose itself sees it: merged, and with the variables of an `.env` put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.runtime.plan import Process, plan
from infra.runtime.service import Service, load
from infra.runtime.write_env import contents
from infra.settings import SERVICES

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?:(:\?|:-)([^}]*))?\}")
PORT = 8000


@cache
def services() -> tuple[Service, ...]:
    """All services of the program."""
    return tuple(load(tuple(SERVICES.split(","))))


def processes() -> tuple[Process, ...]:
    """The plan with Meilisearch, each process in a place of its own, so that all have the same port."""
    names = range(100)
    return plan(services(), ports=[PORT for _ in names])


def composed() -> dict[str, Any]:
    """The file, merged."""
    document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return document


def variables(text: str) -> dict[str, set[str]]:
    """The variables of a text by how they are used: required (":?"), with a default (":-") or plain ("")."""
    found: dict[str, set[str]] = {":?": set(), ":-": set(), "": set()}
    for name, kind, _ in _VARIABLE.findall(text):
        found[kind].add(name)
    return found


def dotenv(text: str) -> dict[str, str]:
    """The variables that compose reads from an `.env`."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    pairs = (line.partition("=") for line in lines)
    return {name: value.strip("'") for name, _, value in pairs}


def interpolated(text: str, values: Mapping[str, str]) -> str:
    """`text` with the variables put in. KeyError: one is required and there is none."""

    def value(match: re.Match[str]) -> str:
        name, kind, default = match.groups()
        if kind == ":-":
            return values.get(name) or str(default)
        if not values.get(name):
            raise KeyError(name)
        return values[name]

    return _VARIABLE.sub(value, text)


def environment(service: str) -> dict[str, str]:
    """The environment of one service with a new demo `.env`."""
    values = dotenv(contents(demo=True))
    declared: dict[str, str] = composed()["services"][service]["environment"]
    return {name: interpolated(str(text), values) for name, text in declared.items()}
