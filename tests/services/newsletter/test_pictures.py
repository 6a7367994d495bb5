"""The picture library: what is taken in and how, what is refused, who shows what, and deletion while in use."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from random import Random
from typing import Any

import pytest
from PIL import Image

from services.newsletter.pictures.models import Picture, PictureFile
from tests.kit import identity, together
from tests.services.newsletter.article_desk import ALT, add_picture, change, delete, image, upload, write
from tests.services.newsletter.desk import ANNA, VISITOR, Desk


async def decoded(desk: Desk, picture: dict[str, Any]) -> Image.Image:
    """The stored file as a picture."""
    answer = await desk.get(f"/picture-files/{picture['hash']}", identity=VISITOR)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    assert len(answer.content) == picture["size"]
    return Image.open(BytesIO(answer.content))


def noisy(width: int, height: int) -> bytes:
    """A picture that no format makes small."""
    buffer = BytesIO()
    Image.frombytes("RGB", (width, height), Random(1).randbytes(width * height * 3)).save(buffer, "PNG")
    return buffer.getvalue()


def empty_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_each_format_is_written_anew_as_jpeg(one_desk: Desk, form: str) -> None:
    picture = await add_picture(one_desk, image(form=form))
    stored = await decoded(one_desk, picture)
    assert (stored.format, stored.size) == ("JPEG", (40, 30))
    assert (picture["width"], picture["height"], picture["path"]) == (40, 30, f"/bilder/{picture['hash']}.jpg")
    assert (picture["alt"], picture["credit"], picture["uploaded_by"]) == (ALT, "Foto: Anna Beispiel", "Anna")


async def test_place_camera_and_comments_are_left_behind_and_the_picture_stands_upright(one_desk: Desk) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "geheimer Ort"
    content = image(40, 20, "JPEG", exif=exif, comment=b"geheimer Kommentar") + b"<script>alert(1)</script>"
    stored = await decoded(one_desk, await add_picture(one_desk, content))
    assert stored.size == (20, 40)
    assert dict(stored.getexif()) == {}
    assert "comment" not in stored.info
    (kept,) = await Picture.all()
    answer = await one_desk.get(f"/picture-files/{kept.hash}")
    assert b"geheim" not in answer.content
    assert b"script" not in answer.content


async def test_what_is_broken_beside_the_pixels_does_not_matter(one_desk: Desk) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "geheimer Ort"
    content = image(8, 4, "JPEG", exif=exif)
    begin = content.index(b"Exif")
    for place in range(begin, begin + len(exif.tobytes())):
        for value in (0, 2, 7):  # no type, text and bytes, also where a number belongs
            broken = bytearray(content)
            broken[place] = value
            answer = await one_desk.post("/pictures", upload(bytes(broken)), identity=ANNA)
            assert answer.status in (200, 201), answer.content


async def test_a_large_picture_becomes_small_and_what_is_transparent_white(one_desk: Desk) -> None:
    wide = await add_picture(one_desk, image(3200, 1000, "JPEG"))
    assert (wide["width"], wide["height"]) == (1600, 500)
    noise = await add_picture(one_desk, noisy(1000, 1000))
    assert noise["size"] <= 400_000
    assert (await decoded(one_desk, noise)).size == (noise["width"], noise["height"])
    buffer = BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(buffer, "PNG")
    clear = await decoded(one_desk, await add_picture(one_desk, buffer.getvalue()))
    assert clear.getpixel((4, 4)) == (255, 255, 255)


SVG = b'<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


def scanned(times: int) -> bytes:
    """A JPEG whose last scan comes so often."""
    buffer = BytesIO()
    Image.new("L", (64, 64)).save(buffer, "JPEG", progressive=True)
    content = buffer.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * times + content[-2:]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SVG, "SVG"),
        (GIF, "JPEG, PNG oder WebP"),
        (b"<html><body>", "JPEG, PNG oder WebP"),
        (b"", "wählen"),
        (image(form="JPEG")[:300], "beschädigt"),
        (image(200, 200)[:100], "beschädigt"),
        (empty_png(10, 10), "beschädigt"),
        (empty_png(7000, 7000), "40 Millionen"),
        (empty_png(60_000, 60_000), "40 Millionen"),
        (b"\xff" * 12_000_001, "12 MB"),
        (scanned(100), "beschädigt"),
    ],
)
async def test_what_cannot_be_taken_is_refused_with_a_way_out(one_desk: Desk, content: bytes, said: str) -> None:
    answer = await one_desk.post("/pictures", upload(content), identity=ANNA)
    assert answer.status == 422
    [problem] = answer.json()["fields"]
    assert problem["field"] == "content"
    assert said in problem["message"]
    assert await Picture.all().count() == 0


async def test_a_body_beyond_the_limit_is_not_even_read(one_desk: Desk) -> None:
    answer = await one_desk.kit.request(
        "newsletter", "POST", "/pictures", content=b"{" + b" " * 17_000_000, identity=ANNA
    )
    assert answer.status == 413


async def test_alternative_text_in_both_languages_and_the_origin_are_required(one_desk: Desk) -> None:
    wrong = {"alt": {"de": "Bild", "en": " "}, "credit": "", "licence_url": "ftp://x"}
    answer = await one_desk.post("/pictures", upload(image(), **wrong), identity=ANNA)
    assert {item["field"] for item in answer.json()["fields"]} == {"alt.en", "credit", "licence_url"}


async def test_the_same_picture_is_kept_once_also_when_it_comes_twice_at_once(desk: Desk) -> None:
    async def send() -> Any:
        return await desk.post("/pictures", upload(image(), credit="Erste"), identity=ANNA)

    answers = await together(send, send)
    assert {answer.json()["hash"] for answer in answers} == {answers[0].json()["hash"]}
    again = await desk.post("/pictures", upload(image(), credit="Zweite"), identity=ANNA)
    assert (again.status, again.json()["credit"]) == (200, "Erste")
    assert (await Picture.all().count(), await PictureFile.all().count()) == (1, 1)
    assert (await desk.get("/pictures", identity=ANNA)).json()["total"] == 1


async def test_words_of_a_picture_change_wherever_it_is_shown_and_never_unseen(desk: Desk) -> None:
    picture = await add_picture(desk)
    row = await write(desk, pictures=[picture["hash"]])
    path = f"/pictures/{picture['hash']}"
    body = {"alt": {"de": "Anders", "en": "Different"}}
    first = await desk.kit.request("newsletter", "PATCH", path, body=body, headers={"if-match": '"1"'}, identity=ANNA)
    assert (first.status, first.json()["version"], first.json()["credit"]) == (200, 2, "Foto: Anna Beispiel")
    stale = await desk.kit.request("newsletter", "PATCH", path, body=body, headers={"if-match": '"1"'}, identity=ANNA)
    assert stale.status == 412
    empty = {"alt": {"de": ""}}
    bare = await desk.kit.request("newsletter", "PATCH", path, body=empty, headers={"if-match": '"2"'}, identity=ANNA)
    assert bare.status == 422
    shown = (await desk.get(f"/articles/{row['slug']}", identity=ANNA)).json()
    assert shown["pictures"][0]["alt"] == body["alt"]


async def test_a_picture_in_use_is_not_deleted_and_it_is_said_where_it_is_shown(desk: Desk) -> None:
    picture = await add_picture(desk)
    row = await write(desk, pictures=[picture["hash"]])
    path = f"/pictures/{picture['hash']}"
    refused = await delete(desk, path)
    assert refused.status == 409
    assert "„Titel success-story“" in refused.json()["title"]
    listed = (await desk.get(path, identity=ANNA)).json()
    assert listed["used_in"] == [{"kind": "article", "title": "Titel success-story", "slug": row["slug"]}]
    assert (await change(desk, row, {"pictures": []})).status == 200
    assert (await delete(desk, path)).status == 204
    for gone in (path, f"/picture-files/{picture['hash']}"):
        assert (await desk.get(gone, identity=ANNA)).status == 404
    assert (await delete(desk, path)).status == 404


async def test_a_picture_that_is_just_being_used_is_either_shown_or_gone(desk: Desk) -> None:
    picture = await add_picture(desk)
    row = await write(desk)

    async def use() -> Any:
        return await change(desk, row, {"pictures": [picture["hash"]]})

    async def remove() -> Any:
        return await delete(desk, f"/pictures/{picture['hash']}")

    used, removed = await together(use, remove)
    assert (used.status, removed.status) in ((200, 409), (422, 204))
    shown = (await desk.get(f"/articles/{row['slug']}", identity=ANNA)).json()["pictures"]
    assert bool(shown) == (used.status == 200)


async def test_the_library_is_for_editors_and_paged(desk: Desk) -> None:
    for colour in ("red", "green", "blue"):
        await add_picture(desk, image(colour=colour))
    first = (await desk.get("/pictures", query={"limit": 2}, identity=ANNA)).json()
    rest = (await desk.get("/pictures", query={"limit": 2, "cursor": first["next"]}, identity=ANNA)).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert len({item["hash"] for item in (*first["items"], *rest["items"])}) == 3
    name = first["items"][0]["hash"]
    for who, status in ((VISITOR, 401), (identity("m", "member"), 403)):
        assert (await desk.get("/pictures", identity=who)).status == status
        assert (await desk.get(f"/pictures/{name}", identity=who)).status == status
        assert (await delete(desk, f"/pictures/{name}", who)).status == status
        assert (await desk.post("/pictures", upload(image()), identity=who)).status == status
    for odd in ("x", "../etc/passwd", "0" * 32, "A" * 500):
        assert (await desk.get(f"/picture-files/{odd}")).status == 404
