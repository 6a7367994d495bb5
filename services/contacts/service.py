"""The descriptor of contacts for the runtime."""

from __future__ import annotations

from infra.runtime.service import Service
from services.contacts.app import build
from services.contacts.handlers import handlers
from services.contacts.tasks import jobs

service = Service(name="contacts", package="services.contacts", app=build, handlers=handlers, jobs=jobs)
