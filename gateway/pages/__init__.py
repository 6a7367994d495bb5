"""All pages, in one table. A module of pages ends with its own `PAGES`; add it here."""

from __future__ import annotations

from gateway.pages import (
    account,
    alerts,
    coordination,
    demand,
    dev,
    directory,
    editorial,
    editorial_sections,
    feeds,
    forum,
    forum_posts,
    home,
    keep_search,
    legal,
    networks,
    newsletter,
    offers,
    operations,
    regions,
    saved_searches,
    search,
    suggestions,
)
from gateway.routing import Page

PAGES: tuple[Page, ...] = (
    *home.PAGES,
    *search.PAGES,
    *suggestions.PAGES,
    *feeds.PAGES,
    *keep_search.PAGES,
    *alerts.PAGES,
    *regions.PAGES,
    *offers.PAGES,
    *networks.PAGES,
    *directory.PAGES,
    *account.PAGES,
    *saved_searches.PAGES,
    *legal.PAGES,
    *dev.PAGES,
    *newsletter.PAGES,
    *forum_posts.PAGES,
    *forum.PAGES,
    *demand.PAGES,
    *coordination.PAGES,
    *editorial.PAGES,
    *editorial_sections.PAGES,
    *operations.PAGES,
)
