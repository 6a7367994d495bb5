"""The forum's web app."""

from __future__ import annotations

from starlette.types import ASGIApp

from infra.settings import Settings
from infra.web.app import create_app
from services.forum.api import api
from services.forum.handlers import handlers


def build(settings: Settings) -> ASGIApp:
    """All routes behind trace, identity and health."""
    return create_app("forum", api, handlers, settings)
