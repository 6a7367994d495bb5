"""Reads alerts, by the tokens that were mailed."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from infra.tokens import make_token, read_token
from services.newsletter.alerts.domain import LIFETIMES, Purpose
from services.newsletter.alerts.models import AlertSubscription
from services.newsletter.alerts.schemas import AlertView
from services.newsletter.context import current
from services.newsletter.subscribers.addresses import mask


def token_for(purpose: Purpose, subscription_id: UUID) -> str:
    """A fresh token that lets its holder do one thing for one alert."""
    return make_token(current().key(purpose), subscription_id, datetime.now(UTC))


def subscription_of(purpose: Purpose, token: str) -> UUID:
    """Whose token this is. Raises Invalid unless it was made for `purpose`."""
    return read_token(current().key(purpose), token, datetime.now(UTC), LIFETIMES.get(purpose)).subject


def alert_view(row: AlertSubscription) -> AlertView:
    """What whoever confirmed an alert sees of it."""
    return AlertView(
        address=mask(row.address),
        label=row.label,
        frequency="weekly" if row.frequency == "weekly" else "daily",
        path=row.path,
        language="en" if row.language == "en" else "de",
        stop_token=token_for(Purpose.STOP, row.id),
    )
