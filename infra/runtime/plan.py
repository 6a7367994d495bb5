"""Which processes make up a Lotse whose parts run apart: one list, derived from what each service says of itself.

Compose file, Kubernetes manifests, `up-local`, fault tests and memory figures are all held against this plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from infra.runtime.service import Service


@dataclass(frozen=True)
class Process:
    """One process: `python -m infra.runtime {arguments}`.

    `name` is "gateway" or "{service}-{role}", `service` is "" for the gateway and for steps. On `port` it answers
    requests (web, service, gateway) or only /livez, /readyz and /metrics (background, worker, beat); 0 for steps.
    """

    name: str
    arguments: tuple[str, ...]
    role: str
    service: str = ""
    port: int = 0

    @property
    def answers(self) -> bool:
        """Whether others send requests to it."""
        return self.role in ("web", "service", "gateway")


# Steps run once and end. Migrate comes before all processes; seed, for a demo or a new installation, after them.
MIGRATE = Process("migrate", ("migrate",), "migrate")
SEED = Process("seed", ("seed",), "seed")


def plan(
    services: Sequence[Service], *, together: Collection[str] = (), ports: Iterable[int] | None = None
) -> tuple[Process, ...]:
    """The processes that stay, in the order to start them; the reverse is the order to stop.

    `together` names services whose parts must live in one process (search with its embedded engine). `ports` gives
    each process its port, the gateway first; 8000, 8001 … when not said.
    """
    numbers = iter(count(8000) if ports is None else ports)
    gateway = Process("gateway", ("gateway",), "gateway", port=next(numbers))
    apart = (
        Process(f"{service.name}-{role}", (role, service.name), role, service.name, next(numbers))
        for service in services
        for role in (("service",) if service.name in together else roles(service))
    )
    return (*apart, gateway)


def roles(service: Service) -> tuple[str, ...]:
    """The roles of one service that runs as several processes: worker and beat only where there are jobs for them."""
    jobs = service.jobs.jobs.values()
    worker = ("worker",) if jobs else ()
    beat = ("beat",) if any(job.every_seconds is not None for job in jobs) else ()
    return ("web", "background", *worker, *beat)
