"""The newsletter's web app."""

from __future__ import annotations

from starlette.types import ASGIApp

from infra.settings import Settings
from infra.web.app import create_app
from services.newsletter.api import api
from services.newsletter.handlers import handlers


def build(settings: Settings) -> ASGIApp:
    """All routes behind trace, identity and health."""
    return create_app("newsletter", api, handlers, settings)
