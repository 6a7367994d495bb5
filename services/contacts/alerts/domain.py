"""The rules of alerts to accounts."""

from __future__ import annotations

from datetime import timedelta

# What the token in a mail may do: stop the alerts of one saved search. It is good for ever, like the mail.
STOP = "alert-stop"
# How long the row of a mail is kept once it was dealt with.
KEEP_MAILS = timedelta(days=30)
