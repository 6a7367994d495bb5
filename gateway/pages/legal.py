"""The pages every installation must have: accessibility statement, imprint, privacy notice.

They ship as templates to fill in and say so; each language has its own text, since these are not translated
word by word.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from gateway.routing import Page
from gateway.visit import Visit


def _legal(name: str) -> Callable[[Visit], Awaitable[Response]]:
    async def show(visit: Visit) -> Response:
        title = {
            "accessibility": visit._("Erklärung zur Barrierefreiheit"),
            "imprint": visit._("Impressum"),
            "privacy": visit._("Datenschutzerklärung"),
        }[name]
        return visit.page(
            "legal/page.html",
            title=title,
            crumbs=[(title, "")],
            text=f"legal/{name}.{visit.language}.html",
            retention_days=visit.settings.retention_days,
        )

    return show


PAGES = (
    Page("/barrierefreiheit", _legal("accessibility")),
    Page("/impressum", _legal("imprint")),
    Page("/datenschutz", _legal("privacy")),
)
