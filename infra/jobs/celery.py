"""Celery under the jobs of our services: the application, the sending thread, the worker and beat.

Everything of Celery that Lotse uses is in this module. Tasks carry ids of work that the database knows, are
acknowledged late, and may get lost: beat calls the finders of every service in their rhythm and once at the start.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import queue
import select
import threading
import time
from collections.abc import Sequence
from typing import Any

from celery import Celery, Task
from celery.beat import EmbeddedService
from celery.exceptions import OperationalError, Reject
from celery.worker import WorkController
from celery.worker import state as worker_state

from infra import metrics, tracing
from infra.errors import Retryable
from infra.jobs.loop import LoopBridge
from infra.jobs.registry import Job, Jobs

log = logging.getLogger(__name__)
MAX_RETRIES = 5
WAKE = "lotse.wake"
POLL_SECONDS = 0.01  # measured: a job starts after 5 ms (median); with the transport's default of 1 s after 240 ms
# A job that cannot be sent within about two seconds is left to beat, so that those after it need not wait.
SENDING_PATIENCE = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.4, "interval_max": 1.0}
HEARTBEAT_SECONDS = 20
BEATS = 4  # how often a worker says within a heartbeat that it is alive


def queue_of(service: str) -> str:
    """Name of the queue in which the jobs of a service wait."""
    return f"lotse.jobs.{service}"


def _route(queue: str) -> dict[str, str]:
    """To the queue by the exchange of its name: the default exchange reaches the queues of all services alike."""
    return {"queue": queue, "exchange": queue, "routing_key": queue}


def make_celery(
    jobs: Sequence[Jobs], broker_url: str, bridge: LoopBridge | None = None, heartbeat: int = HEARTBEAT_SECONDS
) -> Celery:
    """The Celery application with all tasks of `jobs`; without `bridge` it can only send.

    It becomes the default application of the process: without that, a retry goes to a default broker and is lost.
    """
    in_memory = broker_url.startswith("memory://")
    app = Celery("lotse", broker="memory://localhost/" if in_memory else broker_url)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_routes={f"{service.service}.*": _route(queue_of(service.service)) for service in jobs},
        task_default_queue=queue_of(jobs[0].service),
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_soft_shutdown_timeout=10,
        broker_connection_retry_on_startup=True,
        broker_heartbeat=heartbeat,  # the worker's; a connection that only sends has none, as nothing would tick it
        broker_connection_max_retries=None,
        broker_transport_options={"polling_interval": POLL_SECONDS} if in_memory else SENDING_PATIENCE,
        beat_schedule=_rhythms(jobs),
        timezone="UTC",
    )
    app.set_default()
    app.task(_wake, name=WAKE)
    if bridge is not None:
        for service in jobs:
            for job in service.jobs.values():
                _define(app, job, bridge)
    return app


def _rhythms(jobs: Sequence[Jobs]) -> dict[str, dict[str, Any]]:
    return {
        job.name: {"task": job.name, "schedule": job.every_seconds}
        for service in jobs
        for job in service.jobs.values()
        if job.every_seconds is not None
    }


def _wake() -> None:
    """Does nothing: its message lets a worker in memory look at its stop flag at once instead of after two seconds."""


def _define(app: Celery, job: Job, bridge: LoopBridge) -> None:
    def run(task: Task, *args: str) -> None:
        if job.lane:
            bridge.begin(job, args, _trace_of(task))
            return
        try:
            bridge.call(job, args, _trace_of(task))
        except Retryable as reason:
            metrics.JOBS.labels(job.name, "retried").inc()
            raise task.retry(exc=reason, countdown=2**task.request.retries, max_retries=MAX_RETRIES) from reason
        except (asyncio.CancelledError, concurrent.futures.CancelledError) as reason:
            metrics.JOBS.labels(job.name, "returned").inc()
            raise Reject(str(reason), requeue=True) from reason
        except Exception:  # the border of the job loop: a fault of one job must not end the worker
            metrics.JOBS.labels(job.name, "failed").inc()
            log.exception("job failed", extra={"job": job.name})
        else:
            metrics.JOBS.labels(job.name, "done").inc()

    app.task(run, name=job.name, bind=True)


def _trace_of(task: Task) -> tracing.Trace:
    """The trace of who asked for the job; Celery puts a message's headers among the request's attributes."""
    return tracing.continued({name: str(task.request.get(name) or "") for name in tracing.HEADERS})


class SendingThread:
    """Hands jobs to the broker from a thread of its own, so that a slow broker never holds up the event loop."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        connection = app.connection_for_write()
        self._errors = (OSError, OperationalError, *connection.connection_errors, *connection.channel_errors)
        self._waiting: queue.SimpleQueue[tuple[str, tuple[str, ...], dict[str, str]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="jobs-sender", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def __call__(self, name: str, *args: str) -> None:
        """See `infra.jobs.registry.Sender`."""
        trace = tracing.active()
        self._waiting.put((name, args, trace.headers() if trace else {}))

    def stop(self, seconds: float) -> bool:
        """Send what is waiting, for at most `seconds`; returns whether all of it went out."""
        self._waiting.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            name, args, headers = item
            try:
                self._app.send_task(name, args=args, headers=headers, retry=False)
            except self._errors as error:
                metrics.JOBS_UNSENT.labels(name).inc()
                log.warning("job not sent, beat will find it", extra={"job": name, "error": str(error)[:200]})
            except Exception:  # the border of the thread: without it every later job would be left to beat
                metrics.JOBS_UNSENT.labels(name).inc()
                log.exception("job not sent, beat will find it", extra={"job": name})


class Worker:
    """A Celery worker in a thread of this process, running one job after another on the event loop, or in its lane.

    The thread that owns the connection waits for the job, so it tells the broker meanwhile that it is alive.
    """

    def __init__(self, app: Celery, services: Sequence[str], bridge: LoopBridge) -> None:
        self._app = app
        self._queues = [queue_of(service) for service in services]
        self._bridge = bridge
        self._ready = threading.Event()
        self._controller: Any = None
        self._thread = threading.Thread(target=self._run, name="jobs-worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        worker_state.should_stop = None
        if heartbeat := self._app.conf.broker_heartbeat:
            self._bridge.while_waiting(self._tell_alive, heartbeat / BEATS)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the worker's thread runs, be the broker there or not."""
        return self._thread.is_alive()

    @property
    def ready(self) -> bool:
        """Whether the worker takes jobs: its connection is there."""
        return self._ready.is_set() and self.alive and self._controller.consumer.connection is not None

    def stop(self, seconds: float) -> bool:
        """Finish the jobs in hand, for at most `seconds`, then cut them off; returns whether they were finished.

        A job that was cut off is handed back to the broker; in memory it is found again by beat.
        """
        worker_state.should_stop = 0  # Celery's own flag: the worker's thread looks at it between two messages
        if self._app.connection_for_write().transport_cls == "memory":
            self._app.send_task(WAKE, queue=self._queues[0])
        deadline = time.monotonic() + seconds
        self._bridge.close_lanes()
        self._thread.join(seconds)
        if not self._thread.is_alive() and self._bridge.wait_for_lanes(deadline - time.monotonic()):
            return True
        cut_off = self._bridge.cancel_all()
        self._thread.join(1.0)
        return cut_off == 0

    def _tell_alive(self) -> None:
        connection = self._controller.consumer.connection
        link: Any = connection.connection if connection is not None else None
        if not getattr(link, "heartbeat", 0):  # the broker's wish, or the memory transport, which has no such thing
            return
        try:
            link.send_heartbeat()
            if select.select([link.sock], [], [], 0)[0]:  # what is unread came from a broker that lives
                link.last_heartbeat_received = time.monotonic()
        except connection.connection_errors as error:  # the job goes on; Celery connects anew when it has ended
            log.warning("worker lost its broker during a job", extra={"error": str(error)[:200]})

    def _run(self) -> None:
        self._controller = WorkController(
            app=self._app,
            pool="solo",
            concurrency=1,
            queues=self._queues,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            ready_callback=lambda _consumer: self._ready.set(),
        )
        self._controller.start()


class Beat:
    """Celery's clock in a thread: sends every job that has a rhythm."""

    def __init__(self, app: Celery) -> None:
        self._service = EmbeddedService(app, thread=True, scheduler_cls="celery.beat.Scheduler")

    def start(self) -> None:
        """Begin to tick."""
        self._service.start()

    @property
    def alive(self) -> bool:
        """Whether the clock ticks."""
        return bool(self._service.is_alive())

    def stop(self, seconds: float) -> bool:
        """Tick no more; waits at most `seconds`."""
        self._service.service.stop()
        self._service.join(seconds)
        return not self._service.is_alive()


def waiting(app: Celery, services: Sequence[str]) -> dict[str, int]:
    """How many jobs of each service wait for a worker; 0 where nobody has asked for any yet. Blocks.

    Raises:
        OSError, OperationalError: the broker does not answer.
    """
    counts: dict[str, int] = {}
    with app.connection_for_read() as connection:
        for service in services:
            with connection.channel() as channel:  # one each: asking for a queue that is not there closes it
                try:
                    counts[service] = channel.queue_declare(queue_of(service), passive=True).message_count
                except connection.channel_errors:
                    counts[service] = 0
    return counts


def send_all_due(jobs: Sequence[Jobs], sender: SendingThread) -> None:
    """Ask once for every job that has a rhythm: what a former process lost is found now, not at the next tick."""
    for service in jobs:
        for job in service.jobs.values():
            if job.every_seconds is not None:
                sender(job.name)
