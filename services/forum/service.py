"""The forum as the runtime hosts it."""

from __future__ import annotations

from infra.runtime.service import Service
from services.forum.app import build
from services.forum.demo import seed
from services.forum.handlers import handlers
from services.forum.snapshot import snapshot
from services.forum.tasks import jobs

service = Service(
    name="forum",
    package="services.forum",
    app=build,
    handlers=handlers,
    jobs=jobs,
    seed=seed,
    snapshot=snapshot,
)
