"""All pages, in one table. A module of pages ends with its own `PAGES`; add it here."""

from __future__ import annotations

from gateway.pages import home
from gateway.routing import Page

PAGES: tuple[Page, ...] = (*home.PAGES,)
