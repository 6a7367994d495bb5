"""Routes of the picture library, for editors, and of the files, for everybody."""

from __future__ import annotations

from starlette.responses import Response

from infra.contracts.roles import EDITOR
from infra.db import transaction
from infra.web.api import Api, Call, Reply, etag
from services.newsletter.pictures import commands, queries
from services.newsletter.pictures.domain import UPLOAD_BYTES, Words, check_words
from services.newsletter.pictures.encoding import encode
from services.newsletter.pictures.models import Picture
from services.newsletter.pictures.schemas import (
    PictureChange,
    PicturePage,
    PictureRequest,
    PicturesQuery,
    PictureView,
)
from services.newsletter.texts import Local

BODY_BYTES = UPLOAD_BYTES * 4 // 3 + 1_000_000  # base64 takes a third more, and there are the words
api = Api("newsletter")


@api.get("/pictures", summary="The picture library, newest first", query=PicturesQuery, returns=PicturePage)
async def list_pictures(call: Call) -> PicturePage:
    """For editors: every picture with what is said of it and where it is shown."""
    call.identity.require_role(EDITOR)
    return await queries.page(call.query)


@api.post(
    "/pictures", summary="Upload a picture", body=PictureRequest, returns=PictureView, status=201, limit=BODY_BYTES
)
async def add_picture(call: Call) -> Reply:
    """Takes a picture in, written anew as JPEG without anything but its pixels; 200 when it was there already."""
    call.identity.require_role(EDITOR)
    request: PictureRequest = call.body
    alt = Local(request.alt.de, request.alt.en)
    words = commands.cleaned(Words(alt, request.credit, request.licence, request.licence_url))
    check_words(words)
    encoded = await encode(request.content)
    async with transaction("newsletter") as tx:
        row, new = await commands.add(tx, call.identity, encoded, words)
    reply = await _reply(row)
    return Reply(reply.value, 201 if new else 200, {**reply.headers, "location": f"/pictures/{row.hash}"})


@api.get("/pictures/{id}", summary="One picture of the library", returns=PictureView)
async def show_picture(call: Call) -> Reply:
    """For editors: what is said of a picture, and where it is shown."""
    call.identity.require_role(EDITOR)
    return await _reply(await queries.one(call.path["id"]))


@api.patch("/pictures/{id}", summary="Change what is said of a picture", body=PictureChange, returns=PictureView)
async def change_picture(call: Call) -> Reply:
    """Changes alternative text, credit and licence, wherever the picture is shown; needs If-Match."""
    call.identity.require_role(EDITOR)
    version = call.required_version()
    async with transaction("newsletter") as tx:
        row = await commands.change(tx, call.path["id"], version, call.body)
    return await _reply(row)


@api.delete("/pictures/{id}", summary="Delete a picture that is shown nowhere")
async def delete_picture(call: Call) -> None:
    """Deletes a picture; refused with the places while something shows it."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        await commands.delete(tx, call.path["id"])


@api.get("/picture-files/{id}", summary="The file of a picture")
async def show_file(call: Call) -> Response:
    """The JPEG of this hash, for everybody: an address names one content for ever."""
    return Response(await queries.file(call.path["id"]), media_type="image/jpeg")


async def _reply(row: Picture) -> Reply:
    [view] = await queries.views([row])
    return Reply(view, headers=etag(row.version))
