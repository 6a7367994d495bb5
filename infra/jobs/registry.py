"""Which jobs a service has: coroutines that Celery calls on the process's event loop.

jobs = Jobs("newsletter")

@jobs.task("send_batch")
async def send_batch(issue_id: str) -> None: …

@jobs.every(seconds=60, name="find_due")
async def find_due() -> None: …

jobs.enqueue("send_batch", issue_id)      # after the commit: tx.after_commit(jobs.later("send_batch", id))
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from infra import tracing

JobFunction = Callable[..., Awaitable[None]]


class Sender(Protocol):
    """Hands a named job with its arguments to the workers."""

    def __call__(self, name: str, *args: str) -> None:
        """Must not wait and must not raise: a job that gets lost here is found again by beat."""
        ...


@dataclass(frozen=True)
class Job:
    """One job. `every_seconds` makes beat call it in that rhythm, None only on request.

    Jobs with the same `lane` run one after another, beside those of other lanes (`infra.jobs.lanes`); "" = it has
    none, and the worker waits for it.
    """

    name: str
    function: JobFunction
    every_seconds: float | None = None
    lane: str = ""


class Jobs:
    """The jobs of one service; full names are `{service}.{name}`."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.jobs: dict[str, Job] = {}
        self._sender: Sender | None = None

    def task(self, name: str, *, lane: str = "") -> Callable[[JobFunction], JobFunction]:
        """Register a job that runs on request."""
        return self._register(name, None, lane)

    def every(self, *, seconds: float, name: str, lane: str = "") -> Callable[[JobFunction], JobFunction]:
        """Register a job that beat calls every `seconds`."""
        return self._register(name, seconds, lane)

    def _register(self, name: str, seconds: float | None, lane: str) -> Callable[[JobFunction], JobFunction]:
        def register(function: JobFunction) -> JobFunction:
            full = f"{self.service}.{name}"
            self.jobs[full] = Job(full, function, seconds, f"{self.service}.{lane}" if lane else "")
            return function

        return register

    def connect(self, sender: Sender | None) -> None:
        """Say how jobs reach the workers (the runtime does); None disconnects."""
        self._sender = sender

    def enqueue(self, name: str, *args: str) -> None:
        """Ask for a job now. Without workers (tests) nothing happens, and beat would find the work."""
        if self._sender is not None:
            self._sender(f"{self.service}.{name}", *args)

    def later(self, name: str, *args: str) -> Callable[[], None]:
        """The same as an action for `tx.after_commit`, with the trace of now: a batch of events commits as a whole."""
        trace = tracing.current()

        def action() -> None:
            with tracing.bound(trace):
                self.enqueue(name, *args)

        return action

    async def run(self, name: str, *args: Any) -> None:
        """Run a job here and now (tests, and the worker itself)."""
        await self.jobs[f"{self.service}.{name}"].function(*args)
