"""The forum's web app."""

from __future__ import annotations

from starlette.types import ASGIApp

from infra.settings import Settings
from infra.web.app import create_app
from services.forum.api import api


def create(settings: Settings) -> ASGIApp:
    """The ASGI app for these settings."""
    return create_app("forum", api, settings)
