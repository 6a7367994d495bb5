"""The form of an offer: which fields it has, how they become a request, and how a stored offer fills it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.forms import Form
from gateway.visit import Visit

TEXTS = (
    *("title", "summary", "description", "title_en", "summary_en", "description_en", "kind", "network", "provider"),
    *("contact_point", "region_note", "language_level_from", "language_level_to", "format", "accessibility", "costs"),
    *("conditions", "how_to_join", "access", "valid_from", "valid_to", "website", "source"),
)
CHOICES = ("partners", "stages", "target_groups", "topics", "districts", "languages")
LINES = ("funding",)
ANSWERS = ("part_time", "childcare", "open_entry")
NUMBERS = ("weekly_hours", "seats")
_YES_NO = {"yes": True, "no": False}
# Which controlled vocabulary names the values of a field.
_VOCABULARIES = {
    "kind": "offer_kinds",
    "stages": "stages",
    "target_groups": "target_groups",
    "topics": "topics",
    "languages": "languages",
    "format": "formats",
    "access": "access",
}


@dataclass(frozen=True)
class Difference:
    """One field in which two versions of an offer differ, as a person reads it."""

    name: str
    label: str
    theirs: str
    mine: str


@dataclass
class Choices:
    """What can be chosen in the form that is not in the vocabulary: (slug, name), organisations by Land."""

    networks: list[tuple[str, str]] = field(default_factory=list)
    organisations: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    contact_points: list[tuple[str, str]] = field(default_factory=list)


def labels(visit: Visit) -> dict[str, str]:
    """The label of every field."""
    _ = visit._
    return {
        "title": _("Titel"),
        "summary": _("Kurzfassung"),
        "description": _("Beschreibung"),
        "kind": _("Art des Angebots"),
        "title_en": _("Titel auf Englisch"),
        "summary_en": _("Kurzfassung auf Englisch"),
        "description_en": _("Beschreibung auf Englisch"),
        "network": _("Netzwerk"),
        "provider": _("Träger"),
        "contact_point": _("Ansprechstelle"),
        "partners": _("Partner"),
        "stages": _("Stufen der Prozesskette"),
        "target_groups": _("Zielgruppen"),
        "topics": _("Themen"),
        "districts": _("Regionen"),
        "region_note": _("Genauer zum Ort"),
        "languages": _("Sprachen"),
        "language_level_from": _("Deutschniveau ab"),
        "language_level_to": _("Deutschniveau bis"),
        "format": _("Format"),
        "weekly_hours": _("Stunden in der Woche"),
        "part_time": _("In Teilzeit möglich"),
        "childcare": _("Mit Kinderbetreuung"),
        "accessibility": _("Barrierefreiheit"),
        "costs": _("Kosten"),
        "funding": _("Förderung"),
        "seats": _("Plätze"),
        "open_entry": _("Einstieg jederzeit"),
        "conditions": _("Voraussetzungen"),
        "how_to_join": _("So nehmen Sie teil"),
        "access": _("Zugang"),
        "valid_from": _("Beginn"),
        "valid_to": _("Ende"),
        "website": _("Adresse im Netz"),
        "source": _("Quelle"),
    }


def filled(offer: Any) -> Form:
    """The form of a stored offer."""
    values: dict[str, Any] = {name: offer[name] for name in (*TEXTS, *CHOICES)}
    values |= {name: "\n".join(offer[name]) for name in LINES}
    values |= {name: {True: "yes", False: "no", None: ""}[offer[name]] for name in ANSWERS}
    values |= {name: _number_text(offer[name]) for name in NUMBERS}
    return Form.of(values)


def _number_text(value: float | None) -> str:
    return "" if value is None else f"{value:g}".replace(".", ",")


def body(visit: Visit) -> dict[str, Any]:
    """The request that the form stands for; a number that cannot be read is said at its field."""
    form = visit.form
    return {
        **{name: form.text(name) for name in TEXTS},
        **{name: form.texts(name) for name in CHOICES},
        **{name: form.lines(name) for name in LINES},
        **{name: _YES_NO.get(form.text(name)) for name in ANSWERS},
        "weekly_hours": _number(visit, "weekly_hours", float),
        "seats": _number(visit, "seats", int),
    }


def _number(visit: Visit, name: str, kind: type[int] | type[float]) -> float | None:
    text = visit.form.text(name).replace(",", ".")
    if not text:
        return None
    digits = text.replace(".", "", 1 if kind is float else 0)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        visit.form.add_error(name, visit._("Bitte eine Zahl angeben."))
        return None
    return kind(text)


def differences(visit: Visit, theirs: Form, choices: Choices) -> list[Difference]:
    """Where what was typed and what somebody else saved meanwhile are not the same."""
    found = []
    for name, label in labels(visit).items():
        both = [shown(visit, form, name, choices) for form in (theirs, visit.form)]
        if both[0] != both[1]:
            found.append(Difference(name, label, *both))
    return found


def shown(visit: Visit, form: Form, name: str, choices: Choices) -> str:
    """The value of a field in words."""
    names = {**dict(choices.networks), **dict(choices.contact_points)}
    for _land, organisations in choices.organisations:
        names |= dict(organisations)
    if name == "districts":
        return ", ".join(sorted(visit.vocabulary.region_name(slug) for slug in form.texts(name)))
    if name in ANSWERS:
        return {"yes": visit._("ja"), "no": visit._("nein")}.get(form.text(name), visit._("keine Angabe"))
    if name in _VOCABULARIES:
        return ", ".join(sorted(visit.label(_VOCABULARIES[name], slug) for slug in form.texts(name)))
    if name in ("network", "provider", "contact_point", "partners"):
        return ", ".join(sorted(names.get(slug, slug) for slug in form.texts(name)))
    return "\n".join(form.text(name).splitlines())
