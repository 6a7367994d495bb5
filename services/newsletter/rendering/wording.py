"""The newsletter's own words in both languages: names of sections, mails about subscriptions, the frame."""

from __future__ import annotations

from infra.errors import Text

NAME = Text("Lotse-Newsletter", "Lotse newsletter")

SECTIONS = {
    "editorial": Text("Begrüßung", "Welcome"),
    "success-story": Text("Erfolgsgeschichte", "Success story"),
    "project-presentation": Text("Neue Projekte", "New projects"),
    "portal-articles": Text("Neue Artikel, Handreichungen, Literatur", "New articles, guides and literature"),
    "figure-of-the-quarter": Text("Zahl des Quartals", "Figure of the quarter"),
    "legislation": Text("Gesetzesänderungen", "Changes of law"),
    "events-and-courses": Text("Termine", "Dates"),
    "offers": Text("Angebote in Ihren Landkreisen", "Offers in your districts"),
    "about": Text("Über Lotse", "About Lotse"),
    "imprint": Text("Impressum", "Legal notice"),
    "portal-news": Text("Neues vom Portal", "News from the portal"),
    "masthead": Text("Erscheinungsweise", "Publication schedule"),
    "preview": Text("Ausblick", "Outlook"),
    "press-links": Text("Pressespiegel", "Press review"),
}
IN_ARCHIVE = SECTIONS | {"offers": Text("Angebote aus den Netzwerken", "Offers from the networks")}

ABOUT = Text(
    "Lotse verbindet regionale Netzwerke, die Zugewanderte in Arbeit begleiten. Netzwerke veröffentlichen ihre "
    "Angebote einmal; hier lesen Sie, was in Ihren Landkreisen dazugekommen ist.",
    "Lotse connects regional networks that help migrants into work. Networks publish their offers once; here you read "
    "what is new in your districts.",
)

USUAL_TITLE = Text("Neues aus den Netzwerken", "News from the networks")
QUARTER = Text("{number}. Quartal {year}", "Q{number} {year}")

FRAME = {
    "focus": Text("Schwerpunkt", "Focus"),
    "more": Text("Weitere Einträge im Browser lesen:", "Read further entries in the browser:"),
    "picture": Text("Bild:", "Picture:"),
    "archive": Text("Im Browser lesen", "Read in the browser"),
    "preferences": Text("Landkreise, Themen oder Sprache ändern", "Change districts, topics or language"),
    "unsubscribe": Text("Abmelden", "Unsubscribe"),
    "why": Text(
        "Sie bekommen diese E-Mail, weil Sie den Newsletter bestellt und bestätigt haben.",
        "You receive this e-mail because you ordered the newsletter and confirmed it.",
    ),
    "imprint": SECTIONS["imprint"],
}

CONFIRM = {
    "subject": Text("Bitte bestätigen Sie Ihre Anmeldung", "Please confirm your subscription"),
    "before": Text(
        "Guten Tag,\n\n"
        "jemand – vermutlich Sie – hat diese Adresse für den Newsletter von Lotse angemeldet. "
        "Bitte bestätigen Sie die Anmeldung; erst danach schreiben wir Ihnen.\n\n"
        "Landkreise: {districts}\n\nThemen: {topics}",
        "Hello,\n\n"
        "somebody – probably you – has signed up this address for the Lotse newsletter. "
        "Please confirm the subscription; we only write to you after that.\n\n"
        "Districts: {districts}\n\nTopics: {topics}",
    ),
    "button": Text("Anmeldung bestätigen", "Confirm subscription"),
    "after": Text(
        "Sie waren das nicht? Dann tun Sie einfach nichts. Ohne Bestätigung bekommen Sie keinen Newsletter, und "
        "wir löschen die Adresse nach 7 Tagen.",
        "This was not you? Then simply do nothing. Without confirmation you will not get the newsletter, and "
        "we delete the address after 7 days.",
    ),
}

ALREADY = {
    "subject": Text("Sie bekommen den Newsletter schon", "You already receive the newsletter"),
    "before": Text(
        "Guten Tag,\n\n"
        "jemand – vermutlich Sie – wollte diese Adresse für den Newsletter von Lotse anmelden. "
        "Sie ist schon angemeldet, es hat sich nichts geändert.\n\n"
        "Landkreise: {districts}\n\nThemen: {topics}",
        "Hello,\n\n"
        "somebody – probably you – wanted to sign up this address for the Lotse newsletter. "
        "It is subscribed already, nothing has changed.\n\n"
        "Districts: {districts}\n\nTopics: {topics}",
    ),
    "button": Text("Landkreise und Themen ändern", "Change districts and topics"),
    "after": Text(
        "Der Knopf führt auch zur Abmeldung. Wenn Sie nichts ändern möchten, brauchen Sie nichts zu tun.",
        "The button also leads to unsubscribing. If you do not want to change anything, there is nothing to do.",
    ),
}

ALERT_CONFIRM = {
    "subject": Text("Bitte bestätigen Sie Ihre Suchmeldungen", "Please confirm your search alerts"),
    "before": Text(
        "Guten Tag,\n\n"
        "jemand – vermutlich Sie – möchte an diese Adresse Meldungen, wenn es zu einer Suche auf Lotse Neues gibt. "
        "Bitte bestätigen Sie das; erst danach schreiben wir Ihnen.\n\n"
        "Suche: {label}\n\nHäufigkeit: {frequency}",
        "Hello,\n\n"
        "somebody – probably you – wants alerts sent to this address when there is something new for a search on "
        "Lotse. Please confirm this; we only write to you after that.\n\n"
        "Search: {label}\n\nFrequency: {frequency}",
    ),
    "button": Text("Meldungen bestätigen", "Confirm alerts"),
    "after": Text(
        "Sie waren das nicht? Dann tun Sie einfach nichts. Ohne Bestätigung bekommen Sie keine Meldungen, und "
        "wir löschen die Adresse nach 7 Tagen.",
        "This was not you? Then simply do nothing. Without confirmation you will not get any alerts, and "
        "we delete the address after 7 days.",
    ),
}

ALERT_ALREADY = {
    "subject": Text("Sie bekommen diese Suchmeldungen schon", "You already receive these search alerts"),
    "before": Text(
        "Guten Tag,\n\n"
        "jemand – vermutlich Sie – wollte an diese Adresse Meldungen zu einer Suche auf Lotse bestellen. "
        "Sie sind schon bestellt, es hat sich nichts geändert.\n\n"
        "Suche: {label}\n\nHäufigkeit: {frequency}",
        "Hello,\n\n"
        "somebody – probably you – wanted to order alerts for a search on Lotse for this address. "
        "They are ordered already, nothing has changed.\n\n"
        "Search: {label}\n\nFrequency: {frequency}",
    ),
    "button": Text("Suche ansehen", "See the search"),
    "after": Text(
        "Jede Meldung enthält einen Link, mit dem Sie die Meldungen beenden.",
        "Each alert contains a link to stop the alerts.",
    ),
}

NOTICES = {"confirm": CONFIRM, "already": ALREADY}
ALERT_NOTICES = {"confirm": ALERT_CONFIRM, "already": ALERT_ALREADY}
ALERT_FREQUENCIES = {"daily": Text("täglich", "daily"), "weekly": Text("wöchentlich", "weekly")}
ANY_SEARCH = Text("ohne Suchwort", "without search words")
EVERYTHING = Text("alle", "all")


def issue_name(quarter: str, language: str) -> str:
    """The newsletter with its quarter in words: `2026-Q4` gives "Lotse-Newsletter 4. Quartal 2026"."""
    year, _, number = quarter.partition("-Q")
    return f"{NAME.get(language)} {QUARTER.get(language).format(number=number, year=year)}"
