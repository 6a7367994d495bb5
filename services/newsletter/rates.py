"""The mails of the last minute, counted by the newsletter: by it its processes keep the rates."""

from __future__ import annotations

from infra.mail.limits import Window


class MailWindow(Window):
    """What went to one mail server or domain of recipients in the last minute."""

    class Meta(Window.Meta):
        abstract = False
        table = "mail_windows"
