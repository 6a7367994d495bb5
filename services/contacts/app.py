"""The web app of contacts."""

from __future__ import annotations

from starlette.types import ASGIApp

from infra.settings import Settings
from infra.web.app import create_app
from services.contacts.api import api
from services.contacts.handlers import handlers


def build(settings: Settings) -> ASGIApp:
    """All routes behind trace, identity and health."""
    return create_app("contacts", api, handlers, settings)
