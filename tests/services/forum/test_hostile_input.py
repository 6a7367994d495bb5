"""Bad and hostile input: named at its field, never half written, never a fault of ours."""

from __future__ import annotations

import json
import time
from html.parser import HTMLParser
from typing import Any

import pytest

from infra.web.client import Answer
from infra.web.cursors import encode_cursor
from services.forum.models import Post, Topic
from tests.services.forum.world import NORTH, Forum, fields_of

TOPICS = f"/spaces/{NORTH}/topics"
VECTORS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[klick](javascript:alert(1))",
    "[klick](JaVaScRiPt:alert(1))",
    "[klick](&#106;avascript:alert(1))",
    "[klick](java\tscript:alert(1))",
    "[klick](data:text/html;base64,PHNjcmlwdD4=)",
    "[klick](vbscript:msgbox)",
    "![bild](https://boese.example/zaehler.gif)",
    '[a](https://x.example/ "onmouseover=alert(1)")',
    "<a href='javascript:alert(1)'>x</a>",
    "<https://x.example/<script>alert(1)</script>>",
    "<javascript:alert(1)>",
    "```<script>\nalert(1)\n```",
    "`<img src=x onerror=alert(1)>`",
    "<iframe src=//boese.example></iframe> Text",
    "<style>*{display:none}</style> Text",
    "<form action=//boese.example><input name=password></form> Text",
    "[ref]: javascript:alert(1)\n\n[ref] Text",
    "| a |\n| --- |\n| <b onclick=alert(1)>x</b> |",
)
_ALLOWED = {
    *("p", "br", "strong", "em", "del", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}


class _Tags(HTMLParser):
    """Collects what a browser would make of a post."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def assert_harmless(html: str) -> None:
    """Only the tags of Markdown, no active attribute, no active link."""
    seen = _Tags()
    seen.feed(html)
    assert set(seen.tags) <= _ALLOWED
    assert {name for name, _ in seen.attributes} <= {"href", "title", "rel", "start", "align"}
    for name, value in seen.attributes:
        if name == "href":
            assert value.startswith(("http://", "https://", "mailto:", "tel:", "/", "#")), value


@pytest.mark.parametrize("vector", VECTORS)
async def test_markdown_is_rendered_without_anything_active(small: Forum, vector: str) -> None:
    preview = await small.ask("POST", "/preview", small.member, {"body": f"Text {vector}"})
    assert_harmless(preview.json()["html"])
    topic = await small.ask("POST", TOPICS, small.member, {"title": vector[:100], "body": f"Text\n\n{vector}"})
    if topic.status == 422:  # a tab in a title is refused or folded, never kept
        return
    page = await small.get(f"/topics/{topic.json()['slug']}")
    html = page["posts"]["items"][0]["html"]
    assert_harmless(html)
    assert html == (await small.ask("POST", "/preview", small.member, {"body": f"Text\n\n{vector}"})).json()["html"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"title"}),
        ({"title": "Hallo"}, {"body"}),
        ({"title": "", "body": ""}, {"title", "body"}),
        ({"title": "ab", "body": "   \n\t "}, {"title", "body"}),
        ({"title": "x" * 161, "body": "x" * 20_001}, {"title", "body"}),
        ({"title": "Rück\u202ewärts", "body": "Text"}, {"title"}),
        ({"title": "Gl\u0007ocke", "body": "Gl\u0007ocke"}, {"title", "body"}),
        ({"title": 7, "body": "Text"}, {"title"}),
        ({"title": "Hallo", "body": None}, {"body"}),
        ({"title": "Hallo", "body": ["Text"]}, {"body"}),
        ({"title": "Hallo", "body": {"$ne": ""}}, {"body"}),
        ({"title": "Hallo", "body": "Text", "author": "admin"}, {"author"}),
        ({"title": "Hallo", "body": "[x]: https://x.example"}, {"body"}),
        ({"title": "Hallo", "body": "![](https://x.example/a.png)"}, {"body"}),
        ([], {"body"}),
        ("Text", {"body"}),
    ],
)
async def test_a_bad_topic_is_refused_with_its_fields(small: Forum, body: Any, fields: set[str]) -> None:
    answer = await small.ask("POST", TOPICS, small.member, body)
    assert answer.status == 422
    assert fields_of(answer) == fields
    assert await Topic.all().count() == await Post.all().count() == 0


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"title": "Hallo", "body": "\xc3\x28"}', 400),
        (b'{"title": "Hallo", "body": "\\u0000"}', 422),
        (b'{"title": "Hallo", "body": "\\ud800"}', 400),
        (b'{"title": "Hallo", "body": "' + b"x" * (1024 * 1024) + b'"}', 413),
        (b'{"title": "Hallo", "body": ' + b"[" * 5000 + b"]" * 5000 + b"}", 422),
    ],
)
async def test_unreadable_bodies_are_refused(small: Forum, content: bytes, status: int) -> None:
    answer = await small.kit.post("forum", TOPICS, identity=small.member, content=content)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert await Topic.all().count() == 0


async def test_a_bad_reply_leaves_no_trace(small: Forum) -> None:
    topic = await small.open()
    path = f"/topics/{topic['slug']}/posts"
    for body, fields in (
        ({"body": ""}, {"body"}),
        ({"body": "x" * 20_001}, {"body"}),
        ({"body": "Text", "reply_to": "nichts"}, {"reply_to"}),
        ({"body": "Text", "reply_to": 1}, {"reply_to"}),
        ({"body": "Text", "number": 1}, {"number"}),
    ):
        answer = await small.ask("POST", path, small.member, body)
        assert answer.status == 422
        assert fields_of(answer) == fields
    stored = await Topic.get(id=topic["id"])
    assert (stored.posts, stored.last_number, stored.version) == (1, 1, 1)


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/spaces", {"limit": "0"}, "limit"),
        ("/spaces", {"limit": "101"}, "limit"),
        ("/spaces", {"limit": "viele"}, "limit"),
        ("/spaces", {"cursor": "kaputt"}, "cursor"),
        ("/spaces", {"cursor": "x" * 5000}, "cursor"),
        ("/spaces", {"farbe": "rot"}, "farbe"),
        ("/spaces", {"mine": "vielleicht"}, "mine"),
        ("/topics", {"cursor": "W10"}, "cursor"),
        ("/topics", {"offer": "a\x00b"}, "offer"),
        ("/topics", {"network": "n" * 201}, "network"),
        ("/topics", {"offer": "o" * 201}, "offer"),
        ("/spaces", {"region": "r" * 201}, "region"),
        (TOPICS, {"cursor": "ÄÖÜ"}, "cursor"),
    ],
)
async def test_bad_queries_name_their_field(small: Forum, path: str, query: dict[str, str], field: str) -> None:
    answer = await small.ask("GET", path, small.member, query=query)
    assert answer.status == 422
    assert fields_of(answer) == {field}


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/spaces", ["\x00", "01900000-0000-7000-8000-000000000000"]),
        ("/topics", [False, 10**17, "01900000-0000-7000-8000-000000000000"]),
        ("/topics", [False, "0001-01-01T00:00:00", "01900000-0000-7000-8000-000000000000"]),
        ("topic", ["after", 10**30]),
        ("topic", ["seitwärts", 1]),
    ],
)
async def test_a_forged_cursor_is_refused(forum: Forum, path: str, key: list[Any]) -> None:
    topic = await forum.open()
    wanted = f"/topics/{topic['slug']}" if path == "topic" else path
    answer = await forum.ask("GET", wanted, forum.member, query={"cursor": encode_cursor(key)})
    assert answer.status == 422
    assert fields_of(answer) == {"cursor"}


async def test_odd_post_pages_are_answered(small: Forum) -> None:
    topic = await small.open()
    assert (await small.get(f"/topics/{topic['slug']}", number=2_000_000_000))["posts"]["items"] == []
    spaces = await small.get("/spaces", limit=1)
    answer = await small.ask("GET", f"/topics/{topic['slug']}", small.member, query={"cursor": spaces["next"]})
    assert answer.status == 422
    for number in ("-1", "9" * 30, "1.5", "eins"):
        answer = await small.ask("GET", f"/topics/{topic['slug']}", small.member, query={"number": number})
        assert answer.status == 422


@pytest.mark.parametrize("key", ["'%20OR%201=1--", "%00", "..%2F..%2Fetc%2Fpasswd", "x" * 3000, "%F0%9F%92%A9"])
async def test_odd_keys_are_not_found(small: Forum, key: str) -> None:
    for path in (f"/spaces/{key}", f"/topics/{key}", f"/posts/{key}"):
        answer = await small.ask("GET", path, small.member)
        assert answer.status == (422 if key == "%00" else 404)


@pytest.mark.parametrize("header", ["abc", '"1x"', "1, 2", '"-1"'])
async def test_a_foreign_etag_is_refused(small: Forum, header: str) -> None:
    answer = await small.ask(
        "PATCH", f"/spaces/{NORTH}", small.coordinator, {"access": "closed"}, headers={"if-match": header}
    )
    assert answer.status == 400


@pytest.mark.parametrize(
    "pattern", ["[" * 20_000, "> " * 10_000, "*a " * 6_600, "`" * 20_000, "- " * 10_000, "|" * 20_000]
)
async def test_no_text_takes_long_to_render(small: Forum, pattern: str) -> None:
    started = time.process_time()
    answer = await small.ask("POST", "/preview", small.member, {"body": (pattern * 20_000)[:20_000]})
    assert answer.status in (200, 422)
    assert time.process_time() - started < 5  # of the processor: what grows with the square takes minutes


def test_problems_speak_both_languages() -> None:
    german, english = _problem("de"), _problem("en")
    assert "Titel" in german
    assert "title" in english


def _problem(language: str) -> str:
    from infra.errors import Invalid
    from infra.web.problems import problem_response
    from services.forum.domain import clean_topic

    with pytest.raises(Invalid) as caught:
        clean_topic("", "Text")
    answer = problem_response(caught.value, language)
    message: str = json.loads(bytes(answer.body))["fields"][0]["message"]
    return message


async def test_answers_never_show_internals(small: Forum) -> None:
    answer: Answer = await small.ask("GET", "/posts/not-a-uuid", small.member)
    assert answer.status == 404
    assert b"Traceback" not in answer.content
