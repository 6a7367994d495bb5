"""What mails that go out by themselves have in common: how programs let people end them, and days in words."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date

from infra.mail.office import Office

_LOCALES = {"de": "de_DE", "en": "en_GB"}


def list_headers(office: Office, name: str, *, stop_url: str, feedback: str, stop_address: str = "") -> dict[str, str]:
    """What tells programs which list it is (RFC 2919), how to end it (RFC 2369, 8058) and not to answer (RFC 3834).

    A GET of `stop_url` shows a button, its POST acts; `stop_address` ends it by a mail ("": not that way).
    `feedback` says more closely what it was, for providers' reports about complaints.
    """
    by_mail = f", <mailto:{stop_address}>" if stop_address else ""
    return {
        "List-Id": f"Lotse {name} <{name}.{office.mail_domain}>",
        "List-Unsubscribe": f"<{stop_url}>{by_mail}",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
        "Feedback-ID": f"{feedback}:{name}:lotse",
    }


def day_in_words(moment: str, language: str) -> str:
    """An ISO day or moment in words; "" for what is none, since dates are given as exactly as they are known."""
    try:
        day = datetime.fromisoformat(moment).date()
    except ValueError:
        return ""
    return format_date(day, "long", locale=_LOCALES.get(language, "de_DE"))
