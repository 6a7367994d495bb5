"""What all measurements share: the figure, how it is summed up, and the line about machine and versions."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = ("starlette", "tortoise-orm", "asyncpg", "kombu", "amqp", "celery", "tantivy", "uvicorn", "msgspec")


@dataclass(frozen=True)
class Context:
    """What a measurement may use: a folder of its own that is removed afterwards."""

    folder: Path


@dataclass(frozen=True)
class Figure:
    """One published figure.

    `value` is the one to quote (the median of `values` where runs were repeated), `ratio` compares it with a peer or
    a limit measured in the same run, `aim` is what it should reach, in words with its unit.
    """

    figure: str
    value: float
    unit: str
    ratio: float | None = None
    aim: str | None = None
    values: Sequence[float] = field(default_factory=tuple)
    note: str = ""

    def line(self) -> str:
        """The JSON line of this figure."""
        shown = {
            "figure": self.figure,
            "value": _rounded(self.value),
            "unit": self.unit,
            "ratio": None if self.ratio is None else _rounded(self.ratio),
            "aim": self.aim,
        }
        if self.values:
            shown |= {"runs": len(self.values), "min": _rounded(min(self.values)), "max": _rounded(max(self.values))}
        if self.note:
            shown["note"] = self.note
        return json.dumps(shown, ensure_ascii=False)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lie, nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def median_figure(
    name: str, values: Sequence[float], unit: str, *, ratio: float | None = None, aim: str | None = None
) -> Figure:
    """A figure of repeated runs, quoted by its median."""
    return Figure(name, statistics.median(values), unit, ratio, aim, tuple(values))


def seconds_of(pids: Iterable[int]) -> float:
    """Processor seconds that these processes have taken since they began."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(each.user + each.system for each in times))


def machine() -> str:
    """One line on where this was measured and with which versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    system = f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.platform()}"
    return f"{system}, Python {platform.python_version()}, {packages}"


def _rounded(value: float) -> float:
    return round(value, 4 if abs(value) < 10 else 1)
