"""What a contact point may say: rules without a database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from infra.errors import FieldError, Invalid, Text
from services.contacts.dates import first_day
from services.contacts.known import Known

_LIMITS = {
    "name": 200,
    "description": 2000,
    "address": 300,
    "phone": 60,
    "email": 254,
    "hours": 300,
    "accessibility": 300,
    "website": 500,
    "source": 200,
}


@dataclass(frozen=True, kw_only=True)
class ContactPointDraft:
    """A contact point as a person fills it in. References and facets are slugs; `stand` is as exact as known."""

    name: str
    network: str
    kind: str
    districts: list[str]
    organisation: str = ""
    topics: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    description: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    hours: str = ""
    accessibility: str = ""
    website: str = ""
    source: str = ""
    stand: str = ""


def check(draft: ContactPointDraft, known: Known) -> None:
    """Raises Invalid with every rule that `draft` breaks."""
    problems = [*_text_problems(draft)]
    for name, source, values in (
        ("network", "networks", [draft.network]),
        ("kind", "contact_point_kinds", [draft.kind]),
        ("organisation", "organisations", [draft.organisation] if draft.organisation else []),
        ("districts", "regions", draft.districts),
        ("topics", "topics", draft.topics),
        ("languages", "languages", draft.languages),
    ):
        problems += known.problems(name, source, values)
    if not draft.districts:
        problems.append(
            FieldError("districts", Text("Bitte mindestens eine Region wählen.", "Please choose at least one region."))
        )
    if problems:
        raise Invalid(fields=problems)


def _text_problems(draft: ContactPointDraft) -> Iterable[FieldError]:
    if len(draft.name) < 3:
        yield FieldError("name", Text("Bitte mindestens 3 Zeichen angeben.", "Please give at least 3 characters."))
    for name, limit in _LIMITS.items():
        if len(getattr(draft, name)) > limit:
            yield FieldError(name, Text(f"Höchstens {limit} Zeichen.", f"At most {limit} characters."))
    if draft.website and not draft.website.startswith(("https://", "http://")):
        yield FieldError("website", Text("Bitte mit https:// beginnen.", "Please begin with https://."))
    if draft.stand and first_day(draft.stand) is None:
        yield FieldError("stand", Text("Bitte ein Datum angeben.", "Please give a date."))
