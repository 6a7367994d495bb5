"""What tests of articles and pictures do again and again: write complete articles of each kind, upload pictures."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

from PIL import Image

from infra.web.client import Answer
from tests.services.newsletter.desk import ANNA, Desk

ALT = {"de": "Zwei Frauen an einer Werkbank", "en": "Two women at a workbench"}
COMPLETE: dict[str, dict[str, Any]] = {
    "success-story": {"text": {"de": "Sie **blieb**.", "en": "She **stayed**."}},
    "project": {"text": {"de": "Das Projekt", "en": "The project"}},
    "handout": {"link": "https://example.org/handreichung.pdf"},
    "literature": {"written_by": ["Ada Beispiel"], "year": "2020", "publisher": "Musterverlag"},
    "figure": {
        "number": {"de": "2.000", "en": "2,000"},
        "unit": {"de": "Betriebe", "en": "companies"},
        "source": "Handwerkskammer",
        "text": {"de": "Erklärung", "en": "Explanation"},
    },
    "legislation": {"citation": "§ 18a AufenthG", "in_force_from": "2020-03-01"},
    "topic-page": {"text": {"de": "Alles dazu", "en": "All about it"}, "topics": ["anerkennung"]},
}


def article(kind: str = "success-story", **changes: Any) -> dict[str, Any]:
    """A complete article."""
    return {
        "kind": kind,
        "title": {"de": f"Titel {kind}", "en": f"Title {kind}"},
        "summary": {"de": "Kurz gesagt", "en": "In short"},
        "topics": ["handwerk"],
        **COMPLETE[kind],
        **changes,
    }


def image(width: int = 40, height: int = 30, form: str = "PNG", colour: str = "teal", **options: Any) -> bytes:
    """A picture file."""
    buffer = BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, form, **options)
    return buffer.getvalue()


def upload(content: bytes, **changes: Any) -> dict[str, Any]:
    """The request that uploads a file."""
    return {
        "content": base64.b64encode(content).decode(),
        "alt": ALT,
        "credit": "Foto: Anna Beispiel",
        "licence": "CC BY 4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        **changes,
    }


async def add_picture(desk: Desk, content: bytes | None = None, **changes: Any) -> dict[str, Any]:
    """Anna uploads a picture."""
    answer = await desk.post("/pictures", upload(content or image(), **changes), identity=ANNA)
    assert answer.status in (200, 201), answer.content
    return dict(answer.json())


async def write(desk: Desk, kind: str = "success-story", **changes: Any) -> dict[str, Any]:
    """Anna writes a complete draft."""
    answer = await desk.post("/articles", article(kind, **changes), identity=ANNA)
    assert answer.status == 201, answer.content
    return dict(answer.json())


async def step(desk: Desk, row: dict[str, Any], name: str, who: Any = ANNA, version: int = 0) -> Answer:
    """Submit, publish or withdraw, as read."""
    headers = {"if-match": f'"{version or row["version"]}"'}
    return await desk.post(f"/articles/{row['slug']}/{name}", identity=who, headers=headers)


async def published(desk: Desk, kind: str = "success-story", **changes: Any) -> dict[str, Any]:
    """Anna writes and publishes."""
    answer = await step(desk, await write(desk, kind, **changes), "publish")
    assert answer.status == 200, answer.content
    return dict(answer.json())


async def change(desk: Desk, row: dict[str, Any], body: Any, who: Any = ANNA) -> Answer:
    """PATCH with the version that was read."""
    headers = {"if-match": f'"{row["version"]}"'}
    path = f"/articles/{row['slug']}"
    return await desk.kit.request("newsletter", "PATCH", path, body=body, headers=headers, identity=who)


async def delete(desk: Desk, path: str, who: Any = ANNA) -> Answer:
    """DELETE."""
    return await desk.kit.request("newsletter", "DELETE", path, identity=who)
