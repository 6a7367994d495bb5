"""Many mails over several SMTP connections at once, with the next envelope on its way before the last mail is answered.

SMTP waits for an answer at four places of each mail. With PIPELINING (RFC 2920) the content of one mail and the
envelope of the next travel together, so that one round trip does for a mail; where a server does not offer it, each
step waits for its answer. Who sends gives mails and hears what became of them through `Errand`.
"""

from __future__ import annotations

from infra.mail.pipelining.carrier import Carrier, SmtpCarrier
from infra.mail.pipelining.errands import Errand, Parcel
from infra.mail.pipelining.local import MailboxCarrier

__all__ = ["Carrier", "Errand", "MailboxCarrier", "Parcel", "SmtpCarrier"]
