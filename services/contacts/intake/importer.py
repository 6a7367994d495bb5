"""Imports a bundle: everything is checked first, then written in one transaction with the events that tell it.

Running it again changes nothing. What people have edited on the platform since is theirs and left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.contracts.registry import Event
from infra.db import Transaction, transaction
from infra.ids import content_id, slugify
from infra.outbox import record_all
from infra.runtime.service import ImportReport, RowError
from services.contacts.entry import BUNDLE, Versioned
from services.contacts.intake.bundle import Bundle, read_bundle, values_of
from services.contacts.intake.files import FILES, Values
from services.contacts.intake.forms import Slugs
from services.contacts.intake.reader import Row
from services.contacts.offers.commands import facet_rows
from services.contacts.offers.models import Offer, OfferFacet
from services.contacts.places.models import Region
from services.contacts.places.queries import territory
from services.contacts.published import TABLES, Published, events_of
from services.contacts.vocabulary.models import Vocabulary
from services.contacts.vocabulary.queries import known_terms

BATCH = 200


@dataclass
class Changes:
    """What is to be written to one table."""

    model: type[Versioned]
    new: list[Versioned] = field(default_factory=list)
    changed: list[Versioned] = field(default_factory=list)
    unchanged: int = 0


async def import_bundle(directory: Path, dry_run: bool) -> ImportReport:
    """Import the bundle in `directory`, all or nothing; with `dry_run` only report what would be done."""
    report = ImportReport()
    bundle = read_bundle(directory)
    async with transaction("contacts") as tx:
        planned = await _plan(bundle)
        report.errors = sorted(bundle.errors, key=lambda error: (error.file, error.line))
        if report.errors:
            return report
        for changes in planned:
            report.created += len(changes.new)
            report.updated += len(changes.changed)
            report.unchanged += changes.unchanged
        if not dry_run:
            await _write(tx, planned)
    return report


async def _plan(bundle: Bundle) -> list[Changes]:
    """What each table needs; problems go to the bundle's errors."""
    known = await _known(bundle)
    planned = [await _plan_lists(bundle)]
    for file in FILES:
        rows = values_of(bundle, file, known)
        existing = {entry.slug: entry for entry in await file.model.all()}
        changes = Changes(file.model)
        for row, values in rows:
            values |= {"sort_key": slugify(values["name"], 120), "origin": BUNDLE}
            _sort(changes, existing.get(values["slug"]), values, row, bundle.errors)
        planned.append(changes)
    return planned


async def _plan_lists(bundle: Bundle) -> Changes:
    existing = {row.slug: row for row in await Vocabulary.all()}
    changes = Changes(Vocabulary)
    for name, values in bundle.lists.items():
        columns = {"id": content_id("vocabulary", name), "slug": name, "origin": BUNDLE, **values}
        _sort(changes, existing.get(name), columns, Row("vocabulary.json", 1, {}), bundle.errors)
    return changes


def _sort(changes: Changes, entry: Versioned | None, values: Values, row: Row, errors: list[RowError]) -> None:
    """Put one row where it belongs: new, changed, unchanged, or in the way of another entry."""
    if entry is None:
        changes.new.append(changes.model(**values))
    elif entry.id != values["id"]:
        errors.append(row.error(f"id: „{entry.slug}“ hat auf der Plattform schon ein anderer Eintrag"))
    elif entry.origin != BUNDLE or all(getattr(entry, name) == value for name, value in values.items()):
        changes.unchanged += 1
    else:
        entry.update_from_dict(values)
        entry.version += 1
        changes.changed.append(entry)


async def _known(bundle: Bundle) -> Slugs:
    """Everything that rows may refer to: what is in the bundle and what is there already."""
    entries: dict[str, set[str]] = bundle.slugs()
    for file in FILES:
        stored = await file.model.all().values_list("slug", flat=True)
        entries[file.kind] |= {str(slug) for slug in stored}
    stored_terms = await known_terms()
    lists = bundle.terms()
    terms = {name: stored_terms.get(name, frozenset()) | lists.get(name, set()) for name in {*stored_terms, *lists}}
    return Slugs(entries, terms)


async def _write(tx: Transaction, planned: Sequence[Changes]) -> None:
    """Write all tables, then the index of offers, then the events, which need the names of everything written."""
    for changes in planned:
        model: Any = changes.model
        await model.bulk_create(changes.new, batch_size=BATCH, using_db=tx.connection)
        for row in changes.changed:
            await row.save(using_db=tx.connection)
    written = {changes.model: [*changes.new, *changes.changed] for changes in planned}
    await _index(tx, written[Offer], moved=any(changes.changed for changes in planned if changes.model is Region))
    events: list[Event] = []
    for table in TABLES:
        events += await events_of(table, _public(table, written.get(table.model, [])))
    await record_all(tx, events)


def _public(table: Published, rows: list[Versioned]) -> list[Versioned]:
    return [row for row in rows if all(getattr(row, column) == value for column, value in table.where)]


async def _index(tx: Transaction, offers: Sequence[Versioned], *, moved: bool) -> None:
    """Index the offers that were written; all of them when regions have `moved`."""
    tree = await territory()
    rows = await Offer.filter(**({} if moved else {"id__in": [offer.id for offer in offers]}))
    await OfferFacet.filter(entry_id__in=[row.id for row in rows]).using_db(tx.connection).delete()
    index = [facet for row in rows for facet in facet_rows(row, tree)]
    await OfferFacet.bulk_create(index, batch_size=BATCH, using_db=tx.connection)
