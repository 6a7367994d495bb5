"""Makes of any uploaded picture one that is safe and small enough for pages and mails.

Every picture is decoded and written anew as JPEG: what stood beside the pixels (place and camera in EXIF, comments,
programs after the end of the file) is not taken along, and mail programs that cannot show WebP show it. One after the
other in a thread of its own, so that memory is bounded however many are uploaded at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

from PIL import ExifTags, Image, UnidentifiedImageError

from services.newsletter.pictures.domain import (
    BROKEN,
    HASH_LETTERS,
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_PIXELS,
    TOO_LARGE,
    TOO_MANY_PIXELS,
    UPLOAD_BYTES,
    refusal,
    refused,
)

_FORMATS = ("JPEG", "PNG", "WEBP")
# A progressive JPEG draws the whole picture once for each of its scans. Honest ones have some ten; twelve megabytes
# hold 180,000, an hour of work. By chance a scan's header would stand in other data once in 64 GB.
_SCAN = re.compile(rb"\xff\xda\x00[\x08\x0a\x0c\x0e][\x01-\x04]")
_MOST_SCANS = 100
_QUALITIES = (85, 75, 65, 50)
_SMALLER = 0.75
# How a picture is turned upright, by what EXIF says of the camera. Pillow's own way writes the rest of EXIF anew too
# and stumbles over what is broken in it.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_one_at_a_time = ThreadPoolExecutor(1, "pictures")


@dataclass(frozen=True)
class Encoded:
    """A JPEG of `width` x `height` pixels. `hash` names its content, `source_hash` the file that it was made of."""

    hash: str
    source_hash: str
    content: bytes
    width: int
    height: int


async def encode(content: bytes) -> Encoded:
    """The picture in an uploaded file. Raises Invalid (field `content`) for what cannot be taken, with a way out."""
    return await asyncio.get_running_loop().run_in_executor(_one_at_a_time, _encoded, content)


def hash_of(content: bytes) -> str:
    """The name of a content: half of its SHA-256, which is still 128 bits."""
    return hashlib.sha256(content).hexdigest()[:HASH_LETTERS]


def _encoded(content: bytes) -> Encoded:
    if len(content) > UPLOAD_BYTES:
        raise refused(TOO_LARGE)
    canvas = _decoded(content)
    written = _written(canvas)
    while len(written) > MOST_BYTES:
        canvas = canvas.resize((int(canvas.width * _SMALLER) or 1, int(canvas.height * _SMALLER) or 1))
        written = _written(canvas)
    return Encoded(hash_of(written), hash_of(content), written, canvas.width, canvas.height)


def _decoded(content: bytes) -> Image.Image:
    """The upright picture in its final size, on white where it is transparent; nothing but pixels."""
    if len(_SCAN.findall(content)) > _MOST_SCANS:
        raise refused(BROKEN)
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:  # known from the header, before a pixel is decoded
                raise refused(TOO_MANY_PIXELS)
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
            turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
            upright = (image if turn is None else image.transpose(turn)).convert("RGBA")
    except UnidentifiedImageError as error:
        raise refusal(content) from error
    except Image.DecompressionBombError as error:
        raise refused(TOO_MANY_PIXELS) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # what Pillow's decoders raise for broken files
        raise refused(BROKEN) from error
    canvas = Image.new("RGB", upright.size, "white")
    canvas.paste(upright, mask=upright)
    return canvas


def _written(canvas: Image.Image) -> bytes:
    """The JPEG in the best quality that stays small enough, else in the least."""
    written = b""
    for quality in _QUALITIES:
        buffer = BytesIO()
        canvas.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        written = buffer.getvalue()
        if len(written) <= MOST_BYTES:
            break
    return written
