"""Long-running tasks of a process: if one ends without being asked to, the process stops and says so.

Better to stop and be started again by the supervisor than to look alive with a dead relay.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from infra.runtime.problems import EXIT_FAULT
from infra.runtime.shutdown import Signals

log = logging.getLogger(__name__)


class Supervisor:
    """Starts tasks and watches them."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.exit_code = 0

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` as a task; its end before the process stops counts as a fault."""
        task = asyncio.create_task(work, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._ended)
        return task

    def running(self) -> bool:
        """Whether all tasks are at work."""
        return not any(task.done() for task in self._tasks.values())

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._signals.stop.is_set() or task.cancelled():
            return
        log.critical("part ended by itself, stopping", exc_info=task.exception(), extra={"part": task.get_name()})
        self.exit_code = EXIT_FAULT
        self._signals.stop.set()
