"""The pages every installation must have: accessibility statement, imprint, privacy notice.

They ship as templates to fill in (`gateway/templates/legal`) and say so while anything in square brackets is left; each
language has its own text, since these are not translated word by word. Who runs the site comes from LOTSE_IMPRINT.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import cache

from starlette.responses import Response

from gateway.rendering import TEMPLATES
from gateway.routing import Page
from gateway.visit import Visit

_BLANK = re.compile(r"\[\w[^\]]*\]")


@cache
def unfinished() -> list[str]:
    """Names of the legal texts ("imprint.de") that still have a blank to fill in."""
    texts = sorted((TEMPLATES / "legal").glob("*.*.html"))
    return [path.stem for path in texts if _BLANK.search(path.read_text(encoding="utf-8"))]


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
            unfinished=f"{name}.{visit.language}" in unfinished(),
            retention_days=visit.settings.retention_days,
            proof_years=visit.settings.newsletter_proof_years,
        )

    return show


PAGES = (
    Page("/barrierefreiheit", _legal("accessibility")),
    Page("/impressum", _legal("imprint")),
    Page("/datenschutz", _legal("privacy")),
)
