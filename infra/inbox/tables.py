"""The concrete inbox classes of a service, by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from tortoise import Tortoise

from infra.inbox.models import CheckpointEntry, DeadLetterEntry, InboxEntry


@dataclass(frozen=True)
class Tables:
    """One service's classes."""

    inbox: type[InboxEntry]
    dead_letters: type[DeadLetterEntry]
    checkpoints: type[CheckpointEntry]


def tables(service: str) -> Tables:
    """The classes `Inbox`, `DeadLetter` and `Checkpoint` of a service."""
    apps = Tortoise.apps
    if apps is None:
        raise RuntimeError("Tortoise is not initialised")
    models = apps[service]
    return Tables(
        cast(type[InboxEntry], models["Inbox"]),
        cast(type[DeadLetterEntry], models["DeadLetter"]),
        cast(type[CheckpointEntry], models["Checkpoint"]),
    )
