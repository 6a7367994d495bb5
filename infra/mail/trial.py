"""A mail by which an operator tries out the way to the world: one over each server, with what each answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from infra.ids import new_id
from infra.mail import Mail, Outcome, SmtpMailer, mailbox, signer_of
from infra.mail.servers import ServerPool
from infra.settings import Settings

_TEXT = (
    "Diese Mail hat jemand mit `python -m infra.runtime test-mail` verschickt. Sie ist angekommen.\n\n"
    "Somebody sent this mail by `python -m infra.runtime test-mail`. It has arrived.\n"
)
_HTML = (
    '<!DOCTYPE html>\n<html lang="de"><head><meta charset="utf-8"><title>Testmail von Lotse</title></head><body>\n'
    "<h1>Testmail von Lotse</h1>\n"
    "<p>Diese Mail hat jemand mit <code>python -m infra.runtime test-mail</code> verschickt. Sie ist angekommen.</p>\n"
    '<p lang="en">Somebody sent this mail by <code>python -m infra.runtime test-mail</code>. It has arrived.</p>\n'
    "</body></html>\n"
)


async def send_trial(settings: Settings, recipient: str) -> AsyncIterator[tuple[str, Outcome]]:
    """Sends it over each server by itself; yields its name (or "local mailbox") and its answer.

    Raises:
        InvalidMail: the address is not one.
        SigningKeyError: the key of the settings cannot be used.
    """
    if not settings.smtp_servers:
        yield "local mailbox", await mailbox(settings).send(_trial(settings, recipient, "local mailbox"))
        return
    signer = signer_of(settings)
    for server in settings.smtp_servers:
        mailer = SmtpMailer(ServerPool((server,)), signer)
        try:
            yield server.name, await mailer.send(_trial(settings, recipient, server.name))
        finally:
            await mailer.close()


def _trial(settings: Settings, recipient: str, way: str) -> Mail:
    return Mail(
        sender=settings.mail_from,
        sender_name="Lotse",
        recipient=recipient,
        subject=f"Testmail von Lotse ({way}, {datetime.now(UTC):%d.%m.%Y %H:%M} UTC)",
        text=_TEXT,
        html=_HTML,
        message_id=f"<{new_id()}@{settings.mail_from.rpartition('@')[2]}>",
        headers={"Auto-Submitted": "auto-generated"},
    )
