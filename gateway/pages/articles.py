"""Articles for everybody: the list by kind and topic, one article, the pages of topics, and all of them as a feed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from starlette.responses import Response

from gateway import atom
from gateway.forms import Form
from gateway.pages import feeds
from gateway.pages.articles_words import (
    KINDS,
    TOPIC_PAGE,
    address,
    is_translated,
    kind_choices,
    kind_label,
    said,
)
from gateway.pages.paging import steps
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import NotFound
from infra.ids import CONTENT_NAMESPACE
from infra.web.client import segment

LIST = "/artikel"
FEED = "/artikel.atom"
TOPICS = "/themen"
IN_FEED = 50
PUBLISHED = "published"
_UNKNOWN = datetime(2000, 1, 1, tzinfo=UTC)  # Atom wants a moment of change, also of a feed without entries


async def articles(visit: Visit) -> Response:
    """Published articles, newest first, of one kind or topic."""
    chosen = _chosen(visit)
    found = await visit.part("newsletter", "/articles", state=PUBLISHED, cursor=visit.query("cursor"), **_asked(chosen))
    return _page(
        visit,
        "articles/list.html",
        found=found,
        form=Form.of(chosen),
        kinds=kind_choices(visit),
        feed=visit.url(FEED, **chosen),
        filtered=any(chosen.values()),
        **steps(visit, found, LIST, **chosen),
    )


def _chosen(visit: Visit) -> dict[str, str]:
    """Kind and topic as the address names them; what is no kind is left out."""
    kind = visit.query("kind") if visit.query("kind") in KINDS else ""
    return {"kind": kind, "topic": visit.query("topic")[:120]}


def _asked(chosen: Mapping[str, str]) -> dict[str, Any]:
    """What the service is asked: topic pages are no entries of a list."""
    return {"kind": chosen["kind"] or list(KINDS), "topic": chosen["topic"]}


async def article(visit: Visit) -> Response:
    """One article; editors see it before it is published too. A topic's page stands with the topic."""
    found = await visit.get("newsletter", f"/articles/{segment(visit.param('slug'))}")
    if found["kind"] == TOPIC_PAGE:
        return visit.redirect(address(found))
    return _page(visit, "articles/article.html", article=found, translated=is_translated(found, visit.language))


async def topics(visit: Visit) -> Response:
    """All topics about which there is something to read."""
    found = await visit.part("newsletter", "/article-topics")
    known = [item for item in found.items if item["topic"] in visit.vocabulary.terms.get("topics", {})]
    known.sort(key=lambda item: visit.label("topics", item["topic"]).casefold())
    return _page(visit, "articles/topics.html", found=found, topics=known)


async def topic(visit: Visit) -> Response:
    """A topic: what editors wrote about it, its articles, and the way to its offers. NotFound: no such topic."""
    slug = visit.param("slug")
    page, found, offers = await asyncio.gather(
        visit.part("newsletter", f"/articles/thema-{segment(slug)}"),
        visit.part(
            "newsletter", "/articles", state=PUBLISHED, kind=list(KINDS), topic=slug, cursor=visit.query("cursor")
        ),
        visit.part("contacts", "/offers", topic=slug, limit=3),
    )
    if slug not in visit.vocabulary.terms.get("topics", {}) and not page.ok:
        raise NotFound
    written = page.value if page.ok else None
    return _page(
        visit,
        "articles/topic.html",
        topic=slug,
        article=written,
        translated=written is None or is_translated(written, visit.language),
        found=found,
        offers=offers,
        feed=visit.url(FEED, topic=slug),
        **steps(visit, found, f"{TOPICS}/{segment(slug)}"),
    )


async def feed(visit: Visit) -> Response:
    """The newest articles of one kind or topic as Atom, the same for everybody."""
    chosen = _chosen(visit)
    found = await visit.get("newsletter", "/articles", state=PUBLISHED, limit=IN_FEED, **_asked(chosen))
    entries = [_entry(visit, item) for item in found["items"]]
    narrowed = [kind_label(visit, chosen["kind"])] if chosen["kind"] else []
    narrowed += [visit.label("topics", chosen["topic"])] if chosen["topic"] else []
    content = atom.Feed(
        id=uuid5(CONTENT_NAMESPACE, f"feed/articles/{visit.language}/{chosen['kind']}/{chosen['topic']}"),
        title=visit._("Lotse: Artikel") + "".join(f" – {word}" for word in narrowed),
        subtitle=visit._("Erfolgsgeschichten, Projekte, Handreichungen, Literatur, Zahlen und Gesetzesänderungen"),
        language=visit.language,
        address=visit.absolute(visit.url(FEED, **chosen)),
        page=visit.absolute(visit.url(LIST, **chosen)),
        author="Lotse",
        updated=max((entry.updated for entry in entries), default=_UNKNOWN),
        entries=entries,
    )
    return feeds.answer(visit, atom.write(content), atom.MEDIA_TYPE, content.updated)


def _entry(visit: Visit, item: Mapping[str, Any]) -> atom.Entry:
    return atom.Entry(
        id=UUID(item["id"]),
        title=said(item["title"], visit.language).text,
        address=visit.absolute(visit.url(address(item))),
        updated=datetime.fromisoformat(item["changed_at"]),
        summary=said(item["summary"], visit.language).text,
        author=", ".join(item["authors"]),
        categories=[kind_label(visit, item["kind"]), *(visit.label("topics", slug) for slug in item["topics"])],
    )


def _page(visit: Visit, template: str, **context: Any) -> Response:
    """A page about articles: templates find `said`, `kind_label` and `address_of`."""
    return visit.page(
        template,
        said=lambda text: said(text, visit.language),
        kind_label=lambda kind: kind_label(visit, kind),
        address_of=lambda item: visit.url(address(item)),
        **context,
    )


PAGES = (
    Page(LIST, articles),
    Page(FEED, feed),
    Page(LIST + "/{slug}", article),
    Page(TOPICS, topics),
    Page(TOPICS + "/{slug}", topic),
)
