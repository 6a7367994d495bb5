"""The mail that tells what a saved search found, for whoever sends it: newsletter to subscribers, contacts to accounts.

All it says is public; what is typed by people (titles, labels) is cut to a length at which twenty hits stay far below
the size at which mail programs cut a message off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from infra.contracts import addresses
from infra.contracts.search import AlertDue, AlertHit
from infra.errors import Text
from infra.ids import as_id
from infra.mail.lists import day_in_words, list_headers
from infra.mail.message import Mail, one_line
from infra.mail.office import Office
from infra.mail.stationery import Stationery

MOST_HITS = 20
# A log that is replayed, for a new consumer or after a restored backup, must not mail old news once more.
NEWS_FOR = timedelta(days=7)
_TITLE, _SUMMARY, _LABEL = 160, 300, 80
_paper = Stationery("infra.mail")

NAME = Text("Lotse-Suche", "Lotse search")
_WORDS = {
    "name": NAME,
    "one": Text("1 neuer Treffer", "1 new result"),
    "many": Text("{count} neue Treffer", "{count} new results"),
    "label": Text("Ihre Suche: {label}", "Your search: {label}"),
    "saved": Text("Ihre gemerkte Suche", "Your saved search"),
    "since": Text("Neu seit dem {day}.", "New since {day}."),
    "rest": Text("{count} weitere zeigt die Suche.", "The search shows {count} more."),
    "all": Text("Alle Treffer ansehen", "See all results"),
    "stop": Text("Diese Meldungen beenden", "Stop these alerts"),
    "imprint": Text("Impressum", "Legal notice"),
}
_KINDS = {
    "offer": Text("Angebot", "Offer"),
    "event": Text("Termin", "Event"),
    "organisation": Text("Organisation", "Organisation"),
    "contact_point": Text("Ansprechstelle", "Contact point"),
    "network": Text("Netzwerk", "Network"),
    "state_profile": Text("Landesprofil", "State profile"),
    "document": Text("Dokument", "Document"),
    "glossary_term": Text("Begriff", "Term"),
    "topic": Text("Thema im Forum", "Forum topic"),
    "issue": Text("Newsletter-Ausgabe", "Newsletter issue"),
    "article": Text("Artikel", "Article"),
}


@dataclass(frozen=True, kw_only=True)
class Alert:
    """What one mail needs besides what was found.

    `label` names the search in its owner's words ("" where these are not known), `why` says why this mail comes.
    `search_url` shows the results; `stop_url` ends the alert: its GET shows a button, its POST acts (RFC 8058).
    Any mail to `stop_address` ends it as well; "" where none can be taken in.
    """

    due: AlertDue
    language: str
    recipient: str
    message_id: str
    label: str = ""
    why: Text
    search_url: str
    stop_url: str
    stop_address: str = ""


@dataclass(frozen=True)
class _Hit:
    """One hit as it is shown; `language` is the one it is written in."""

    title: str
    language: str
    detail: str
    summary: str
    url: str


def addressed(due: AlertDue, kind: str, told_at: str, now: datetime) -> UUID | None:
    """The id in the recipient of `due` when it is of this `kind` (account, subscription) and there is news to mail.

    `told_at` (ISO 8601) is when search told it.
    """
    told, _, reference = due.recipient.partition(":")
    recent = now - datetime.fromisoformat(told_at) < NEWS_FOR
    return as_id(reference) if told == kind and due.hits and recent else None


def alert_mail(office: Office, alert: Alert) -> Mail:
    """The mail, with what tells programs how to stop it (RFC 2369, 2919, 8058) and not to answer (RFC 3834)."""
    language, hits = alert.language, alert.due.hits[:MOST_HITS]
    words = {key: text.get(language) for key, text in _WORDS.items()}
    total = max(alert.due.total, len(hits))
    count = words["one"] if total == 1 else words["many"].format(count=total)
    label = one_line(alert.label, _LABEL)
    letter = {
        "language": language,
        "title": count,
        "label": words["label"].format(label=label) if label else words["saved"],
        "since": _since(alert.due.since, words["since"], language),
        "hits": [_shown(office, hit, language) for hit in hits],
        "rest": words["rest"].format(count=total - len(hits)) if total > len(hits) else "",
        "search_url": alert.search_url,
        "stop_url": alert.stop_url,
        "why": alert.why.get(language),
        "imprint": office.settings.imprint,
    }
    rendered = _paper.render("alert", f"{count}: {label or words['saved']}", mail=letter, words=words)
    return Mail(
        sender=office.settings.mail_from,
        sender_name=NAME.get(language),
        recipient=alert.recipient,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=alert.message_id,
        language=language,
        headers=list_headers(
            office,
            "alerts",
            stop_url=alert.stop_url,
            stop_address=alert.stop_address,
            feedback=alert.due.frequency,
        ),
    )


def _shown(office: Office, hit: AlertHit, language: str) -> _Hit:
    written = "en" if language == "en" and hit.title_en else "de"
    kind = _KINDS.get(hit.kind)
    details = (kind.get(language) if kind else "", one_line(hit.region_name, _TITLE), day_in_words(hit.date, language))
    return _Hit(
        title=one_line(hit.title_en if written == "en" else hit.title, _TITLE),
        language=written,
        detail=" · ".join(filter(None, details)),
        summary=one_line(hit.summary, _SUMMARY),
        # a kind that only newer programs know has no page here
        url=office.url(hit.kind, hit.slug, language) if hit.kind in addresses.PATHS else "",
    )


def _since(moment: str, words: str, language: str) -> str:
    day = day_in_words(moment, language)
    return words.format(day=day) if day else ""
