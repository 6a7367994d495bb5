"""The newsletter's archive: issues that went out, each whole or as the readers of some districts got it, and a feed.

"Read in the browser" in a mail leads here, to the districts of its reader and to nothing that says who that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid5

from starlette.responses import Response

from gateway import atom
from gateway.forms import Form
from gateway.pages import feeds
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import NotFound
from infra.ids import CONTENT_NAMESPACE
from infra.web.client import segment

LIST = "/newsletter/ausgaben"
FEED = "/newsletter/ausgaben.atom"
IN_FEED = 40
_UNKNOWN = datetime(2000, 1, 1, tzinfo=UTC)  # Atom wants a moment of change, also of a feed without entries


async def archive(visit: Visit) -> Response:
    """The issues that went out, newest first."""
    issues = await visit.get("newsletter", "/archive", cursor=visit.query("cursor"))
    return visit.page("newsletter/archive.html", issues=issues, feed=visit.url(FEED))


async def issue(visit: Visit) -> Response:
    """One issue to read, whole or for the districts that the address names."""
    districts = visit.queries("district")
    if len(districts) == 1:
        return visit.redirect(f"{LIST}/{segment(visit.param('slug'))}/{segment(districts[0])}")
    return await _issue(visit, districts)


async def issue_of_district(visit: Visit) -> Response:
    """One issue as the readers of one district got it."""
    return await _issue(visit, [visit.param("district")])


async def _issue(visit: Visit, districts: list[str]) -> Response:
    slug = segment(visit.param("slug"))
    found = await visit.get("newsletter", f"/archive/{slug}", language=visit.language, districts=districts)
    visit.form = Form.of({"district": districts})
    names = [visit.vocabulary.region_name(district) for district in districts]
    return visit.page("newsletter/issue.html", issue=found, names=names, whole=f"{LIST}/{slug}", feed=visit.url(FEED))


async def feed(visit: Visit) -> Response:
    """The issues as Atom, the same for everybody; with `district` each entry leads to that district's part.

    NotFound: no such district.
    """
    district = visit.query("district")
    if district and visit.vocabulary.lacks_region(district):
        raise NotFound
    found = await visit.get("newsletter", "/archive", limit=IN_FEED)
    entries = [_entry(visit, item, district) for item in found["items"]]
    asked = {"district": district} if district else {}
    name = visit.vocabulary.region_name(district) if district else ""
    content = atom.Feed(
        id=uuid5(CONTENT_NAMESPACE, f"feed/issues/{visit.language}/{district}"),
        title=visit._("Lotse: Newsletter") + (f" – {name}" if name else ""),
        subtitle=visit._("Neues aus den Netzwerken, jedes Quartal"),
        language=visit.language,
        address=visit.absolute(visit.url(FEED, **asked)),
        page=visit.absolute(visit.url(LIST)),
        author="Lotse",
        updated=max((entry.updated for entry in entries), default=_UNKNOWN),
        entries=entries,
    )
    return feeds.answer(visit, atom.write(content), atom.MEDIA_TYPE, content.updated)


def _entry(visit: Visit, item: Mapping[str, Any], district: str) -> atom.Entry:
    path = f"{LIST}/{segment(item['slug'])}" + (f"/{segment(district)}" if district else "")
    language = visit.language
    return atom.Entry(
        id=UUID(item["id"]),
        title=item["title"][language] or item["title"]["de"],
        address=visit.absolute(visit.url(path)),
        updated=_published(item["published_at"]),
        summary=item["focus"][language] or item["focus"]["de"],
        author="Lotse",
    )


def _published(day: str) -> datetime:
    """The first moment of an ISO day or month."""
    return datetime.combine(date.fromisoformat(f"{day}-01"[: len("2018-01-01")]), time(), UTC)


PAGES = (
    Page(LIST, archive),
    Page(FEED, feed),
    Page(LIST + "/{slug}", issue),
    Page(LIST + "/{slug}/{district}", issue_of_district),
)
