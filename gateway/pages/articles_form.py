"""The form of an article: which fields each kind has, how they become a request, and how a stored article fills it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.forms import Form
from gateway.i18n import LANGUAGES
from gateway.pages.articles_words import TOPIC_PAGE
from gateway.pages.offer_form import Difference
from gateway.visit import Visit

BILINGUAL = ("title", "summary", "text", "number", "unit")
CHOICES = ("topics", "regions")
LINES = ("authors", "written_by")
SEPARATOR = "|"
MOST_PICTURES = 6
_COMMON = ("title", "summary", "text", "topics", "regions", "authors", "pictures", "published_on", "stand", "source")
_FIELDS: Mapping[str, Sequence[str]] = {
    "success-story": ("people", "source_url", "link", "slug"),
    "project": ("people", "source_url", "link", "slug"),
    "handout": ("source_url", "link", "slug"),
    "literature": ("written_by", "year", "publisher", "source_url", "link", "slug"),
    "figure": ("number", "unit", "source_url", "slug"),
    "legislation": ("in_force_from", "citation", "source_url", "link", "slug"),
    TOPIC_PAGE: ("source_url",),
}
_PATH = re.compile(r"(?P<name>\w+)(\[\d+\])?(\.(?P<language>de|en))?.*")


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields that an article of this kind has."""
    return (*_COMMON, *_FIELDS[kind])


def labels(visit: Visit) -> dict[str, str]:
    """The label of every field of the form, by its name there."""
    _ = visit._
    return {
        "title_de": _("Titel"),
        "title_en": _("Titel auf Englisch"),
        "summary_de": _("Kurzfassung"),
        "summary_en": _("Kurzfassung auf Englisch"),
        "text_de": _("Text"),
        "text_en": _("Text auf Englisch"),
        "topics": _("Themen"),
        "regions": _("Regionen"),
        "authors": _("Geschrieben von"),
        "people": _("Personen im Artikel"),
        "pictures": _("Bilder"),
        "published_on": _("Datum der Veröffentlichung"),
        "stand": _("Stand der Angaben"),
        "source": _("Quelle"),
        "source_url": _("Adresse der Quelle"),
        "link": _("Adresse im Netz"),
        "slug": _("Kurzname in der Adresse"),
        "number_de": _("Zahl"),
        "number_en": _("Zahl auf Englisch"),
        "unit_de": _("Einheit"),
        "unit_en": _("Einheit auf Englisch"),
        "in_force_from": _("In Kraft ab"),
        "citation": _("Fundstelle"),
        "written_by": _("Verfasst von"),
        "year": _("Erscheinungsjahr"),
        "publisher": _("Verlag oder Herausgeber"),
    }


def filled(article: Mapping[str, Any]) -> Form:
    """The form of a stored article."""
    values: dict[str, Any] = {}
    for name in fields_of(article["kind"]):
        if name in BILINGUAL:
            values |= {f"{name}_{language}": article[name][language] for language in LANGUAGES}
        elif name in LINES:
            values[name] = "\n".join(article[name])
        elif name == "people":
            values[name] = "\n".join(map(_person_line, article[name]))
        elif name == "pictures":
            values |= {picture_field(place): item["hash"] for place, item in enumerate(article[name])}
        else:
            values[name] = article[name]
    return Form.of(values)


def _person_line(person: Mapping[str, Any]) -> str:
    parts = (person["name"], person["role"]["de"], person["role"]["en"])
    return f" {SEPARATOR} ".join(parts).rstrip(f" {SEPARATOR}")


def picture_field(place: int) -> str:
    """The field of the picture at this place, from 0."""
    return f"picture_{place}"


def body(form: Form, kind: str) -> dict[str, Any]:
    """The request that the form stands for."""
    return {name: _value(form, name) for name in fields_of(kind)}


def _value(form: Form, name: str) -> Any:
    if name in BILINGUAL:
        return {language: form.text(f"{name}_{language}") for language in LANGUAGES}
    if name in CHOICES:
        return form.texts(name)
    if name in LINES:
        return form.lines(name)
    if name == "people":
        return [_person(line) for line in form.lines(name)]
    if name == "pictures":
        return chosen_pictures(form)
    return form.text(name)


def _person(line: str) -> dict[str, Any]:
    name, german, english = ([part.strip() for part in line.split(SEPARATOR, 2)] + ["", ""])[:3]
    return {"name": name, "role": {"de": german, "en": english}}


def chosen_pictures(form: Form) -> list[str]:
    """The pictures chosen in the form, in their order."""
    return [form.text(picture_field(place)) for place in range(MOST_PICTURES) if form.text(picture_field(place))]


def field_of(path: str) -> str:
    """The form's field for a path of the request: "title_de" for "title.de", "picture_0" for "pictures"."""
    found = _PATH.fullmatch(path)
    name = found["name"] if found else path
    if name in BILINGUAL:
        return f"{name}_{(found and found['language']) or LANGUAGES[0]}"
    return picture_field(0) if name == "pictures" else name


def differences(visit: Visit, theirs: Form, kind: str) -> list[Difference]:
    """Where what was typed and what somebody else saved meanwhile are not the same."""
    found = []
    for name, label in labels(visit).items():
        both = [shown(visit, form, name) for form in (theirs, visit.form)]
        if both[0] != both[1] and name.removesuffix("_de").removesuffix("_en") in fields_of(kind):
            found.append(Difference(name if name != "pictures" else picture_field(0), label, *both))
    return found


def shown(visit: Visit, form: Form, name: str) -> str:
    """The value of a field in words."""
    if name == "topics":
        return visit.labels("topics", sorted(form.texts(name)))
    if name == "regions":
        return ", ".join(sorted(visit.vocabulary.full_name(slug) for slug in form.texts(name)))
    if name == "pictures":
        return ", ".join(chosen_pictures(form))
    return "\n".join(form.text(name).splitlines())
