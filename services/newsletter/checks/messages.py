"""Whether a message is fit to be sent: it parses without a defect, has every header of a list, and is not too large."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage

from infra.errors import Text
from infra.mail.stationery import MAX_HTML_BYTES
from services.newsletter.checks.domain import Finding, error
from services.newsletter.checks.tree import Element, parse

_URI = r"<(?:https?://[^<>\s,]+|mailto:[^<>\s,]+)>"
_URIS = re.compile(rf"{_URI}(?:, {_URI})*")
_MARKS = re.compile(r"[*_`#\\>]")
# What each header must look like, with where that is written.
HEADERS: dict[str, re.Pattern[str]] = {
    "From": re.compile(r".*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+"),  # RFC 5322, 3.6.2
    "To": re.compile(r".+"),  # RFC 5322, 3.6.3
    "Subject": re.compile(r"\S.*"),  # RFC 5322, 3.6.5
    "Date": re.compile(r".+"),  # RFC 5322, 3.6.1
    "Message-ID": re.compile(r"<[^<>@\s]+@[^<>@\s]+>"),  # RFC 5322, 3.6.4
    "MIME-Version": re.compile(r"1\.0"),  # RFC 2045, 4
    "Content-Language": re.compile(r"[a-z]{2}"),  # RFC 3282
    "List-Id": re.compile(r".*<[\w-]+(?:\.[\w-]+)+>"),  # RFC 2919, 2
    "List-Unsubscribe": _URIS,  # RFC 2369, 3.2
    "List-Unsubscribe-Post": re.compile(r"List-Unsubscribe=One-Click"),  # RFC 8058, 3.1
    "List-Archive": _URIS,  # RFC 2369, 3.6
    "List-Help": _URIS,  # RFC 2369, 3.1
    "List-Subscribe": _URIS,  # RFC 2369, 3.3
    "List-Owner": _URIS,  # RFC 2369, 3.5
    "Precedence": re.compile(r"bulk"),
    "Auto-Submitted": re.compile(r"auto-generated"),  # RFC 3834, 5
    "Feedback-ID": re.compile(r"[^:\s]+(?::[^:\s]+){2,3}"),
}
LONGEST_LINE = 998  # RFC 5322, 2.1.1, without the line's end


def check(content: bytes) -> list[Finding]:
    """What is wrong with a message as it would go over the wire: its form, headers, size and plain text."""
    message: EmailMessage = email.message_from_bytes(content, policy=policy.default)
    html, plain = _part(message, "html"), _part(message, "plain")
    found = [*_defects(message, content), *_headers(message)]
    if [part.get_content_type() for part in message.walk()] != ["multipart/alternative", "text/plain", "text/html"]:
        found.append(error("headers", "Content-Type", "Text und HTML fehlen.", "Text and HTML are missing."))
    found += _size(html)
    found += [Finding("accessibility", "error", "text/plain", text) for text in _left_out_of_text(html, plain)]
    return found


def _defects(message: EmailMessage, content: bytes) -> Iterator[Finding]:
    """Whatever the standard library could not read as it should be."""
    defects = [type(defect).__name__ for part in message.walk() for defect in part.defects]
    defects += [type(defect).__name__ for _, value in message.items() for defect in value.defects]
    for name in defects:
        yield error("headers", name, f"Die E-Mail ist fehlerhaft: {name}.", f"The mail is malformed: {name}.")
    if any(len(line) > LONGEST_LINE for line in content.splitlines()):
        yield error("headers", "", "Eine Zeile ist zu lang (RFC 5322).", "A line is too long (RFC 5322).")


def _headers(message: EmailMessage) -> Iterator[Finding]:
    for name, form in HEADERS.items():
        values = message.get_all(name, [])
        if len(values) != 1:
            yield error("headers", name, f"{name} muss einmal dastehen.", f"{name} has to be there once.")
        elif not form.fullmatch(str(values[0])):
            yield error("headers", name, f"{name} hat nicht die rechte Form.", f"{name} does not have the right form.")
    if not str(message.get("List-Unsubscribe", "")).startswith("<https://"):
        yield error(
            "installation",
            "List-Unsubscribe",
            "Abmelden mit einem Klick braucht eine https-Adresse (RFC 8058). Wer Lotse betreibt: LOTSE_BASE_URL.",
            "One-click unsubscribing needs an https address (RFC 8058). Those who run Lotse: LOTSE_BASE_URL.",
        )


def _size(html: str) -> Iterator[Finding]:
    size = len(html.encode())
    if size > MAX_HTML_BYTES:
        kilobytes = size // 1000
        yield error(
            "size",
            "",
            f"Die E-Mail hat {kilobytes} kB; ab {MAX_HTML_BYTES // 1000} kB schneiden Mailprogramme sie ab.",
            f"The mail has {kilobytes} kB; mail programs cut it off from {MAX_HTML_BYTES // 1000} kB on.",
        )


def _left_out_of_text(html: str, plain: str) -> Iterator[Text]:
    """Headings and links of the HTML part that the plain text lacks: who reads that part reads all."""
    words = _bare(plain)
    root = parse(html).root
    for heading in root.all("h1", "h2", "h3"):
        if _bare(heading.text()) not in words:
            yield Text(f"Im reinen Text fehlt „{heading.text()}“.", f"The plain text lacks “{heading.text()}”.")
    for target in dict.fromkeys(_targets(root)):
        if target not in plain:
            yield Text(f"Im reinen Text fehlt die Adresse {target}.", f"The plain text lacks the address {target}.")


def _bare(text: str) -> str:
    """Words without the marks of Markdown, in which the plain text keeps what is bold or a heading."""
    return " ".join(_MARKS.sub("", text).split())


def _targets(root: Element) -> Iterator[str]:
    return (link.attributes.get("href", "") for link in root.all("a"))


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
