"""Reads the files of a bundle, line by line, without knowing what they mean. Every broken line is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.runtime.service import RowError

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_LINE = 200_000


@dataclass(frozen=True)
class Row:
    """One object of a bundle and where it stands (`line` counts from 1)."""

    file: str
    line: int
    data: dict[str, Any]

    def error(self, message: str) -> RowError:
        """What is wrong with this row."""
        return RowError(self.file, self.line, message)


def read_lines(path: Path) -> Iterator[Row | RowError]:
    """The objects of a JSON Lines file; empty lines are passed over."""
    text = _text(path)
    if isinstance(text, RowError):
        yield text
        return
    for line, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        if len(raw) > MAX_LINE:
            yield RowError(path.name, line, f"Die Zeile ist länger als {MAX_LINE} Zeichen.")
            continue
        yield _object(path.name, line, raw)


def read_object(path: Path) -> Row | RowError:
    """A JSON file that holds one object."""
    text = _text(path)
    return text if isinstance(text, RowError) else _object(path.name, 1, text)


def _object(file: str, line: int, raw: str) -> Row | RowError:
    try:
        data = json.loads(raw)
    except (json.JSONDecodeError, RecursionError) as error:
        return RowError(file, line, f"Kein gültiges JSON: {error}.")
    if not isinstance(data, dict):
        return RowError(file, line, "Erwartet wird ein JSON-Objekt in geschweiften Klammern.")
    return Row(file, line, data)


def _text(path: Path) -> str | RowError:
    if path.stat().st_size > MAX_FILE_BYTES:
        return RowError(path.name, 0, f"Die Datei ist größer als {MAX_FILE_BYTES // 1024 // 1024} MiB.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return RowError(path.name, 0, f"Die Datei ist nicht in UTF-8 geschrieben (Byte {error.start}).")
