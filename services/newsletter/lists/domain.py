"""What an imported list must say of each person: the columns, how a cell is read, and what is wrong with it.

A list is taken over only with the proof of each consent (Art. 7 (1) GDPR): when, how, and to which words.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from infra.errors import Text

EMAIL, LANGUAGE, DISTRICTS, TOPICS = "email", "language", "districts", "topics"
CONSENTED_AT, SOURCE, TEXT = "consented_at", "source", "text"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    EMAIL: ("email", "e-mail", "e-mail-adresse", "adresse"),
    LANGUAGE: ("language", "sprache"),
    DISTRICTS: ("districts", "landkreise", "regionen"),
    TOPICS: ("topics", "themen"),
    CONSENTED_AT: ("consented_at", "eingewilligt_am", "eingewilligt am"),
    SOURCE: ("source", "quelle", "weg"),
    TEXT: ("text", "einwilligungstext", "wortlaut"),
}
REQUIRED = (EMAIL, CONSENTED_AT, SOURCE, TEXT)
_GERMAN_HEADINGS = {EMAIL: "E-Mail", CONSENTED_AT: "Eingewilligt_am", SOURCE: "Quelle", TEXT: "Text"}
MOST_ROWS = 100_000
LONGEST_SOURCE = 200
LONGEST_TEXT = 5000
_LANGUAGES = {"": "de", "de": "de", "deutsch": "de", "german": "de", "en": "en", "englisch": "en", "english": "en"}
_ZONE = ZoneInfo("Europe/Berlin")
_FORMS = ("", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S")  # "" is ISO 8601

UNREADABLE = Text(
    "Die Datei ist kein lesbares CSV in UTF-8. Bitte speichern Sie sie als „CSV UTF-8“.",
    "The file is not readable CSV in UTF-8. Please save it as “CSV UTF-8”.",
)
TOO_LONG = Text(f"Die Datei hat mehr als {MOST_ROWS} Zeilen.", f"The file has more than {MOST_ROWS} rows.")
NO_TIME = Text(
    "Wann eingewilligt wurde, fehlt oder ist kein Zeitpunkt in der Vergangenheit (2024-05-31T10:00 oder 31.05.2024).",
    "When consent was given is missing or is no moment in the past (2024-05-31T10:00 or 31.05.2024).",
)
NO_SOURCE = Text(
    f"Wie und wo eingewilligt wurde, fehlt oder ist länger als {LONGEST_SOURCE} Zeichen.",
    f"How and where consent was given is missing or is longer than {LONGEST_SOURCE} characters.",
)
NO_TEXT = Text(
    f"Der genaue Text der Einwilligung fehlt oder ist länger als {LONGEST_TEXT} Zeichen.",
    f"The exact text of the consent is missing or is longer than {LONGEST_TEXT} characters.",
)
NO_LANGUAGE = Text("Diese Sprache gibt es nicht: de oder en.", "There is no such language: de or en.")


class BadFile(ValueError):
    """The file as a whole cannot be read; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class Row:
    """One person as the file has them. `line` is that in the file, from 1; cells are stripped."""

    line: int
    cells: Mapping[str, str]

    def list_of(self, column: str) -> list[str]:
        """What a cell lists, parted by | or commas."""
        return [part.strip() for part in self.cells.get(column, "").replace("|", ",").split(",") if part.strip()]


@dataclass(frozen=True)
class Proof:
    """When, how and to which words somebody agreed."""

    at: datetime
    source: str
    text: str


def rows_of(content: str) -> Iterator[Row]:
    """The rows of a file with a line of headings, parted by tabs (as copied from a spreadsheet), semicolons or commas.

    Raises BadFile.
    """
    if "\x00" in content:
        raise BadFile(UNREADABLE)
    text = content.removeprefix("\ufeff")  # the mark that spreadsheets put first
    heading = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=next((mark for mark in "\t;" if mark in heading), ","), strict=True
    )
    try:
        columns = _columns(next(reader, []))
        for number, cells in enumerate(reader):
            if number >= MOST_ROWS:
                raise BadFile(TOO_LONG)
            if any(cell.strip() for cell in cells):
                yield Row(reader.line_num, {name: cells[at].strip() for name, at in columns.items() if at < len(cells)})
    except csv.Error as error:
        raise BadFile(UNREADABLE) from error


def language_of(row: Row) -> str | None:
    """The language a person gets mails in, None when there is no such language."""
    return _LANGUAGES.get(row.cells.get(LANGUAGE, "").lower())


def proof_of(row: Row, now: datetime) -> tuple[Proof | None, list[Text]]:
    """The proof of a consent, or what is missing of it."""
    at = _moment(row.cells.get(CONSENTED_AT, ""))
    source, text = row.cells.get(SOURCE, ""), row.cells.get(TEXT, "")
    problems = []
    if at is None or at > now:
        problems.append(NO_TIME)
    if not 0 < len(source) <= LONGEST_SOURCE:
        problems.append(NO_SOURCE)
    if not 0 < len(text) <= LONGEST_TEXT:
        problems.append(NO_TEXT)
    return (None if at is None or problems else Proof(at, source, text)), problems


def _columns(headings: list[str]) -> dict[str, int]:
    """Where each column stands. Raises BadFile naming those that are missing."""
    names = [heading.strip().lower() for heading in headings]
    found = {
        column: place for column, spellings in COLUMNS.items() for place, name in enumerate(names) if name in spellings
    }
    missing = [column for column in REQUIRED if column not in found]
    if missing:
        german = ", ".join(_GERMAN_HEADINGS[column] for column in missing)
        english = ", ".join(missing)
        raise BadFile(
            Text(f"In der ersten Zeile fehlen Spalten: {german}.", f"The first line lacks columns: {english}.")
        )
    return found


def _moment(text: str) -> datetime | None:
    """A moment in ISO 8601 or as a German day; without a zone it is by the clock in Germany, as the lists are kept."""
    moment = next(filter(None, (_read(text, form) for form in _FORMS)), None)
    if moment is None:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=_ZONE)).astimezone(UTC)
    except OverflowError:  # before the first day there is
        return None


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form) if form else datetime.fromisoformat(text)
    except ValueError:
        return None
