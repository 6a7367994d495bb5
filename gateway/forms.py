"""Forms: what was sent, what is wrong with it, and the token that ties a form to its reader.

A `Form` holds the values as texts, so that a refused form is shown again exactly as it was filled in. Messages
stand at their fields and once more in a summary at the top that links to them; the page's title then begins
with "Fehler:".
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from gateway.problems import Refused
from infra.errors import Forbidden, Invalid, Malformed, Text
from infra.tokens import derive_key
from infra.web.api import read_raw

TOKEN_FIELD = "form_token"  # noqa: S105 - the name of a field
TOKEN_SECONDS = 24 * 3600
MAX_FIELDS = 2000
MAX_PARTS = 20
_STALE = Text(
    "Das Formular ist abgelaufen oder kam von einer fremden Seite. Bitte laden Sie die Seite neu und senden Sie "
    "es noch einmal ab.",
    "The form has expired or came from another site. Please reload the page and send it again.",
)
_UNREADABLE = Text("Das Formular ist nicht lesbar.", "The form cannot be read.")


@dataclass
class Form:
    """Values by field name (always lists) and messages by field name; `title` is said above all of them.

    `files` holds the contents of uploaded files by field name.
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    title: str = ""
    files: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, str | Iterable[str] | None]) -> Form:
        """A form filled with what is stored."""
        return cls({name: _texts(value) for name, value in values.items()})

    def text(self, name: str) -> str:
        """The value of a single field, without white space around it; "" when absent."""
        return (self.values.get(name) or [""])[-1].strip()

    def raw(self, name: str) -> str:
        """The value as it was sent (passwords)."""
        return (self.values.get(name) or [""])[-1]

    def texts(self, name: str) -> list[str]:
        """All values of a field that may be chosen several times, without empty ones."""
        return [value.strip() for value in self.values.get(name, ()) if value.strip()]

    def lines(self, name: str) -> list[str]:
        """A text area with one entry a line."""
        return [line.strip() for line in self.text(name).splitlines() if line.strip()]

    def has(self, name: str, value: str) -> bool:
        """Whether `value` is chosen."""
        return value in self.values.get(name, ())

    def add_error(self, name: str, message: str) -> None:
        """Say `message` at the field `name`."""
        self.errors.setdefault(name, []).append(message)

    def refuse(self, problem: Refused, name: Callable[[str], str] | None = None) -> None:
        """Take over what a service said, at the fields that `name` gives; else "districts.0" is said at "districts"."""
        self.title = problem.title
        for item in problem.fields:
            self.add_error((name or _first_part)(item.field), item.message)

    @property
    def refused(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.errors or self.title)


def _first_part(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _texts(value: str | Iterable[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


async def read_form(request: Request, upload: int = 0) -> Form:
    """The form in the request's body; with `upload` it may bring a file, and so many bytes in all.

    Raises:
        Malformed: not a form. Invalid: control characters. TooLarge: over one megabyte, or over `upload`.
    """
    kind = request.headers.get("content-type", "")
    if upload and kind.startswith("multipart/form-data"):
        pairs, files = await _read_parts(request, upload)
        return Form(_checked(pairs), files=files)
    if not kind.startswith("application/x-www-form-urlencoded"):
        raise Malformed(_UNREADABLE)
    raw = await read_raw(request)
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise Malformed(_UNREADABLE) from error
    return Form(_checked(pairs))


async def _read_parts(request: Request, limit: int) -> tuple[list[tuple[str, str]], dict[str, bytes]]:
    """The fields and files of a form with one file (RFC 7578), in UTF-8 as browsers send our pages' forms.

    Others are refused: the parser would decode by whatever codec is named, some of which take minutes for a megabyte.

    Raises:
        Malformed: not a form in UTF-8. TooLarge: over `limit`.
    """
    _, options = parse_options_header(request.headers["content-type"])
    if options.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise Malformed(_UNREADABLE)
    raw = await read_raw(request, limit)

    async def stream() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        sent = await MultiPartParser(request.headers, stream(), max_files=1, max_fields=MAX_PARTS).parse()
    except (MultiPartException, MultipartParseError, UnicodeDecodeError) as error:
        raise Malformed(_UNREADABLE) from error
    pairs = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
    files = {name: await value.read() for name, value in sent.multi_items() if not isinstance(value, str)}
    await sent.close()
    return pairs, files


def _checked(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Values by name. Raises Invalid for control characters."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\x00" in value:
            raise Invalid(
                Text("Das Formular enthält ein unerlaubtes Zeichen.", "The form contains a forbidden character.")
            )
        values.setdefault(name, []).append(value)
    return values


def make_token(secret: str, session: str) -> str:
    """A token for forms shown now to the holder of `session` ("" for a visitor)."""
    issued = str(int(time.time()))
    return f"{issued}.{_mac(secret, session, issued)}"


def check_token(token: str, secret: str, session: str) -> None:
    """Raises Forbidden unless `token` was made by us for this session within the last day."""
    issued, _, mac = token.partition(".")
    genuine = hmac.compare_digest(mac.encode(), _mac(secret, session, issued).encode())
    if not genuine or not issued.isdigit() or time.time() - int(issued) > TOKEN_SECONDS:
        raise Forbidden(_STALE)


def _mac(secret: str, session: str, issued: str) -> str:
    message = f"{issued}:{hashlib.sha256(session.encode()).hexdigest()}"
    return hmac.new(derive_key(secret, "form"), message.encode(), hashlib.sha256).hexdigest()
