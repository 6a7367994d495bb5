"""The mails about alerts: please confirm, you have it already, and what is new. No advertising in any of them."""

from __future__ import annotations

import msgspec

from infra.contracts.search import AlertDue
from infra.errors import Text
from infra.mail import Mail
from infra.mail.alerts import NAME, Alert, alert_mail
from services.newsletter.alerts.domain import PENDING, Purpose
from services.newsletter.alerts.models import AlertMail, AlertSubscription
from services.newsletter.alerts.queries import may_be_written_to, token_for
from services.newsletter.context import current
from services.newsletter.rendering import render
from services.newsletter.rendering.letters import Notice
from services.newsletter.rendering.wording import ALERT_FREQUENCIES, ALERT_NOTICES, ANY_SEARCH

_WHY = Text(
    "Sie bekommen diese E-Mail, weil Sie Meldungen zu dieser Suche bestellt und bestätigt haben.",
    "You receive this e-mail because you asked for alerts for this search and confirmed that.",
)


async def mail_of(mail: AlertMail) -> Mail | None:
    """The mail that a row stands for; None when nobody wants it any more, or nobody may be written to."""
    row = await AlertSubscription.get_or_none(id=mail.subscription_id)
    if row is None or (mail.kind == "confirm" and row.status != PENDING):
        return None
    if not await may_be_written_to(row.address_hash):
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
    )
    return alert_mail(current(), alert)


def _notice_mail(mail: AlertMail, row: AlertSubscription) -> Mail:
    office, rendered = current(), render.notice(_notice(mail.kind, row))
    return Mail(
        sender=office.settings.mail_from,
        sender_name=NAME.get(row.language),
        recipient=row.address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=mail.message_id,
        language=row.language,
        headers={"Auto-Submitted": "auto-generated"},
    )


def _notice(kind: str, row: AlertSubscription) -> Notice:
    language, words = row.language, ALERT_NOTICES[kind]
    before = words["before"].get(language)
    label = row.label or ANY_SEARCH.get(language)
    pending = row.status == PENDING
    confirm = current().url("alert_confirm", token_for(Purpose.CONFIRM, row.id), language) if pending else ""
    return Notice(
        language=language,
        subject=words["subject"].get(language),
        before=before.format(label=label, frequency=ALERT_FREQUENCIES[row.frequency].get(language)).split("\n\n"),
        button=words["button"].get(language),
        url=confirm or _search_url(row),
        after=words["after"].get(language).split("\n\n"),
        imprint=list(current().settings.imprint),
    )


def _search_url(row: AlertSubscription) -> str:
    prefix = "/en" if row.language == "en" else ""
    return f"{current().base_url}{prefix}{row.path}"
