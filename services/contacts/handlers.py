"""What contacts listens to: nothing yet. The registry is here so that the runtime hosts all services alike."""

from __future__ import annotations

from infra.inbox import Handlers

handlers = Handlers("contacts")
