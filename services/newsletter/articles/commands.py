"""Writing articles: from a draft to publication and back. What everybody can read is told in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET
from tortoise.exceptions import IntegrityError

from infra.contracts.notices import ARTICLE_WAITING
from infra.contracts.roles import EDITOR
from infra.db import Transaction
from infra.errors import Conflict, FieldError, Invalid, NotFound, Stale, Text
from infra.ids import slugify
from infra.notices import ask_notice
from infra.outbox import record
from infra.web.identity import Identity
from services.newsletter.articles.domain import (
    DRAFT,
    NEW,
    PUBLISHED,
    REVIEW,
    TOPIC_PAGE,
    TOPIC_PREFIX,
    WITHDRAWN,
    Draft,
    check,
)
from services.newsletter.articles.events import article_published, article_withdrawn
from services.newsletter.articles.models import Article, ArticleTopic
from services.newsletter.articles.queries import acts, by_name, draft_of
from services.newsletter.articles.schemas import ArticleActs, ArticleChange, ArticleRequest
from services.newsletter.directory import queries as directory
from services.newsletter.pictures.commands import User, show
from services.newsletter.signatures import signature

SLUG_LENGTH = 80
DESK = "/redaktion/artikel"
_NOT_NOW = Text(
    "Das geht beim jetzigen Stand des Artikels nicht. Bitte laden Sie die Seite neu.",
    "The article's present state does not allow this. Please reload the page.",
)
_KNOWN = Text(
    "Diesen Kurznamen hat schon ein anderer Artikel, oder das Thema hat schon eine Seite.",
    "Another article has this short name already, or the topic has a page already.",
)
_OF_TOPICS = Text(
    "Kurznamen, die mit „thema-“ beginnen, gehören den Themenseiten.",
    "Short names that begin with “thema-” belong to the topic pages.",
)
_FIXED = Text(
    "Der Kurzname eines veröffentlichten Artikels bleibt, weil andere auf ihn verweisen.",
    "The short name of a published article stays, since others link to it.",
)


async def create(tx: Transaction, identity: Identity, request: ArticleRequest) -> Article:
    """A new draft. Raises Invalid."""
    draft = cleaned(replace(Draft(kind=request.kind), **_given(request)))
    await _require(draft, publish=False)
    return await insert(tx, Article(state=DRAFT, people={"created": signature(identity)}), draft)


async def change(tx: Transaction, identity: Identity, name: str, version: int, request: ArticleChange) -> Article:
    """Change an article that was read in `version`; what is public is told as it stands then.

    Raises NotFound, Stale, Invalid.
    """
    row = await locked(tx, name, version)
    before = draft_of(row)
    draft = cleaned(replace(before, **_given(request)))
    draft = replace(draft, slug=draft.slug or before.slug)
    if draft.slug != before.slug and "published" in row.people:
        raise Invalid(fields=[FieldError("slug", _FIXED)])
    await _require(draft, publish=row.state == PUBLISHED)
    row.people = {**row.people, "edited": signature(identity)}
    _set(row, draft)
    await _note_parts(tx, row)
    return await _save(tx, row)


async def submit(tx: Transaction, identity: Identity, name: str, version: int | None) -> Article:
    """Ask the other editors to look at a draft; who published it need not be another person.

    Raises NotFound, Stale, Conflict.
    """
    row = await _ready(tx, name, version, lambda may: may.submit)
    draft = draft_of(row)
    row.state = REVIEW
    row.people = {**row.people, "submitted": signature(identity)}
    await _save(tx, row)
    await ask_notice(
        tx,
        ARTICLE_WAITING,
        row.id,
        version=row.version,
        role=EDITOR,
        but=[identity.account],
        path=f"{DESK}/{row.slug}",
        words={"title": draft.title.de, "title_en": draft.title.en},
    )
    return row


async def publish(tx: Transaction, identity: Identity, name: str, version: int | None) -> Article:
    """Let everybody read an article, dated today unless it says otherwise.

    Raises NotFound, Stale, Conflict, Invalid (with everything that is missing).
    """
    row = await _ready(tx, name, version, lambda may: may.publish)
    draft = draft_of(row)
    now = datetime.now(UTC)
    draft = replace(draft, published_on=draft.published_on or now.date().isoformat())
    await _require(draft, publish=True)
    row.state = PUBLISHED
    row.published_at = row.published_at or now
    row.people = {**row.people, "published": signature(identity)}
    _set(row, draft)
    await _note_parts(tx, row)
    return await _save(tx, row)


async def withdraw(tx: Transaction, identity: Identity, name: str, version: int | None) -> Article:
    """Take an article back; editors keep it. Raises NotFound, Stale, Conflict."""
    row = await _ready(tx, name, version, lambda may: may.withdraw)
    row.state = WITHDRAWN
    row.people = {**row.people, "withdrawn": signature(identity)}
    await _save(tx, row)
    await record(tx, article_withdrawn(row))
    return row


async def delete(tx: Transaction, name: str, version: int | None) -> None:
    """Delete a draft that nobody else ever read. Raises NotFound, Stale, Conflict."""
    row = await _ready(tx, name, version, lambda may: may.delete)
    await show(tx, User("article", row.id, "", ""), [])
    await ArticleTopic.filter(article_id=row.id).using_db(tx.connection).delete()
    await row.delete(using_db=tx.connection)


async def tell_published_again(tx: Transaction) -> int:
    """Record every published article once more, for those who come late; returns how many."""
    rows = await Article.filter(state=PUBLISHED).using_db(tx.connection).order_by("id")
    for row in rows:
        await record(tx, article_published(row, draft_of(row)))
    return len(rows)


async def insert(tx: Transaction, row: Article, draft: Draft) -> Article:
    """Store a new article. Without a slug it gets one made of its title, with the end of its id where that is taken.

    Raises:
        Invalid: another article has the slug that was chosen, or the topic has a page.
    """
    for slug in [draft.slug] if draft.slug else [_slug_for(draft), f"{_slug_for(draft)}-{row.id.hex[-8:]}"]:
        _set(row, replace(draft, slug=slug))
        await Article.bulk_create([row], ignore_conflicts=True, using_db=tx.connection)
        if await Article.filter(id=row.id).using_db(tx.connection).exists():
            await _note_parts(tx, row)
            return row
    raise Invalid(fields=[FieldError("slug", _KNOWN)])


def cleaned(draft: Draft) -> Draft:
    """Without white space around texts, empty entries and repetitions; a topic's page is named after its topic."""
    draft = msgspec.convert(_stripped(msgspec.to_builtins(draft)), Draft)
    if draft.kind == TOPIC_PAGE:
        return replace(draft, slug=TOPIC_PREFIX + draft.topics[0] if draft.topics else "")
    return draft


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        return {name: _stripped(item) for name, item in value.items()}
    kept = [item for item in map(_stripped, value) if item not in ("", {"name": "", "role": {"de": "", "en": ""}})]
    return [item for place, item in enumerate(kept) if item not in kept[:place]]


def _given(request: ArticleChange) -> dict[str, Any]:
    """The fields that a request names, as those of a draft."""
    said = {field.name: getattr(request, field.name, UNSET) for field in fields(Draft) if field.name != "kind"}
    given = {name: msgspec.to_builtins(value) for name, value in said.items() if value is not UNSET}
    held = msgspec.convert({**given, "kind": ""}, Draft)
    return {name: getattr(held, name) for name in given}


def _slug_for(draft: Draft) -> str:
    base = slugify(draft.title.de, SLUG_LENGTH) or "artikel"
    return f"artikel-{base}" if base.startswith(TOPIC_PREFIX) or base == NEW else base


async def _require(draft: Draft, publish: bool) -> None:
    """Raises Invalid with everything that is wrong with a draft."""
    errors = check(draft, publish)
    for error in await directory.choice_errors(draft.regions, draft.topics):
        errors.append(FieldError({"districts": "regions"}.get(error.field, error.field), error.text))
    if draft.kind != TOPIC_PAGE and draft.slug.startswith(TOPIC_PREFIX):
        errors.append(FieldError("slug", _OF_TOPICS))
    if errors:
        raise Invalid(fields=errors)


async def locked(tx: Transaction, name: str, version: int | None) -> Article:
    """An article that nobody else changes until the transaction ends. Raises NotFound, Stale (another version)."""
    row = await by_name(name).using_db(tx.connection).select_for_update().first()
    if row is None:
        raise NotFound
    if version is not None and version != row.version:
        raise Stale
    return row


async def _ready(tx: Transaction, name: str, version: int | None, allowed: Callable[[ArticleActs], bool]) -> Article:
    """A locked article whose state allows a step. Raises NotFound, Stale, Conflict."""
    row = await locked(tx, name, version)
    if not allowed(acts(row)):
        raise Conflict(_NOT_NOW)
    return row


def _set(row: Article, draft: Draft) -> None:
    row.kind, row.slug = draft.kind, draft.slug
    row.content = msgspec.to_builtins(draft)
    row.day = draft.published_on or row.day or datetime.now(UTC).date().isoformat()


async def _save(tx: Transaction, row: Article) -> Article:
    """Store an article as its next version, and tell everybody of it when it is public."""
    row.version += 1
    try:
        await row.save(using_db=tx.connection)
    except IntegrityError as error:  # the slug is the only thing that no two articles may share
        raise Invalid(fields=[FieldError("slug", _KNOWN)]) from error
    if row.state == PUBLISHED:
        await record(tx, article_published(row, draft_of(row)))
    return row


async def _note_parts(tx: Transaction, row: Article) -> None:
    """Note topics and pictures where they are looked for. Raises Invalid for a picture that does not exist."""
    draft = draft_of(row)
    await ArticleTopic.filter(article_id=row.id).using_db(tx.connection).delete()
    topics = [ArticleTopic(article_id=row.id, topic=topic) for topic in draft.topics]
    await ArticleTopic.bulk_create(topics, using_db=tx.connection)
    await show(tx, User("article", row.id, draft.title.de, row.slug), draft.pictures)
