"""Reads a mail that somebody else made, whatever its maker did wrong: its parts, headers and text. Never raises."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from contextlib import suppress
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from email.utils import getaddresses, parseaddr

import nh3

from services.newsletter.bounces.domain import LONGEST_TEXT, MOST_PARTS

_HEADER_BYTES = 128 * 1024  # servers refuse a tenth of it
_HEADER_CHARACTERS = 4000  # of a header that are looked at; RFC 5322 allows a line 998
_MOST_ADDRESSES = 50
_HTML_CHARACTERS = 200_000
_MOST_TAGS = 10_000  # tags inside one another cost the square of their number: these 0.2 s
_BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_SEPARATORS = (b"\n--", b"\ncontent-type:")
# Each empty line of a delivery status begins another of its blocks, of 1 kB in memory.
_STATUS, _MOST_EMPTY_LINES = b"delivery-status", 5_000
# What is guessed at: patterns look at each line dozens of times, some at each place of it up to its end.
_GUESSED_BYTES, _GUESSED_LINES, _LONGEST_LINE = 128 * 1024, 2000, 998  # RFC 5322, 2.1.1
_SLOW_CHARSET = "punycode"  # of host names, no mail's; costs the square of the length: a megabyte took 14 s


def parse(raw: bytes) -> Message:
    """The message; only its headers where these are long, or where it has more parts, than in any honest one."""
    end = _end_of_headers(raw)
    if end > _HEADER_BYTES or _is_bomb(raw):
        return BytesHeaderParser(policy=compat32).parsebytes(raw[: min(end, _HEADER_BYTES)])
    return BytesParser(policy=compat32).parsebytes(raw)


def opening(raw: bytes) -> Message:
    """The same of its first lines, none longer than allowed: enough for a server's words and the headers it returns."""
    lines = raw[:_GUESSED_BYTES].splitlines()[:_GUESSED_LINES]
    return parse(b"\r\n".join(line[:_LONGEST_LINE] for line in lines))


def _is_bomb(raw: bytes) -> bool:
    """Whether parsing it would cost what no honest mail does. To the parser, CR alone ends a line too."""
    lines = raw.lower().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if _STATUS in lines and lines.count(b"\n\n") > _MOST_EMPTY_LINES:
        return True
    return any(lines.count(separator) > MOST_PARTS for separator in _SEPARATORS)


def body_of(raw: bytes) -> bytes:
    """What stands below the headers; ways differ in how they end lines."""
    return raw[_end_of_headers(raw) :].replace(b"\r\n", b"\n").strip()


def values(message: Message, name: str) -> list[str]:
    """All headers of this name as they came, bytes that are no ASCII read as UTF-8 (RFC 6532)."""
    wanted = name.lower()
    return [utf8(value)[:_HEADER_CHARACTERS] for key, value in message.raw_items() if key.lower() == wanted]


def value(message: Message, name: str) -> str:
    """The first of them in one line; "" when there is none."""
    return one_line(next(iter(values(message, name)), ""))


def header(message: Message, name: str) -> str:
    """The same, decoded (RFC 2047); an unknown character set or broken base64 is shown as it stands."""
    text = value(message, name)
    with suppress(MessageError, LookupError, UnicodeError, ValueError):
        text = str(make_header(decode_header(text)))
    return one_line(text)


def addresses(message: Message, *names: str) -> tuple[str, ...]:
    """The mailboxes that these headers name."""
    told = [item for name in names for item in values(message, name)]
    found = getaddresses(told[:_MOST_ADDRESSES])
    return tuple(address for _, address in found[:_MOST_ADDRESSES] if "@" in address)


def sender(message: Message) -> tuple[str, str]:
    """Name and address that the mail claims to be from; "" for what is missing."""
    name, address = parseaddr(header(message, "From"))
    return one_line(name), one_line(address) if "@" in address else ""


def text(message: Message) -> tuple[str, int]:
    """What a person reads in it, and how many attachments it has besides."""
    leaves = [part for part in message.walk() if not part.is_multipart()]
    plain = [part for part in leaves if _shown(part) and part.get_content_type() == "text/plain"]
    rich = [part for part in leaves if _shown(part) and part.get_content_type() == "text/html"]
    if plain:
        return readable(decoded(plain[0])), len(leaves) - len(plain) - len(rich)
    if rich:
        return readable(_without_tags(decoded(rich[0]))), len(leaves) - len(rich)
    return "", len(leaves)


def decoded(part: Message) -> str:
    """A leaf's content as text, whatever it claims about its encoding."""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        codec = codecs.lookup(part.get_content_charset() or "utf-8")
        return content.decode("utf-8" if codec.name == _SLOW_CHARSET else codec.name, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def readable(text: str) -> str:
    """Lines without characters that hide or turn round others, with one more than is kept, to show that it is cut."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", lines).strip()[: LONGEST_TEXT + 1]


def one_line(text: str) -> str:
    """The same for a single line."""
    return _UNPRINTABLE.sub("", " ".join(text.split()))


def utf8(text: object) -> str:
    """Text of which the library has kept bytes as surrogates."""
    return str(text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def inner(message: Message, *types: str) -> Iterator[Message]:
    """The parts of these media types, at any depth."""
    return (part for part in message.walk() if part.get_content_type() in types)


def _shown(part: Message) -> bool:
    return part.get_content_disposition() != "attachment"


def _without_tags(markup: str) -> str:
    few = "<".join(markup[:_HTML_CHARACTERS].split("<", _MOST_TAGS)[:_MOST_TAGS])
    broken = _BREAKS.sub("\n", few)
    return html.unescape(nh3.clean(broken, tags=set(), clean_content_tags={"script", "style", "title"}))


def _end_of_headers(raw: bytes) -> int:
    """Where the body begins."""
    found = re.search(rb"\r?\n\r?\n", raw)
    return found.end() if found else len(raw)
