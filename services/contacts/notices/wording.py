"""What notices say: one line each, in both languages, with the thing's title where everybody concerned may read it."""

from __future__ import annotations

from dataclasses import dataclass

from infra.contracts import notices as kinds
from infra.errors import Text


@dataclass(frozen=True)
class Words:
    """A kind's `name` and `cause`, and its line for one occasion, for several ({times}), and without a {title}.

    The title stands at the end, since it may be in another language.
    """

    name: Text
    cause: Text
    one: Text
    many: Text
    untitled: Text


WORDS = {
    kinds.ISSUE_WAITING: Words(
        Text("Newsletter: Freigabe", "Newsletter: approval"),
        Text("wenn eine Ausgabe auf Ihre Freigabe wartet", "when an issue waits for your approval"),
        Text("Wartet auf Freigabe: {title}", "Waits for approval: {title}"),
        Text("Wartet weiter auf Freigabe, geändert: {title}", "Still waits for approval, changed: {title}"),
        Text("Eine Ausgabe wartet auf Freigabe", "An issue waits for approval"),
    ),
    kinds.ISSUE_PROPOSED: Words(
        Text("Newsletter: neuer Entwurf", "Newsletter: new draft"),
        Text("wenn der Entwurf des Quartals angelegt wurde", "when the quarter's draft was made"),
        Text("Neuer Entwurf: {title}", "New draft: {title}"),
        Text("Neue Entwürfe: {title}", "New drafts: {title}"),
        Text("Ein Entwurf für die nächste Ausgabe liegt bereit", "A draft of the next issue is ready"),
    ),
    kinds.ISSUE_REMINDER: Words(
        Text("Newsletter: Erinnerung", "Newsletter: reminder"),
        Text("wenn ein Entwurf bald fertig sein muss", "when a draft is due soon"),
        Text("Bald fällig: {title}", "Due soon: {title}"),
        Text("Bald fällig: {title}", "Due soon: {title}"),
        Text("Ein Entwurf ist bald fällig", "A draft is due soon"),
    ),
    kinds.ISSUE_SENT: Words(
        Text("Newsletter: versandt", "Newsletter: sent"),
        Text("wenn eine Ausgabe versandt ist", "when an issue has been sent"),
        Text("Versandt: {title}", "Sent: {title}"),
        Text("Versandt, auch an Nachzügler: {title}", "Sent, also to late subscribers: {title}"),
        Text("Eine Ausgabe ist versandt", "An issue has been sent"),
    ),
    kinds.ISSUE_TROUBLE: Words(
        Text("Newsletter: Störung", "Newsletter: trouble"),
        Text("wenn beim Versand etwas Ihre Entscheidung braucht", "when sending needs a decision of yours"),
        Text("Der Versand braucht Ihren Blick: {title}", "Sending needs your attention: {title}"),
        Text("Der Versand braucht weiter Ihren Blick: {title}", "Sending still needs your attention: {title}"),
        Text("Der Versand einer Ausgabe braucht Ihren Blick", "Sending an issue needs your attention"),
    ),
    kinds.ARTICLE_WAITING: Words(
        Text("Artikel: Durchsicht", "Articles: review"),
        Text("wenn ein Artikel auf Durchsicht wartet", "when an article waits for review"),
        Text("Wartet auf Durchsicht: {title}", "Waits for review: {title}"),
        Text("Wartet weiter auf Durchsicht: {title}", "Still waits for review: {title}"),
        Text("Ein Artikel wartet auf Durchsicht", "An article waits for review"),
    ),
    kinds.TOPIC_REPLY: Words(
        Text("Forum: Antworten", "Forum: replies"),
        Text(
            "wenn jemand in einem Thema antwortet, in dem Sie geschrieben haben",
            "when somebody replies in a topic you wrote in",
        ),
        Text("Neue Antwort: {title}", "New reply: {title}"),
        Text("{times} neue Antworten: {title}", "{times} new replies: {title}"),
        Text("Es gibt Neues in einem Thema Ihres Netzwerks", "There is something new in a topic of your network"),
    ),
    kinds.OFFER_EXPIRING: Words(
        Text("Angebote: laufen aus", "Offers: ending soon"),
        Text("wenn ein Angebot Ihres Netzwerks in 14 Tagen endet", "when an offer of your network ends in 14 days"),
        Text("Endet am {day}: {title}", "Ends on {day}: {title}"),
        Text("Endet am {day}: {title}", "Ends on {day}: {title}"),
        Text("Ein Angebot Ihres Netzwerks endet bald", "An offer of your network ends soon"),
    ),
    kinds.OFFER_EXPIRED: Words(
        Text("Angebote: abgelaufen", "Offers: ended"),
        Text("wenn ein Angebot Ihres Netzwerks abgelaufen ist", "when an offer of your network has ended"),
        Text("Abgelaufen am {day}: {title}", "Ended on {day}: {title}"),
        Text("Abgelaufen am {day}: {title}", "Ended on {day}: {title}"),
        Text("Ein Angebot Ihres Netzwerks ist abgelaufen", "An offer of your network has ended"),
    ),
}

FRAME = {
    "name": Text("Lotse", "Lotse"),
    "open": Text("Ansehen", "Have a look"),
    "several": Text("{count} Mitteilungen", "{count} notices"),
    "digest": Text("Ihr Tagesüberblick: {count} Mitteilungen", "Your daily digest: {count} notices"),
    "why": Text(
        "Sie bekommen diese E-Mail, weil Sie ein Konto bei Lotse haben.",
        "You receive this e-mail because you have an account at Lotse.",
    ),
    "because": Text("Wir schreiben Ihnen, {cause}.", "We write to you {cause}."),
    "stop": Text("Nichts mehr zu „{name}“", "Nothing more about “{name}”"),
    "choose": Text("Mitteilungen einstellen", "Choose your notices"),
    "imprint": Text("Impressum", "Legal notice"),
}
