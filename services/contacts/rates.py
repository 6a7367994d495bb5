"""The mails of the last minute, counted by contacts: by it all its processes keep the rates of servers and domains."""

from __future__ import annotations

from infra.mail.limits import Window


class MailWindow(Window):
    """What went to one mail server or domain of recipients in the last minute."""

    class Meta(Window.Meta):
        abstract = False
        table = "mail_windows"
