"""A bundle as read and checked: the values of every row, or what is wrong with it. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.ids import content_id
from infra.runtime.service import RowError
from services.contacts.intake.files import FILES, File, Values
from services.contacts.intake.forms import Form, Slugs, Unfit, record, term_slug, text, texts
from services.contacts.intake.reader import Row, read_lines, read_object
from services.contacts.vocabulary.queries import SYNONYMS

SOURCES = "sources.jsonl"
VOCABULARIES = ("vocabulary.json", "facets.json")
_TERM: dict[str, Form] = {"slug": term_slug, "de": text(200, required=True), "en": text(200), "synonyms": texts(200)}
_GROUP: dict[str, Form] = {"terms": texts(200)}
_NOTHING_KNOWN = Slugs({}, {})


@dataclass
class Bundle:
    """What a folder holds. `rows` by file, `lists` the columns of each vocabulary by its slug."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    lists: dict[str, Values] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)

    def slugs(self) -> dict[str, set[str]]:
        """The ids of all rows by kind of entry."""
        return {
            file.kind: {row.data["id"] for row in self.rows.get(file.name, ()) if isinstance(row.data.get("id"), str)}
            for file in FILES
        }

    def terms(self) -> dict[str, set[str]]:
        """The slugs of all lists."""
        return {name: {term["slug"] for term in values["terms"]} for name, values in self.lists.items()}


def read_bundle(directory: Path) -> Bundle:
    """Read all files of a bundle that are in `directory`. Files that are not part of one are left alone."""
    bundle = Bundle()
    names = [name for name in (*VOCABULARIES, *(file.name for file in FILES)) if (directory / name).is_file()]
    if not names:
        bundle.errors.append(RowError(directory.name, 0, "Im Ordner liegt keine Datei, die hierher gehört."))
    for name in names:
        if name in VOCABULARIES:
            _read_lists(bundle, read_object(directory / name))
        else:
            _read_rows(bundle, name, read_lines(directory / name))
    _find_doubles(bundle)
    return bundle


def values_of(bundle: Bundle, file: File, known: Slugs) -> list[tuple[Row, Values]]:
    """The columns of all rows of one file; what is wrong goes to the bundle's errors."""
    found: list[tuple[Row, Values]] = []
    for row in bundle.rows.get(file.name, ()):
        values, problems = _columns(file, row, known)
        bundle.errors += [row.error(problem) for problem in problems]
        if not problems:
            found.append((row, values))
    return found


def _columns(file: File, row: Row, known: Slugs) -> tuple[Values, list[str]]:
    problems = [f"{name}: dieses Feld gibt es nicht" for name in sorted(set(row.data) - set(file.fields))]
    values: Values = {}
    for name, (column, form) in file.fields.items():
        try:
            values[column] = form(row.data.get(name), known)
        except Unfit as problem:
            problems.append(f"{name}: {problem}")
    if problems:
        return {}, problems
    return {"id": content_id(file.kind, values["slug"]), **values, **file.derive(values)}, []


def _read_rows(bundle: Bundle, name: str, lines: Iterable[Row | RowError]) -> None:
    rows = bundle.rows.setdefault(name, [])
    for line in lines:
        if isinstance(line, RowError):
            bundle.errors.append(line)
        else:
            rows.append(line)


def _read_lists(bundle: Bundle, found: Row | RowError) -> None:
    if isinstance(found, RowError):
        bundle.errors.append(found)
        return
    for name, items in found.data.items():
        if name == "note":
            continue
        if name in bundle.lists:
            bundle.errors.append(found.error(f"{name}: diese Liste steht schon in einer anderen Datei"))
        try:
            bundle.lists[name] = _list_of(name, items)
        except Unfit as problem:
            bundle.errors.append(found.error(f"{name}: {problem}"))


def _list_of(name: str, items: Any) -> Values:
    if not isinstance(items, list):
        raise Unfit("ist keine Liste")
    form = record(_GROUP if name == SYNONYMS else _TERM)
    read = [_item(form, position, item) for position, item in enumerate(items, start=1)]
    if name == SYNONYMS:
        return {"terms": [], "groups": [item["terms"] for item in read]}
    slugs = [item["slug"] for item in read]
    doubles = sorted({value for value in slugs if slugs.count(value) > 1})
    if doubles:
        raise Unfit(f"doppelt: {', '.join(doubles)}")
    return {"terms": read, "groups": []}


def _item(form: Form, position: int, item: Any) -> Values:
    try:
        return dict(form(item, _NOTHING_KNOWN))
    except Unfit as problem:
        raise Unfit(f"Eintrag {position}: {problem}") from problem


def _find_doubles(bundle: Bundle) -> None:
    """Ids are unique over all files, since any entry may refer to any other by id alone.

    Sources are apart: the directory may list the same document that entries were taken from.
    """
    first: dict[tuple[bool, str], Row] = {}
    for row in (row for rows in bundle.rows.values() for row in rows):
        slug = row.data.get("id")
        if not isinstance(slug, str):
            continue
        other = first.setdefault((row.file == SOURCES, slug), row)
        if other is not row:
            message = f"id: „{slug[:80]}“ gibt es schon ({other.file}, Zeile {other.line})"
            bundle.errors.append(row.error(message))
