"""Writes the public OpenAPI document as YAML: `python -m gateway.api docs/openapi.yaml`.

The services describe themselves without a database, so that nothing has to run.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import yaml

from gateway.api.app import public_document
from infra.runtime.service import load
from infra.settings import load as load_settings
from infra.web.client import InProcess, ServiceClient

_HEAD = "# Made by `python -m gateway.api docs/openapi.yaml`. Change the services' routes and types instead.\n"


class _Readable(yaml.SafeDumper):
    """Writes texts of several lines as such."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Readable.add_representer(str, _text)


async def document_text() -> str:
    """The document as it stands in the code, as YAML."""
    settings = load_settings({"LOTSE_DEMO": "1"})
    apps = {service.name: service.app(settings) for service in load(settings.services)}
    document = await public_document(ServiceClient(InProcess(apps), settings.secret))
    return _HEAD + yaml.dump(document, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(asyncio.run(document_text()), encoding="utf-8")
