"""The golden schemas: what each event looked like when it was last agreed on.

`python -m tests.contracts.golden` takes up additions and new events, and refuses everything that would break a
consumer: for that there is a new major version of the event.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from infra.contracts.asyncapi import contracts
from infra.contracts.schema import schema_of

FOLDER = Path(__file__).parent / "golden"


def current() -> dict[str, dict[str, Any]]:
    """The schemas of the events as the program has them."""
    return {name: schema_of(contract) for name, contract in contracts().items()}


def agreed() -> dict[str, dict[str, Any]]:
    """The golden schemas."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def breaks(old: dict[str, Any], new: dict[str, Any], at: str = "") -> list[str]:
    """What in `new` would break somebody who knows `old`; empty when only things were added."""
    found = [f"{at}{name} is gone" for name in old.get("properties", {}) if name not in new.get("properties", {})]
    found += [f"{at}{name} is required" for name in new.get("required", []) if name not in old.get("required", [])]
    for name, before in old.get("properties", {}).items():
        after = new.get("properties", {}).get(name)
        if after is not None:
            found += _changes(before, after, f"{at}{name}")
    return found


def _changes(before: dict[str, Any], after: dict[str, Any], at: str) -> list[str]:
    kinds = ("type", "anyOf", "const")
    if any(before.get(kind) != after.get(kind) for kind in kinds):
        return [f"{at} has another type"]
    found = breaks(before, after, f"{at}.")
    for part in ("items", "additionalProperties"):
        if part in before and part in after:
            found += _changes(before[part], after[part], f"{at}.{part}")
    return found


def main() -> int:
    """Write the golden schemas; returns 1 when something would break."""
    golden, events = agreed(), current()
    problems = [f"{name} is gone" for name in golden if name not in events]
    for name, schema in events.items():
        problems += [f"{name}: {problem}" for problem in breaks(golden.get(name, {}), schema) if name in golden]
    if problems:
        print("\n".join([*problems, "Give the event a new major version instead."]))
        return 1
    FOLDER.mkdir(exist_ok=True)
    for name, schema in events.items():
        text = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
