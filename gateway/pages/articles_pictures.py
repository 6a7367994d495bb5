"""The picture library of the editor's desk, and the pictures themselves for pages and mails."""

from __future__ import annotations

import base64
from typing import Any

from starlette.responses import Response

from gateway.forms import Form
from gateway.i18n import LANGUAGES
from gateway.pages import desk
from gateway.pages.attempts import VERSION_FIELD, attempt
from gateway.pages.desk import require_editor
from gateway.pages.paging import steps
from gateway.problems import Refused
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import NotFound
from infra.web.client import segment

LIBRARY = "/redaktion/bilder"
SUFFIX = ".jpg"
UPLOAD_BYTES = 13_000_000  # a file of 12 MB, and the words of the form
# An address names one content for ever; mails are read in web mailers, which load pictures from other sites.
_FOR_EVER = {
    "cache-control": "public, max-age=31536000, immutable",
    "cross-origin-resource-policy": "cross-origin",
    "content-security-policy": "default-src 'none'",
}
_WORDS = ("credit", "licence", "licence_url")


async def picture(visit: Visit) -> Response:
    """One picture, the same for everybody. NotFound: no such picture."""
    name = visit.param("name")
    if not name.endswith(SUFFIX):
        raise NotFound
    tag = f'"{name.removesuffix(SUFFIX)}"'
    if tag in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={**_FOR_EVER, "etag": tag})
    answer = await visit.ask("newsletter", "GET", f"/picture-files/{segment(name.removesuffix(SUFFIX))}")
    return Response(answer.content, media_type="image/jpeg", headers={**_FOR_EVER, "etag": tag})


async def library(visit: Visit) -> Response:
    """All pictures, newest first, and the form that uploads one."""
    require_editor(visit)
    if visit.posted:
        added = await attempt(visit, "newsletter", "POST", "/pictures", _new(visit.form), field_name=_field)
        if added.done:
            known = any(added.value[name] != value for name, value in _words(visit.form).items())
            return visit.redirect(f"{LIBRARY}/{added.value['hash']}", **({"bekannt": 1} if known else {"neu": 1}))
    found = await visit.part("newsletter", "/pictures", cursor=visit.query("cursor"))
    return desk.page(
        visit,
        "articles/library.html",
        status=422 if visit.form.refused else 200,
        found=found,
        labels=labels(visit),
        **steps(visit, found, LIBRARY),
    )


def _new(form: Form) -> dict[str, Any]:
    return {"content": base64.b64encode(form.files.get("content", b"")).decode(), **_words(form)}


def _words(form: Form) -> dict[str, Any]:
    alt = {language: form.text(f"alt_{language}") for language in LANGUAGES}
    return {"alt": alt, **{name: form.text(name) for name in _WORDS}}


def _field(path: str) -> str:
    """The form's field for a path of the request: "alt_de" for "alt.de"."""
    return path.replace(".", "_")


def labels(visit: Visit) -> dict[str, str]:
    """The label of every field."""
    return {
        "content": visit._("Bilddatei"),
        "alt_de": visit._("Was zu sehen ist"),
        "alt_en": visit._("Was zu sehen ist, auf Englisch"),
        "credit": visit._("Urheber"),
        "licence": visit._("Lizenz"),
        "licence_url": visit._("Adresse der Lizenz"),
    }


async def one(visit: Visit) -> Response:
    """One picture of the library: what is said of it, where it is shown, and its deletion."""
    require_editor(visit)
    path = f"/pictures/{segment(visit.param('name'))}"
    found = await visit.get("newsletter", path)
    here = f"{LIBRARY}/{segment(visit.param('name'))}"
    overtaken = False
    if visit.posted:
        changed = await attempt(visit, "newsletter", "PATCH", path, _words(visit.form), field_name=_field)
        if changed.done:
            return visit.redirect(here, gespeichert=1)
        overtaken = changed.stale
    else:
        alt = {f"alt_{language}": found["alt"][language] for language in LANGUAGES}
        visit.form = Form.of({**alt, **{name: found[name] for name in _WORDS}})
    if overtaken or not visit.posted:
        visit.form.values[VERSION_FIELD] = [str(found["version"])]
    return _picture_page(visit, found)


async def delete(visit: Visit) -> Response:
    """Delete a picture; while something shows it, its page says where."""
    require_editor(visit)
    path = f"/pictures/{segment(visit.param('name'))}"
    try:
        await visit.ask("newsletter", "DELETE", path)
    except Refused as problem:
        if not problem.correctable:
            raise
        found = await visit.get("newsletter", path)
        visit.form = Form.of({name: found[name] for name in _WORDS})
        visit.form.values |= {f"alt_{language}": [found["alt"][language]] for language in LANGUAGES}
        visit.form.values[VERSION_FIELD] = [str(found["version"])]
        visit.form.refuse(problem)
        return _picture_page(visit, found)
    return visit.redirect(LIBRARY)


def _picture_page(visit: Visit, found: Any) -> Response:
    notice = next((word for word in ("gespeichert", "neu", "bekannt") if visit.query(word) == "1"), "")
    return desk.page(
        visit,
        "articles/picture.html",
        status=422 if visit.form.refused else 200,
        picture=found,
        address=f"{LIBRARY}/{found['hash']}",
        labels=labels(visit),
        notice="" if visit.posted else notice,
    )


PAGES = (
    Page("/bilder/{name}", picture),
    Page(LIBRARY, library, ("GET", "POST"), signed_in=True, upload=UPLOAD_BYTES),
    Page(LIBRARY + "/{name}", one, ("GET", "POST"), signed_in=True),
    Page(LIBRARY + "/{name}/loeschen", delete, ("POST",), signed_in=True),
)
