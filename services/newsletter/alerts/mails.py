"""The mails about alerts: please confirm, you have it already, and what is new. No advertising in any of them."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from infra.contracts.search import AlertDue
from infra.errors import Text
from infra.mail import Mail
from infra.mail.alerts import NAME, Alert, alert_mail
from infra.mail.return_path import reply_address
from services.newsletter.alerts.domain import PENDING, STOP_BY_MAIL, Purpose
from services.newsletter.alerts.models import AlertMail, AlertSubscription
from services.newsletter.alerts.queries import token_for
from services.newsletter.context import current
from services.newsletter.rendering.notices import notice, notice_mail
from services.newsletter.rendering.wording import ALERT_FREQUENCIES, ALERT_NOTICES, ANY_SEARCH
from services.newsletter.subscribers.queries import may_be_written_to

_WHY = Text(
    "Sie bekommen diese E-Mail, weil Sie Meldungen zu dieser Suche bestellt und bestätigt haben.",
    "You receive this e-mail because you asked for alerts for this search and confirmed that.",
)


async def mail_of(mail: AlertMail) -> Mail | None:
    """The mail that a row stands for; None when nobody wants it any more, or nobody may be written to."""
    row = await AlertSubscription.get_or_none(id=mail.subscription_id)
    if row is None or (mail.kind == "confirm" and row.status != PENDING):
        return None
    if not await may_be_written_to(row.address_hash, datetime.now(UTC)):
        return None
    return _notice_mail(mail, row) if mail.due is None else _due_mail(mail, row)


def _due_mail(mail: AlertMail, row: AlertSubscription) -> Mail:
    alert = Alert(
        due=msgspec.convert(mail.due, AlertDue),
        language=row.language,
        recipient=row.address,
        message_id=mail.message_id,
        label=row.label,
        why=_WHY,
        search_url=_search_url(row),
        stop_url=current().url("alert_stop", token_for(Purpose.STOP, row.id), row.language),
        stop_address=reply_address(current().settings, STOP_BY_MAIL, row.id),
    )
    return alert_mail(current(), alert)


def _notice_mail(mail: AlertMail, row: AlertSubscription) -> Mail:
    language, pending = row.language, row.status == PENDING
    content = notice(
        ALERT_NOTICES[mail.kind],
        current().url("alert_confirm", token_for(Purpose.CONFIRM, row.id), language) if pending else _search_url(row),
        language,
        label=row.label or ANY_SEARCH.get(language),
        frequency=ALERT_FREQUENCIES[row.frequency].get(language),
    )
    return notice_mail(content, recipient=row.address, sender_name=NAME, message_id=mail.message_id)


def _search_url(row: AlertSubscription) -> str:
    prefix = "/en" if row.language == "en" else ""
    return f"{current().base_url}{prefix}{row.path}"
