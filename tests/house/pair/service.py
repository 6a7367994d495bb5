"""Pair: a service whose parts must live in one process, as search with its embedded index."""

from __future__ import annotations

from infra.inbox import Handlers
from infra.jobs import Jobs
from infra.runtime.service import Service
from infra.web.api import Api
from infra.web.app import create_app

NAME = "pair"
handlers = Handlers(NAME)

service = Service(
    name=NAME,
    package="tests.house.pair",
    app=lambda settings: create_app(NAME, Api(NAME), handlers, settings),
    handlers=handlers,
    jobs=Jobs(NAME),
    together=lambda _settings: True,
)
