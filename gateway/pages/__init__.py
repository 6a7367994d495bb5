"""All pages, in one table. A module of pages ends with its own `PAGES`; add it here."""

from __future__ import annotations

from gateway.pages import (
    account,
    coordination,
    demand,
    dev,
    directory,
    editorial,
    editorial_sections,
    forum,
    forum_posts,
    home,
    legal,
    networks,
    newsletter,
    offers,
    operations,
    regions,
    search,
    suggestions,
)
from gateway.routing import Page

PAGES: tuple[Page, ...] = (
    *home.PAGES,
    *search.PAGES,
    *suggestions.PAGES,
    *regions.PAGES,
    *offers.PAGES,
    *networks.PAGES,
    *directory.PAGES,
    *account.PAGES,
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
