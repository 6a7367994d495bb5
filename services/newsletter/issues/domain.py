"""What an issue is made of, which states it goes through, and who may take which step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from infra.errors import Conflict, FieldError, Forbidden, Invalid, Text
from services.newsletter.directory.domain import EVENT, OFFER, Entry
from services.newsletter.texts import Local, is_web_address, one_line_errors

DRAFT = "draft"
REVIEW = "review"
APPROVED = "approved"
SENDING = "sending"
PAUSED = "paused"
SENT = "sent"
CANCELLED = "cancelled"
RUNNING = (SENDING, PAUSED)

# Sections of every issue, in the order in which they stand.
KINDS = (
    "editorial",
    "success-story",
    "project-presentation",
    "portal-articles",
    "figure-of-the-quarter",
    "legislation",
    "events-and-courses",
    "offers",
    "about",
    "imprint",
)
# Which sections take up what, by the kind of the entry.
COLLECTING = {
    "success-story": ("success-story",),
    "project-presentation": ("project",),
    "portal-articles": ("handout", "literature", "topic-page"),
    "figure-of-the-quarter": ("figure",),
    "legislation": ("legislation",),
    "events-and-courses": (EVENT,),
    "offers": (OFFER,),
}
ARTICLES = ("success-story", "project-presentation", "portal-articles", "figure-of-the-quarter", "legislation")
IMPRINT = "imprint"
STANDING = ("about", IMPRINT)  # stand in every issue and so are no reason to write to anybody

_QUARTER = re.compile(r"(20\d\d)-Q([1-4])")


@dataclass(frozen=True)
class HandItem:
    """An item written by the editors."""

    title: Local = field(default_factory=Local)
    text: Local = field(default_factory=Local)
    link: str = ""


@dataclass
class Section:
    """One section; `order`, `pinned` and `dropped` hold ids of collected entries. An empty `title`: the usual name."""

    kind: str
    title: Local = field(default_factory=Local)
    text: Local = field(default_factory=Local)
    items: list[HandItem] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    pinned: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def arranged(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries that this section collects: pinned ones first, then as ordered by hand, then as they came."""
        mine = [entry for entry in entries if entry.kind in COLLECTING.get(self.kind, ())]
        places = {entry_id: place for place, entry_id in enumerate(self.order)}
        return sorted(mine, key=lambda entry: (entry.id not in self.pinned, places.get(entry.id, len(places))))


@dataclass(frozen=True)
class Content:
    """Everything that an issue says, as it stands now or as it was frozen when it was sent."""

    quarter: str
    title: Local
    focus: Local
    sections: list[Section]
    entries: list[Entry]


def new_sections(about: Local) -> list[Section]:
    """The sections of a fresh draft."""
    return [Section(kind, text=about if kind == "about" else Local()) for kind in KINDS]


def checked_quarter(text: str) -> str:
    """The quarter as `2026-Q4`. Raises Invalid."""
    quarter = text.strip().upper()
    if not _QUARTER.fullmatch(quarter):
        message = Text(
            "Bitte geben Sie das Quartal so an: 2026-Q4.",
            "Please give the quarter like this: 2026-Q4.",
        )
        raise Invalid(fields=[FieldError("quarter", message)])
    return quarter


def section_errors(sections: Sequence[Section], places: Mapping[str, int]) -> list[FieldError]:
    """What is wrong with hand-written items; `places` says where each kind stood in the request."""
    errors: list[FieldError] = []
    for section in sections:
        where = f"sections[{places.get(section.kind, 0)}]"
        for index, item in enumerate(section.items):
            if not item.title.de.strip() and not item.title.en.strip():
                text = Text("Bitte geben Sie dem Beitrag eine Überschrift.", "Please give the item a title.")
                errors.append(FieldError(f"{where}.items[{index}].title", text))
            errors += one_line_errors(f"{where}.items[{index}].title", item.title)
            if item.link and not is_web_address(item.link):
                text = Text(
                    "Bitte geben Sie eine Adresse an, die mit https:// oder http:// beginnt.",
                    "Please give an address that begins with https:// or http://.",
                )
                errors.append(FieldError(f"{where}.items[{index}].link", text))
    return errors


def require_editable(gone: bool) -> None:
    """Raises Conflict once an issue went out, be it in part."""
    if gone:
        raise Conflict(
            Text(
                "Diese Ausgabe ist schon versandt und lässt sich nicht mehr ändern.",
                "This issue has been sent already and can no longer be changed.",
            )
        )


def require_draft(state: str, gone: bool) -> None:
    """Raises Conflict unless an issue can be submitted."""
    require_editable(gone)
    if state != DRAFT:
        raise Conflict(
            Text(
                "Diese Ausgabe liegt schon zur Freigabe vor.",
                "This issue has been submitted for approval already.",
            )
        )


def require_second_person(state: str, gone: bool, authors: Sequence[str], account: str) -> None:
    """Raises Conflict when there is nothing to approve, Forbidden for whoever created or last edited the issue."""
    require_editable(gone)
    if state == APPROVED:
        raise Conflict(Text("Diese Ausgabe ist schon freigegeben.", "This issue has been approved already."))
    if state == CANCELLED:
        raise Conflict(
            Text(
                "Der Versand dieser Ausgabe ist abgesagt. Ändern Sie sie, wenn sie doch erscheinen soll.",
                "The dispatch of this issue was called off. Change it if it is to appear after all.",
            )
        )
    if account in authors:
        raise Forbidden(
            Text(
                "Freigeben muss eine zweite Person: Sie haben diese Ausgabe angelegt oder zuletzt bearbeitet.",
                "A second person must approve: you created this issue or edited it last.",
            )
        )


def require_approved(state: str, gone: bool) -> None:
    """Raises Conflict unless an issue may be sent."""
    require_editable(gone)
    if state != APPROVED:
        raise Conflict(
            Text(
                "Diese Ausgabe ist noch nicht freigegeben. Eine zweite Person aus der Redaktion muss sie freigeben.",
                "This issue is not approved yet. A second person of the editorial team has to approve it.",
            )
        )
