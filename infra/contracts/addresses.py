"""The public addresses of things: what the gateway serves and mails link to, in one place.

German pages stand at the root, English ones under `/en`.
"""

from __future__ import annotations

from urllib.parse import quote

PATHS = {
    "offer": "/angebote/{slug}",
    "network": "/netzwerke/{slug}",
    "organisation": "/organisationen/{slug}",
    "contact_point": "/ansprechstellen/{slug}",
    "region": "/regionen/{slug}",
    "document": "/dokumente/{slug}",
    "event": "/termine/{slug}",
    "state_profile": "/laender/{slug}",
    "glossary_term": "/glossar#{slug}",
    "space": "/forum/{slug}",
    "topic": "/forum/themen/{slug}",
    "issue": "/newsletter/ausgaben/{slug}",
    "article": "/artikel/{slug}",
    "picture": "/bilder/{slug}",
    "subscription_confirm": "/newsletter/bestaetigen/{slug}",
    "subscription_preferences": "/newsletter/einstellungen/{slug}",
    "subscription_unsubscribe": "/newsletter/abmelden/{slug}",
    "subscription_data": "/newsletter/meine-daten/{slug}",
    "subscription_move": "/newsletter/adresse/{slug}",
    "alert_confirm": "/suche/meldung/bestaetigen/{slug}",
    "alert_stop": "/suche/meldung/stoppen/{slug}",
    "account_alert_stop": "/konto/meldung/stoppen/{slug}",
    "saved_search": "/konto/suchen/{slug}",
    "notices": "/konto/mitteilungen",
    "notice_stop": "/konto/mitteilungen/abstellen/{slug}",
    "address_confirm": "/konto/adresse/bestaetigen/{slug}",
    "password_new": "/passwort/neu/{slug}",
    "sign_in": "/anmelden",
    "imprint": "/impressum",
}


def path(kind: str, slug: str, language: str = "de") -> str:
    """The path of one thing, for example `path("offer", "start-deutsch", "en")`. KeyError: unknown kind."""
    prefix = "/en" if language == "en" else ""
    return prefix + PATHS[kind].format(slug=quote(slug, safe=""))
