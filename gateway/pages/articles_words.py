"""What pages say of articles: the kinds by name, and texts in the reader's language or, honestly, in the other one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.i18n import LANGUAGES
from gateway.visit import Visit

KINDS = ("success-story", "project", "handout", "literature", "figure", "legislation")
TOPIC_PAGE = "topic-page"


@dataclass(frozen=True)
class Said:
    """A text and the language it is written in."""

    text: str
    language: str


def said(text: Mapping[str, str], language: str) -> Said:
    """A bilingual text in `language`, in the other one where the translation is missing."""
    spoken = next((one for one in (language, *LANGUAGES) if text[one]), language)
    return Said(text[spoken], spoken)


def kind_label(visit: Visit, kind: str) -> str:
    """What an article of this kind is called."""
    return {
        "success-story": visit._("Erfolgsgeschichte"),
        "project": visit._("Projekt"),
        "handout": visit._("Handreichung"),
        "literature": visit._("Literatur"),
        "figure": visit._("Aktuelle Zahl"),
        "legislation": visit._("Gesetzesänderung"),
        TOPIC_PAGE: visit._("Themenseite"),
    }.get(kind, kind)


def kind_choices(visit: Visit, *, with_topic_pages: bool = False) -> list[tuple[str, str]]:
    """(kind, label) in the order of an issue's sections."""
    kinds = (*KINDS, TOPIC_PAGE) if with_topic_pages else KINDS
    return [(kind, kind_label(visit, kind)) for kind in kinds]


def is_translated(article: Mapping[str, Any], language: str) -> bool:
    """Whether title, summary and text, as far as there are any, are there in `language`."""
    texts = (article["title"], article["summary"], article["text"])
    return all(text[language] for text in texts if any(text.values()))


def address(article: Mapping[str, Any]) -> str:
    """The German path of an article's page; a topic's page stands with the topic."""
    if article["kind"] == TOPIC_PAGE and article["topics"]:
        return f"/themen/{article['topics'][0]}"
    return f"/artikel/{article['slug']}"
