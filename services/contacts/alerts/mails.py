"""The mail about what an account's saved search found."""

from __future__ import annotations

import msgspec

from infra.contracts.search import AlertDue
from infra.errors import Text
from infra.mail import Mail
from infra.mail.alerts import Alert, alert_mail
from services.contacts.accounts.models import Account
from services.contacts.alerts.models import AccountAlert, AlertMail
from services.contacts.alerts.queries import stop_token
from services.contacts.context import current

_WHY = Text(
    "Sie bekommen diese E-Mail, weil Sie zu dieser gemerkten Suche Meldungen gewünscht haben. "
    "Wenn Sie die Meldungen beenden, bleibt die Suche in Ihrem Konto.",
    "You receive this e-mail because you asked for alerts for this saved search. "
    "If you stop the alerts, the search stays in your account.",
)


async def mail_of(mail: AlertMail) -> Mail | None:
    """The mail that a row stands for; None when its owner has stopped the alerts or cannot be reached."""
    alert = await AccountAlert.get(saved_search=mail.saved_search)
    account = await Account.get_or_none(id=alert.account_id, active=True, mail_trouble="")
    if account is None or (alert.stopped_at is not None and mail.created_at <= alert.stopped_at):
        return None
    due = msgspec.convert(mail.due, AlertDue)
    language = "en" if due.language == "en" else "de"
    wish = Alert(
        due=due,
        language=language,
        recipient=account.email,
        message_id=mail.message_id,
        why=_WHY,
        search_url=current().url("saved_search", due.id, language),
        stop_url=current().url("account_alert_stop", stop_token(mail.saved_search), language),
    )
    return alert_mail(current(), wish)
