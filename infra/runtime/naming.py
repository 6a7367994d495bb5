"""From dotted names in the settings to what runs: services and the gateway are found here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from infra.errors import Text
from infra.runtime.problems import CannotStart
from infra.runtime.settling import imports_settled
from infra.settings import Settings
from infra.web.client import ServiceClient
from infra.web.health import Check

if TYPE_CHECKING:  # imported where it is used: the gateway hosts no service, and is 20 MB lighter without a database
    from infra.runtime.service import Service


def service_names(settings: Settings) -> list[str]:
    """Names of the services (the last part of their dotted names), without importing them."""
    return [package.rsplit(".", 1)[-1] for package in settings.services]


def all_services(settings: Settings) -> list[Service]:
    """The descriptors of all services, in the order of the settings."""
    with imports_settled():
        from infra.runtime.service import load

        return load(settings.services)


def one_service(settings: Settings, name: str) -> Service:
    """The descriptor of one service. Raises CannotStart when the settings do not name it."""
    for package, known in zip(settings.services, service_names(settings), strict=True):
        if known == name:
            with imports_settled():
                from infra.runtime.service import load

                return load((package,))[0]
    known_names = ", ".join(service_names(settings))
    raise CannotStart(
        Text(
            f"Den Dienst {name} gibt es hier nicht. Bekannt sind: {known_names} (LOTSE_SERVICES).",
            f"There is no service {name} here. Known are: {known_names} (LOTSE_SERVICES).",
        )
    )


def make_gateway(settings: Settings, client: ServiceClient, checks: Mapping[str, Check]) -> ASGIApp:
    """The gateway's ASGI app, from `create_app(settings, client, checks)` in its module `app`."""
    with imports_settled():
        module = import_module(f"{settings.gateway}.app")
    app: ASGIApp = module.create_app(settings, client, checks)
    return app
