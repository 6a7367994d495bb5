"""Reads articles: for everybody the published ones, for editors all, and for an issue what is new."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET
from tortoise.expressions import Q, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from infra.contracts import addresses
from infra.contracts.roles import EDITOR
from infra.errors import NotFound
from infra.ids import as_id
from infra.web.cursors import decode_cursor, encode_cursor
from infra.web.identity import Identity
from services.newsletter.articles.domain import (
    DRAFT,
    FIGURE,
    LEGISLATION,
    LITERATURE,
    PUBLISHED,
    REVIEW,
    TOPIC_PAGE,
    WITHDRAWN,
    ArticleItem,
    Draft,
    untranslated,
)
from services.newsletter.articles.models import Article, ArticleTopic
from services.newsletter.articles.schemas import (
    ArticleActs,
    ArticleEntry,
    ArticleLine,
    ArticlePage,
    ArticlesQuery,
    ArticleView,
    TopicCount,
    TopicCounts,
)
from services.newsletter.pictures import queries as pictures
from services.newsletter.pictures.domain import Shown
from services.newsletter.texts import Local, day_in_words

LONGEST_SLUG = 120
Day = Annotated[str, msgspec.Meta(max_length=10)]


def is_editor(identity: Identity) -> bool:
    """Whether this person writes articles."""
    return identity.is_admin or EDITOR in identity.roles


def draft_of(row: Article) -> Draft:
    """What editors wrote."""
    return msgspec.convert(row.content, Draft)


def by_name(name: str) -> QuerySet[Article]:
    """The article with this id or slug; none has a longer slug than its column."""
    identifier = as_id(name)
    return (
        Article.filter(id=identifier) if identifier else Article.filter(slug=name if len(name) <= LONGEST_SLUG else "")
    )


async def visible(name: str, identity: Identity) -> Article:
    """An article that this person may read, by id or slug. Raises NotFound."""
    row = await by_name(name).first()
    if row is None or (row.state != PUBLISHED and not is_editor(identity)):
        raise NotFound
    return row


async def page(query: ArticlesQuery, identity: Identity) -> ArticlePage:
    """Articles, newest first: those everybody may read, for editors all. Raises Invalid (cursor)."""
    rows = _chosen(query, identity)
    total = await rows.count()
    if query.cursor:
        day, last = decode_cursor(query.cursor, tuple[Day, UUID])
        rows = rows.filter(Q(day__lt=day) | Q(day=day, id__lt=last))
    found = await rows.order_by("-day", "-id").limit(query.limit + 1)
    shown = found[: query.limit]
    following = encode_cursor((shown[-1].day, shown[-1].id)) if len(found) > query.limit else None
    return ArticlePage(await _entries(shown), total, following)


def _chosen(query: ArticlesQuery, identity: Identity) -> QuerySet[Article]:
    rows = Article.all()
    if not is_editor(identity):
        rows = rows.filter(state=PUBLISHED)
    elif query.state is not UNSET:
        rows = rows.filter(state=query.state)
    if query.kind:
        rows = rows.filter(kind__in=query.kind)
    if query.topic:
        about = ArticleTopic.filter(topic=query.topic).values("article_id")
        rows = rows.filter(id__in=Subquery(about))
    return rows


async def _entries(rows: Sequence[Article]) -> list[ArticleEntry]:
    drafts = [draft_of(row) for row in rows]
    shown = await pictures.shown(draft.pictures[0] for draft in drafts if draft.pictures)
    return [
        msgspec.convert(
            _values(row, draft, [shown[name] for name in draft.pictures[:1] if name in shown]), ArticleEntry
        )
        for row, draft in zip(rows, drafts, strict=True)
    ]


async def view(row: Article, identity: Identity) -> ArticleView:
    """A whole article as this person may see it."""
    draft = draft_of(row)
    held = await pictures.shown(draft.pictures)
    values = _values(row, draft, [held[name] for name in draft.pictures if name in held])
    if is_editor(identity):
        values |= {"can": acts(row), "untranslated": untranslated(draft), "history": row.people}
    return msgspec.convert(values, ArticleView, from_attributes=True)


def _values(row: Article, draft: Draft, shown: Sequence[Shown]) -> dict[str, Any]:
    held = msgspec.to_builtins(list(shown))
    return {
        **msgspec.to_builtins(draft),
        "id": str(row.id),
        "slug": row.slug,
        "state": row.state,
        "version": row.version,
        "changed_at": row.changed_at.isoformat(timespec="seconds"),
        "pictures": held,
        "picture": held[0] if held else None,
    }


def acts(row: Article) -> ArticleActs:
    """What editors may do with an article as it stands."""
    return ArticleActs(
        edit=True,
        submit=row.state == DRAFT,
        publish=row.state in (DRAFT, REVIEW, WITHDRAWN),
        withdraw=row.state == PUBLISHED,
        delete=row.state in (DRAFT, REVIEW) and "published" not in row.people,
    )


async def topics() -> TopicCounts:
    """The topics of published articles: how many there are of each, and the title of a topic's own page."""
    rows = await Article.filter(state=PUBLISHED, kind=TOPIC_PAGE)
    pages = {draft.topics[0]: draft.title for draft in map(draft_of, rows)}
    public = Article.filter(state=PUBLISHED).exclude(kind=TOPIC_PAGE).values("id")
    counted = ArticleTopic.filter(article_id__in=Subquery(public)).annotate(count=Count("id")).group_by("topic")
    counts: dict[str, int] = dict(await counted.values_list("topic", "count"))
    return TopicCounts(
        [
            TopicCount(
                topic, counts.get(topic, 0), ArticleLine(pages[topic].de, pages[topic].en) if topic in pages else None
            )
            for topic in sorted({*counts, *pages})
        ]
    )


async def for_issue(kinds: Collection[str], since: datetime | None) -> list[ArticleItem]:
    """Articles of these kinds that were first published after `since` (None: ever) and are still public, oldest first.

    Imported history, which nobody published here, is no news.
    """
    rows = Article.filter(state=PUBLISHED, kind__in=list(kinds), published_at__not_isnull=True)
    if since is not None:
        rows = rows.filter(published_at__gt=since)
    return await _items(await rows.order_by("published_at", "id"))


async def items_of(ids: Collection[UUID]) -> list[ArticleItem]:
    """The named articles as they stand now, in the order of publication, without what was withdrawn meanwhile."""
    rows = Article.filter(state=PUBLISHED, id__in=list(ids), published_at__not_isnull=True)
    return await _items(await rows.order_by("published_at", "id"))


async def _items(rows: Sequence[Article]) -> list[ArticleItem]:
    drafts = [draft_of(row) for row in rows]
    shown = await pictures.shown(draft.pictures[0] for draft in drafts if draft.pictures)
    return [
        ArticleItem(
            id=row.id,
            kind=row.kind,
            slug=row.slug,
            version=row.version,
            title=draft.title,
            summary=draft.summary,
            detail=detail(draft),
            topics=draft.topics,
            regions=draft.regions,
            published_at=row.published_at,
            path=addresses.path("article", row.slug),
            picture=shown.get(draft.pictures[0]) if draft.pictures else None,
        )
        for row, draft in zip(rows, drafts, strict=True)
        if row.published_at is not None
    ]


def detail(draft: Draft) -> Local:
    """The line of facts beside the title; "" for kinds that have none."""
    if draft.kind == FIGURE:
        return Local(*(f"{draft.number.get(language)} {draft.unit.get(language)}" for language in ("de", "en")))
    if draft.kind == LEGISLATION:
        german, english = (day_in_words(draft.in_force_from, language) for language in ("de", "en"))
        return Local(f"In Kraft: {german} · {draft.citation}", f"In force: {english} · {draft.citation}")
    if draft.kind == LITERATURE:
        line = ", ".join(part for part in ("; ".join(draft.written_by), draft.publisher, draft.year) if part)
        return Local(line, line)
    return Local()
