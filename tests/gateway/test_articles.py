"""Articles and pictures as people meet them: pages in both languages, the feed, the desk, the picture library."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx2

from tests.gateway.api_client import Program, fields
from tests.gateway.conftest import Opener
from tests.gateway.page import parse
from tests.gateway.world import (
    COORDINATOR,
    EDITOR,
    ORIGIN,
    SECOND_EDITOR,
    Browser,
    World,
    heading,
    hidden_fields,
)
from tests.services.newsletter.article_desk import ALT, image, upload

DESK = "/redaktion/artikel"
LIBRARY = "/redaktion/bilder"
STORY = "/artikel/migrationsagentur-burgenlandkreis"
GERMAN_ONLY = "/artikel/bamf-working-paper-62"
FIGURE: dict[str, Any] = {
    "title_de": "Mehr Ausbildung",
    "summary_de": "So viele haben begonnen.",
    "text_de": "# Warum\n\nWeil **alle** helfen.\n\n### Und\n\n"
    "<script>alert(1)</script> [x](javascript:alert(1)) ![y](/z)",
    "number_de": "500",
    "unit_de": "Auszubildende",
    "source": "Handwerkskammer",
    "topics": ["ausbildung"],
}
ATOM = "{http://www.w3.org/2005/Atom}"


async def _send_file(browser: Browser, content: bytes, **words: str) -> httpx2.Response:
    """Send the form of the library with a file."""
    page = await browser.get(LIBRARY)
    sent = {**hidden_fields(page.text, LIBRARY), **words}
    files = {"content": ("bild.png", content, "image/png")}
    headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
    return await browser.http.post(LIBRARY, data=sent, files=files, headers=headers, follow_redirects=True)


async def test_articles_are_read_in_both_languages_and_a_missing_translation_is_marked(open_browser: Opener) -> None:
    reader = await open_browser()
    listed = await reader.get("/artikel", params={"kind": "literature"})
    assert re.findall(r'<h2 class="kern-title"><a href="(/artikel/[^"]+)"', listed.text).count(GERMAN_ONLY) == 1
    assert STORY not in listed.text
    german = await reader.get(STORY)
    assert parse(german.text).levels == [1, 2, 2, 2, 2]
    picture = re.search(r'<img src="(/bilder/\w+\.jpg)" width="\d+" height="\d+" alt="Umrisskarte', german.text)
    assert picture is not None
    assert "dl-de/by-2-0" in german.text
    english = await reader.get(f"/en{STORY}")
    assert heading(english).startswith("One house")
    assert "translated" not in english.text
    missing = await reader.get(f"/en{GERMAN_ONLY}")
    assert '<h1 class="kern-heading-x-large" lang="de">' in missing.text
    assert "has not been translated completely yet" in missing.text
    assert 'lang="de">Fachkräftezuwanderung' in (await reader.get("/en/artikel")).text
    for address in parse(german.text).loaded:
        assert address.startswith("/"), address


async def test_a_picture_is_kept_for_a_year_and_may_be_shown_by_web_mailers(open_browser: Opener) -> None:
    reader = await open_browser()
    address = re.findall(r'src="(/bilder/[^"]+)"', (await reader.get(STORY)).text)[0]
    shown = await reader.get(address)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "content-encoding" not in shown.headers
    again = await reader.get(address, headers={"if-none-match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for odd in ("/bilder/x.jpg", "/bilder/" + "0" * 32 + ".jpg", address.removesuffix(".jpg")):
        assert (await reader.get(odd)).status_code == 404


async def test_a_topic_has_its_page_its_articles_and_the_way_to_its_offers(open_browser: Opener) -> None:
    reader = await open_browser()
    assert "/themen/sprachfoerderung" in (await reader.get("/themen")).text
    curated = await reader.get("/themen/sprachfoerderung")
    assert heading(curated) == "Deutsch im Beruf lernen"
    assert "/suche?topic=sprachfoerderung&amp;kind=offer" in curated.text
    moved = await reader.get("/artikel/thema-sprachfoerderung")
    assert moved.url.path == "/themen/sprachfoerderung"
    plain = await reader.get("/en/themen/handwerk")
    assert heading(plain) == "Skilled crafts"
    assert "about 2,000" in plain.text
    assert (await reader.get("/themen/gibt-es-nicht")).status_code == 404


async def test_the_feed_holds_what_the_list_shows_and_is_sent_once(open_browser: Opener) -> None:
    reader = await open_browser()
    answer = await reader.get("/en/artikel.atom", params={"topic": "handwerk"})
    feed = fromstring(answer.content)
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title", "").startswith("Crafts in the north")
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"] == f"{ORIGIN}/en/artikel/geschlossene-handwerksbetriebe"
    assert {item.attrib["term"] for item in entry.findall(f"{ATOM}category")} >= {"Figure of the quarter"}
    known = {"if-none-match": answer.headers["etag"]}
    assert (await reader.get("/en/artikel.atom", params={"topic": "handwerk"}, headers=known)).status_code == 304


async def test_an_article_from_the_empty_form_over_preview_and_publication_to_search(
    world: World, open_browser: Opener
) -> None:
    editor, reader = await open_browser(EDITOR), await open_browser()
    path = f"{DESK}/neu"
    page = await editor.get(path, params={"art": "figure"})
    assert "Miriam Scholz" in page.text
    preview = await editor.submit(page, f"{path}?art=figure", **FIGURE, action="preview")
    assert "Vorschau, noch nicht gespeichert" in preview.text
    assert "<h4>Warum</h4>" in preview.text
    assert "<script>alert" not in preview.text
    assert 'href="javascript' not in preview.text
    incomplete: dict[str, Any] = {**FIGURE, "source": "", "summary_de": ""}
    kept = await editor.submit(preview, f"{path}?art=figure", **incomplete, action="publish")
    assert kept.status_code == 422
    for name in ("source", "summary_de"):
        assert f'href="#field-{name}"' in kept.text
    address = f"{DESK}/mehr-ausbildung"
    assert (await reader.get("/artikel/mehr-ausbildung")).status_code == 404
    assert "Nur für die Redaktion sichtbar" in (await editor.get("/artikel/mehr-ausbildung")).text
    public = await editor.submit(kept, address, **FIGURE, action="publish")
    assert public.url.params["veroeffentlicht"] == "1"
    await world.tell()
    shown = await reader.get("/artikel/mehr-ausbildung")
    assert "<h2>Warum</h2>" in shown.text
    assert "<h3>Und</h3>" in shown.text
    assert "<script>alert" not in shown.text
    assert 'href="javascript' not in shown.text
    assert '<img src="/z"' not in shown.text
    found = await reader.get("/suche", params={"q": "Mehr Ausbildung", "kind": "article"})
    assert "/artikel/mehr-ausbildung" in found.text
    assert "Artikel (Aktuelle Zahl)" in found.text
    page = await editor.get(address)
    await editor.submit(page, f"{address}/zurueckziehen")
    assert (await reader.get("/artikel/mehr-ausbildung")).status_code == 404


async def test_who_was_overtaken_sees_both_versions(open_browser: Opener) -> None:
    editor, other = await open_browser(EDITOR), await open_browser(SECOND_EDITOR)
    address = f"{DESK}/integrif-ii"
    mine, theirs = await editor.get(address), await other.get(address)
    people = "Ada | Meisterin | Master"
    values: dict[str, Any] = {"title_de": "IntegriF II", "summary_de": "Kurz", "text_de": "Text", "people": people}
    assert (await other.submit(theirs, address, **values)).status_code == 200
    overtaken = await editor.submit(mine, address, **{**values, "summary_de": "Anders"})
    assert overtaken.status_code == 422
    assert "Zwei Fassungen" in overtaken.text
    assert '<td class="kern-table__cell wording">Kurz</td>' in overtaken.text
    saved = await editor.submit(overtaken, address, **{**values, "summary_de": "Anders"})
    assert saved.url.params["gespeichert"] == "1"
    assert "Ada, Meisterin" in re.sub(r"</?span[^>]*>", "", (await editor.get("/artikel/integrif-ii")).text)


async def test_a_second_look_and_the_end_of_a_draft(open_browser: Opener) -> None:
    editor = await open_browser(EDITOR)
    page = await editor.get(f"{DESK}/neu", params={"art": "success-story"})
    await editor.submit(page, f"{DESK}/neu?art=success-story", title_de="Nur ein Titel", authors="", action="save")
    bare = await editor.get("/artikel/nur-ein-titel")
    assert (heading(bare), 'id="angaben"' in bare.text) == ("Nur ein Titel", False), "no heading over nothing"
    page = await editor.get(f"{DESK}/neu", params={"art": "topic-page"})
    refused = await editor.submit(page, f"{DESK}/neu?art=topic-page", title_de="Ohne Thema", action="save")
    assert 'href="#field-topics"' in refused.text
    made = await editor.submit(refused, f"{DESK}/neu?art=topic-page", title_de="Pflege", topics="pflege-gesundheit")
    address = made.url.path
    waiting = await editor.submit(made, f"{address}/einreichen")
    assert "zur Durchsicht" in waiting.text
    assert address in (await editor.get(DESK, params={"stand": "review"})).text
    missing = await editor.submit(waiting, f"{address}/veroeffentlichen")
    assert missing.status_code == 422
    assert 'href="#field-text_de"' in missing.text
    asked = await editor.get(f"{address}/loeschen")
    gone = await editor.submit(asked, f"{address}/loeschen")
    assert gone.url.path == DESK
    assert (await editor.get(address)).status_code == 404
    assert (await editor.get(f"{DESK}/neu", params={"art": "roman"})).status_code == 404


async def test_a_picture_is_uploaded_shown_and_kept_while_it_is_in_use(open_browser: Opener) -> None:
    editor = await open_browser(EDITOR)
    words: dict[str, Any] = {"alt_de": "Werkbank", "alt_en": "Workbench", "credit": "Foto: Ada"}
    bare = await _send_file(editor, image(), **{**words, "alt_en": ""})
    assert (bare.status_code, 'href="#field-alt_en"' in bare.text) == (422, True)
    drawing = await _send_file(editor, b"<svg xmlns='http://www.w3.org/2000/svg'/>", **words)
    assert "SVG-Dateien können Programme enthalten" in drawing.text
    added = await _send_file(editor, image(), **words)
    assert added.url.params["neu"] == "1"
    again = await _send_file(editor, image(), **{**words, "credit": "Foto: Berta"})
    assert (again.url.path, again.url.params["bekannt"]) == (added.url.path, "1")
    name = added.url.path.rsplit("/", 1)[1]
    page = await editor.get(f"{DESK}/integrif-ii")
    values: dict[str, Any] = {"title_de": "IntegriF II", "summary_de": "Kurz", "text_de": "Text", "picture_0": name}
    await editor.submit(page, f"{DESK}/integrif-ii", **values)
    assert 'alt="Workbench"' in (await editor.get("/en/artikel/integrif-ii")).text
    page = await editor.get(added.url.path)
    assert f'href="{DESK}/integrif-ii"' in page.text
    renamed = await editor.submit(page, added.url.path, **{**words, "alt_de": "Hobelbank"})
    assert renamed.url.params["gespeichert"] == "1"
    stale = await editor.submit(page, added.url.path, **words)
    assert stale.status_code == 422
    token = {"form_token": hidden_fields(page.text)["form_token"]}
    headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
    refused = await editor.http.post(f"{added.url.path}/loeschen", data=token, headers=headers)
    assert (refused.status_code, "wird noch gezeigt" in refused.text) == (422, True)
    page = await editor.get(f"{DESK}/integrif-ii")
    await editor.submit(page, f"{DESK}/integrif-ii", **{**values, "picture_0": ""})
    gone = await editor.submit(await editor.get(added.url.path), f"{added.url.path}/loeschen")
    assert gone.url.path == LIBRARY
    assert (await editor.get(f"/bilder/{name}.jpg")).status_code == 404


async def test_a_form_that_is_none_is_refused(open_browser: Opener) -> None:
    editor = await open_browser(EDITOR)
    kind = "multipart/form-data; boundary=x"
    many = b"".join(b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n' for _ in range(30)) + b"--x--\r\n"
    slow = kind + "; charset=punycode"
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"a" * 500_000 + b"-z\r\n--x--\r\n"
    sent = [
        (kind, many, 400),
        ("multipart/form-data", b"--x--\r\n", 400),
        (kind, b"--x--\r\n", 403),
        (slow, part, 400),
        (kind + "; charset=undefined", part, 400),
        (kind + '; charset="UTF-8"', part, 403),
    ]
    for said, content, status in [*sent, (kind, b"y" * 13_000_001, 413)]:
        headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin", "content-type": said}
        assert (await editor.http.post(LIBRARY, content=content, headers=headers)).status_code == status


async def test_the_desk_of_articles_is_for_editors(open_browser: Opener) -> None:
    coordinator = await open_browser(COORDINATOR)
    for path in (DESK, f"{DESK}/neu?art=project", f"{DESK}/integrif-ii", LIBRARY):
        assert (await coordinator.get(path)).status_code == 403
        assert (await (await open_browser()).http.get(path)).status_code == 303


async def test_programs_write_articles_and_upload_large_pictures(api: Program) -> None:
    assert len((await api.get("/articles")).json()["items"]) == 8
    assert (await api.post("/articles", {"kind": "project"})).status_code == 401
    editor = await api.signed_in(EDITOR)
    photo = image(2010, 2010, "PNG", compress_level=0)
    assert len(photo) > 12_000_000
    assert fields(await editor.post("/pictures", upload(photo))) == {"content"}
    photo = image(1000, 1000, "PNG", compress_level=0)
    added = await editor.post("/pictures", upload(photo))
    assert (added.status_code, added.json()["alt"]) == (201, ALT)
    assert added.headers["location"] == f"/api/v1/pictures/{added.json()['hash']}"
    made = await editor.post(
        "/articles", {"kind": "project", "title": {"de": "Neu"}, "pictures": [added.json()["hash"]]}
    )
    assert made.status_code == 201
    path = f"/articles/{made.json()['slug']}"
    assert fields(await editor.post(f"{path}/publish")) == {"summary.de", "text.de"}
    change = {"summary": {"de": "Kurz"}, "text": {"de": "Lang"}}
    changed = await editor.patch(path, change, made.headers["etag"])
    assert (await editor.post(f"{path}/publish", headers={"if-match": changed.headers["etag"]})).status_code == 200
    assert (await api.get(path)).json()["picture"]["path"].startswith("/bilder/")
