"""What search learns about alerts: ids, and how often."""

from __future__ import annotations

from infra.contracts.newsletter import AlertConfirmed, AlertStopped
from services.newsletter.alerts.models import AlertSubscription

# A subscription is confirmed once and stopped once; who comes back gets a new one.
_CONFIRMED, _STOPPED = 1, 2


def alert_confirmed(row: AlertSubscription) -> AlertConfirmed:
    """From now on search tells what is new."""
    return AlertConfirmed(
        id=str(row.id),
        version=_CONFIRMED,
        saved_search=str(row.saved_search),
        frequency=row.frequency,
        language=row.language,
    )


def alert_stopped(row: AlertSubscription) -> AlertStopped:
    """Nobody waits for it any more."""
    return AlertStopped(id=str(row.id), version=_STOPPED, saved_search=str(row.saved_search))
