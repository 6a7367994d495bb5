"""The descriptor of contacts for the runtime."""

from __future__ import annotations

from infra.runtime.service import Service
from services.contacts.app import build
from services.contacts.context import hosted
from services.contacts.demo.people import NOTES
from services.contacts.demo.seed import seed
from services.contacts.handlers import handlers
from services.contacts.intake.importer import import_bundle
from services.contacts.operator import add_account
from services.contacts.snapshot import snapshot
from services.contacts.tasks import jobs

service = Service(
    name="contacts",
    package="services.contacts",
    app=build,
    handlers=handlers,
    jobs=jobs,
    lifespan=hosted,
    importer=import_bundle,
    seed=seed,
    snapshot=snapshot,
    commands={"add-account": add_account},
    demo_notes=NOTES,
)
