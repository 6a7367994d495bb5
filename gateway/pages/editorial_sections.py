"""The editor's desk: one section of an issue with its text and items, and the issue as a subscriber gets it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from gateway.forms import Form
from gateway.i18n import LANGUAGES
from gateway.pages import desk
from gateway.pages.attempts import VERSION_FIELD, attempt
from gateway.pages.desk import DESK, require_desk, require_editor
from gateway.pages.editorial import address, bilingual, service_path
from gateway.pages.framing import framed, framing, looks
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import NotFound
from infra.web.client import segment

BLANK_ITEMS = 1
_LAST = 10_000
_PATH = re.compile(r"sections\[0\](\.items\[(?P<item>\d+)\])?\.(?P<field>title|text|link)(\.(?P<language>de|en))?")


async def section(visit: Visit) -> Response:
    """One section: its text, items by hand, and what was collected, to drop, pin and order."""
    require_editor(visit)
    found, part = await _section(visit)
    overtaken = False
    if visit.posted:
        change = {"sections": [_change(visit.form, part)]}
        outcome = await attempt(
            visit, "newsletter", "PATCH", service_path(visit), change, field_name=_field_of(visit.form)
        )
        if outcome.done:
            again = visit.form.text("action") == "more"
            here = f"{address(visit)}/abschnitte/{segment(part['kind'])}"
            return visit.redirect(here if again else address(visit), gespeichert=1)
        overtaken = outcome.stale
    else:
        visit.form = _filled(part)
    if overtaken or not visit.posted:
        visit.form.values[VERSION_FIELD] = [str(found["version"])]
    return desk.page(
        visit,
        "editorial/section.html",
        status=422 if visit.form.refused else 200,
        issue=found,
        section=part,
        count=_shown(visit.form),
        address=address(visit),
        overtaken=overtaken,
    )


async def _section(visit: Visit) -> tuple[Any, Any]:
    """The issue and the section in the address. Raises NotFound for one that cannot be edited."""
    found = await visit.get("newsletter", service_path(visit))
    part = next((part for part in found["sections"] if part["kind"] == visit.param("kind") and part["editable"]), None)
    if part is None:
        raise NotFound
    return found, part


def _filled(part: Any) -> Form:
    """The form of a section as it stands; fields of an item bear its number."""
    values: dict[str, Any] = {f"text_{language}": part["text"][language] for language in LANGUAGES}
    for number, item in enumerate(part["items"]):
        for language in LANGUAGES:
            values[f"item{number}_title_{language}"] = item["title"][language]
            values[f"item{number}_text_{language}"] = item["text"][language]
        values[f"item{number}_link"] = item["link"]
    values["items"] = str(len(part["items"]))
    values["pinned"] = [item["id"] for item in part["collected"] if item["pinned"]]
    values["dropped"] = [item["id"] for item in part["collected"] if item["dropped"]]
    for place, item in enumerate(part["collected"], 1):
        values[f"place_{item['id']}"] = str(place)
    return Form.of(values)


def _item_count(form: Form) -> int:
    """How many items by hand a form may hold: those there were and a blank one."""
    known = form.text("items")
    return (int(known) if known.isascii() and known.isdigit() and len(known) < 3 else 0) + BLANK_ITEMS


def _shown(form: Form) -> int:
    """How many items by hand to show: up to the last with anything in it, and a blank one."""
    filled = (number for number in range(_item_count(form)) if _typed(form, number) is not None)
    return max(filled, default=-1) + 1 + BLANK_ITEMS


def _change(form: Form, part: Any) -> dict[str, Any]:
    """The section as the form says it should be."""
    ids = [item["id"] for item in part["collected"]]
    change: dict[str, Any] = {
        "kind": part["kind"],
        "text": bilingual(form, "text"),
        "items": [item for _number, item in _items(form)],
    }
    if ids:
        change["order"] = sorted(ids, key=lambda identifier: _place(form, identifier))
        change["pinned"] = [identifier for identifier in ids if form.has("pinned", identifier)]
        change["dropped"] = [identifier for identifier in ids if form.has("dropped", identifier)]
    return change


def _items(form: Form) -> list[tuple[int, dict[str, Any]]]:
    """The items by hand that are kept, with their numbers in the form."""
    items = ((number, _item(form, number)) for number in range(_item_count(form)))
    return [(number, item) for number, item in items if item is not None]


def _field_of(form: Form) -> Callable[[str], str]:
    """Names the form's field for a path of the request, "sections[0].items[1].title.de" for example."""
    numbers = [number for number, _item in _items(form)]

    def name(path: str) -> str:
        found = _PATH.fullmatch(path)
        if found is None:
            return "sections"
        begin = "" if found["item"] is None else f"item{numbers[int(found['item'])]}_"
        end = "" if found["field"] == "link" else f"_{found['language'] or LANGUAGES[0]}"
        return f"{begin}{found['field']}{end}"

    return name


def _item(form: Form, number: int) -> dict[str, Any] | None:
    """One item by hand; None when it is empty or was marked to be removed."""
    return None if form.has("remove", str(number)) else _typed(form, number)


def _typed(form: Form, number: int) -> dict[str, Any] | None:
    """What stands in the fields of one item; None when they are empty."""
    title, text = bilingual(form, f"item{number}_title"), bilingual(form, f"item{number}_text")
    link = form.text(f"item{number}_link")
    if not any((*title.values(), *text.values(), link)):
        return None
    return {"title": title, "text": text, "link": link}


def _place(form: Form, identifier: str) -> int:
    """The place an item should have; what is not a number goes to the end."""
    text = form.text(f"place_{identifier}")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else _LAST


async def preview(visit: Visit) -> Response:
    """The issue as a subscriber with the chosen districts, topics and language gets it."""
    require_desk(visit)
    found = await visit.get("newsletter", service_path(visit))
    wishes, shown = _wishes(visit), looks(visit)
    visit.form = Form.of({**wishes, **shown})
    mail = await visit.part("newsletter", f"{service_path(visit)}/preview", **wishes)
    page = desk.page(
        visit,
        "editorial/preview.html",
        issue=found,
        mail=mail,
        looks=shown,
        frame=visit.url(f"{address(visit)}/vorschau/mail", **wishes, scheme=shown["scheme"]),
        address=address(visit),
    )
    return framing(page)


def _wishes(visit: Visit) -> dict[str, Any]:
    language = visit.query("language")
    return {
        "language": language if language in LANGUAGES else visit.language,
        "districts": visit.queries("districts"),
        "topics": visit.queries("topics"),
    }


async def preview_mail(visit: Visit) -> Response:
    """The mail alone, for the frame of the preview."""
    require_desk(visit)
    mail = await visit.get("newsletter", f"{service_path(visit)}/preview", **_wishes(visit))
    return framed(visit, mail["html"])


PAGES = (
    Page(DESK + "/ausgaben/{slug}/abschnitte/{kind}", section, ("GET", "POST"), signed_in=True),
    Page(DESK + "/ausgaben/{slug}/vorschau", preview, signed_in=True),
    Page(DESK + "/ausgaben/{slug}/vorschau/mail", preview_mail, signed_in=True),
)
