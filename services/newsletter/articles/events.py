"""What the newsletter tells others about an article."""

from __future__ import annotations

from infra.contracts.newsletter import ArticlePublished, ArticleWithdrawn
from infra.markup import to_html, to_text
from services.newsletter.articles.domain import Draft
from services.newsletter.articles.models import Article


def article_published(row: Article, draft: Draft) -> ArticlePublished:
    """An article as it can be read now."""
    return ArticlePublished(
        id=str(row.id),
        version=row.version,
        slug=row.slug,
        kind=row.kind,
        title=draft.title.de,
        title_en=draft.title.en,
        summary=draft.summary.de,
        summary_en=draft.summary.en,
        text=_words(draft, "de"),
        text_en=_words(draft, "en"),
        topics=draft.topics,
        regions=draft.regions,
        published_on=draft.published_on,
    )


def article_withdrawn(row: Article) -> ArticleWithdrawn:
    """An article that nobody may read any more."""
    return ArticleWithdrawn(id=str(row.id), version=row.version, slug=row.slug)


def _words(draft: Draft, language: str) -> str:
    """Text and facts in one language, plain. Facts without a language go with the German ones."""
    text = to_text(to_html(getattr(draft.text, language)))
    unit = getattr(draft.unit, language)
    facts = [f"{draft.number.get(language)} {unit}" if unit else ""]
    if language == "de":
        facts += [draft.citation, ", ".join(draft.written_by), draft.publisher, draft.source]
    return "\n".join(part for part in (text, *facts) if part)
