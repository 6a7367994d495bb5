"""The newsletter's descriptor for the runtime."""

from __future__ import annotations

from infra.runtime.service import Service
from services.newsletter.app import build
from services.newsletter.bounces.lmtp import listening
from services.newsletter.context import hosted
from services.newsletter.handlers import handlers
from services.newsletter.importing import import_issues
from services.newsletter.lists.operating import import_file
from services.newsletter.seed import seed
from services.newsletter.snapshot import snapshot
from services.newsletter.subscribers.queries import secret_fits
from services.newsletter.tasks import jobs

service = Service(
    name="newsletter",
    package="services.newsletter",
    app=build,
    handlers=handlers,
    jobs=jobs,
    lifespan=hosted,
    attend=listening,
    importer=import_issues,
    seed=seed,
    snapshot=snapshot,
    commands={"secret-fits": secret_fits, "import-list": import_file},
)
