"""The web app of search."""

from __future__ import annotations

from starlette.types import ASGIApp

from infra.settings import Settings
from infra.web.app import create_app
from services.search import running
from services.search.api import api
from services.search.handlers import handlers


def build(settings: Settings) -> ASGIApp:
    """All routes behind trace, identity and health; ready once the index has caught up with the table."""

    async def indexed() -> bool:
        return running.current().ready

    return create_app("search", api, handlers, settings, {"index": indexed})
