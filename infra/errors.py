"""Errors that a person or a program outside may see.

Every error carries its text in German and in English, an HTTP status and a stable code, and where the
input was at fault the fields with what to do about each. `infra.web` turns them into
`application/problem+json`; pages show the same texts at the same fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Text:
    """One message in the two languages every person can choose."""

    de: str
    en: str

    def get(self, language: str) -> str:
        """The text in `language` ("en…" is English, everything else German)."""
        return self.en if language.lower().startswith("en") else self.de


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the input and how to mend it. `field` is a dotted path."""

    field: str
    text: Text


@dataclass(frozen=True)
class Trouble:
    """Why a server cannot be used and what to do. `passing`: it may be just starting, so waiting helps."""

    reason: Text
    cure: Text
    passing: bool = False


class LotseError(Exception):
    """Base of all errors that are answered, not logged as a fault of ours."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    default: ClassVar[Text] = Text(
        "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
        "That did not work. Please try again.",
    )

    def __init__(self, text: Text | None = None, fields: Sequence[FieldError] = ()) -> None:
        self.text = text or self.default
        self.fields = tuple(fields)
        super().__init__(self.text.en)


class Invalid(LotseError):
    """The input breaks a rule; `fields` says which and how to mend it."""

    status = 422
    code = "invalid"
    default = Text(
        "Bitte prüfen Sie die markierten Angaben.",
        "Please check the marked fields.",
    )


class Malformed(LotseError):
    """The input cannot be read at all (broken JSON, wrong content type)."""

    status = 400
    code = "malformed"
    default = Text(
        "Die Anfrage ist nicht lesbar. Erwartet wird gültiges JSON.",
        "The request cannot be read. Valid JSON is expected.",
    )


class TooLarge(LotseError):
    """The body is larger than this address takes."""

    status = 413
    code = "too-large"
    default = Text(
        "Die Anfrage ist zu groß. Bitte kürzen Sie den Inhalt.",
        "The request is too large. Please shorten the content.",
    )


class Unauthenticated(LotseError):
    """Nobody is signed in, or the sign-in is no longer valid."""

    status = 401
    code = "unauthenticated"
    default = Text("Bitte melden Sie sich an.", "Please sign in.")


class Forbidden(LotseError):
    """Signed in, but without the right for this."""

    status = 403
    code = "forbidden"
    default = Text(
        "Dafür fehlt Ihnen die Berechtigung. Wenden Sie sich an die Koordination Ihres Netzwerks.",
        "You do not have the right to do this. Please ask your network's coordinator.",
    )


class NotFound(LotseError):
    """There is no such thing, or the person may not know that there is."""

    status = 404
    code = "not-found"
    default = Text(
        "Das gibt es hier nicht (mehr). Die Suche hilft weiter.",
        "This does not exist (any more). Try the search.",
    )


class NotAllowed(LotseError):
    """The address exists, but takes other methods (the `Allow` header names them)."""

    status = 405
    code = "method-not-allowed"
    default = Text("Diese Adresse nimmt das nicht an.", "This address does not take that.")


class Conflict(LotseError):
    """The thing is in a state that does not allow this."""

    status = 409
    code = "conflict"
    default = Text(
        "Das passt nicht zum jetzigen Stand. Bitte laden Sie die Seite neu.",
        "This does not fit the current state. Please reload the page.",
    )


class Stale(LotseError):
    """Somebody else changed the thing since it was read (If-Match does not fit)."""

    status = 412
    code = "stale"
    default = Text(
        "Inzwischen hat jemand anderes diesen Eintrag geändert. Bitte laden Sie ihn neu und "
        "übertragen Sie Ihre Änderung.",
        "Somebody else has changed this entry meanwhile. Please reload it and apply your change again.",
    )


class PreconditionRequired(LotseError):
    """A change needs `If-Match` with the ETag that was read."""

    status = 428
    code = "precondition-required"
    default = Text(
        "Bitte senden Sie If-Match mit dem zuletzt gelesenen ETag.",
        "Please send If-Match with the ETag you read last.",
    )


class TooMany(LotseError):
    """The same sender asks too often."""

    status = 429
    code = "too-many"
    default = Text(
        "Zu viele Versuche. Bitte warten Sie eine Minute.",
        "Too many attempts. Please wait a minute.",
    )


class Unavailable(LotseError):
    """A part we depend on does not answer; trying again later helps."""

    status = 503
    code = "unavailable"
    default = Text(
        "Dieser Teil ist gerade nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.",
        "This part cannot be reached right now. Please try again in a moment.",
    )


class Retryable(Exception):
    """A handler or job could not finish for a passing reason and wants to be called again."""
