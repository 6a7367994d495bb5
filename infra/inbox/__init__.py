"""The inbox: every event is handled once by each handler, in the handler's own transaction."""

from infra.inbox.handlers import Handlers, Meta

__all__ = ["Handlers", "Meta"]
