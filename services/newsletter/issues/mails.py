"""The headers of a mail that carries an issue, for its dispatch and for the checks that go before."""

from __future__ import annotations

from services.newsletter.context import current


def list_headers(slug: str, unsubscribe_url: str, unsubscribe_address: str = "") -> dict[str, str]:
    """What tells mail programs that this is a list, how to leave it, and that nobody need answer.

    RFC 2919 (List-Id, which never changes), RFC 2369 (the other List-* fields; List-Post is left out, since nobody
    can write to this list), RFC 8058 (leaving with one click: one HTTPS address, before any for mail), RFC 3834
    (Auto-Submitted). Feedback-ID is what mailbox providers group complaints by: issue, list and sender, no reader.
    `unsubscribe_address` is where to write to instead, "" where no mail can be taken in.
    """
    context = current()
    ways_out = [f"<{unsubscribe_url}>", *([f"<mailto:{unsubscribe_address}>"] if unsubscribe_address else [])]
    return {
        "List-Id": f"Lotse Newsletter <newsletter.{context.mail_domain}>",
        "List-Unsubscribe": ", ".join(ways_out),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": f"<{context.base_url}/newsletter/ausgaben>",
        "List-Help": f"<{context.base_url}/newsletter>",
        "List-Subscribe": f"<{context.base_url}/newsletter>",
        "List-Owner": f"<mailto:{context.settings.mail_from}>",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
        "Feedback-ID": f"{slug}:newsletter:lotse",
    }
