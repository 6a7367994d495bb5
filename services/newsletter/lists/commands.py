"""Takes over subscribers from a list: checked row by row, stored in one transaction, each with the proof of consent.

Addresses that left, bounced or complained never come back this way: only their owners can, by signing up again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.db import Transaction
from infra.errors import FieldError, Invalid, Text
from infra.ids import new_id
from services.newsletter.directory import queries as directory
from services.newsletter.lists.domain import (
    DISTRICTS,
    EMAIL,
    NO_LANGUAGE,
    TOPICS,
    BadFile,
    Proof,
    Row,
    language_of,
    proof_of,
    rows_of,
)
from services.newsletter.lists.schemas import ListReport, ListRequest, RowReport, State
from services.newsletter.subscribers.domain import ACTIVE, CONFIRMED
from services.newsletter.subscribers.models import Consent, ConsentText, Subscriber, Suppression
from services.newsletter.subscribers.queries import hash_of, read_address

# As many parameters as every database takes in one statement.
_CHUNK = 500
IMPORT = "import"


@dataclass(frozen=True)
class Person:
    """A row that can be taken over."""

    line: int
    address: str
    address_hash: str
    language: str
    districts: list[str]
    topics: list[str]
    proof: Proof


@dataclass(frozen=True)
class _Names:
    """Slugs by slug and by name in small letters."""

    districts: dict[str, str]
    topics: dict[str, str]


@dataclass(frozen=True)
class ReadList:
    """A list as it was read: who can be taken over, and what is wrong with the others."""

    people: list[Person]
    wrong: list[RowReport]


async def read_list(content: str, language: str) -> ReadList:
    """Read a CSV file, aside from the loop that answers others; `language` is that of the problems.

    Raises Invalid when it cannot be read as a whole.
    """
    try:
        return await asyncio.to_thread(_read, content, await _names(), language)
    except BadFile as error:
        raise Invalid(fields=[FieldError("csv", error.text)]) from error


async def take_list(tx: Transaction, found: ReadList, request: ListRequest, by: str) -> ListReport:
    """Take over what was read, or say what would become of it; `by` is who does it.

    Wrong rows hold everything back unless they may be skipped. The same file again changes nothing.
    """
    people, wrong = found.people, found.wrong
    states = await _states(tx, people)
    fresh = [person for person in people if states[person.line] == "new"]
    taken = not request.dry_run and bool(fresh) and (request.skip_wrong or not wrong)
    if taken:
        await _store(tx, fresh, f"{request.name}, {by}", datetime.now(UTC))
    rows = wrong + [RowReport(person.line, person.address, states[person.line]) for person in people]
    return _report(sorted(rows, key=lambda row: row.line), taken=taken, dry_run=request.dry_run)


def _read(content: str, names: _Names, language: str) -> ReadList:
    now, found = datetime.now(UTC), ReadList([], [])
    for row in rows_of(content):
        person, problems = _person(row, names, now)
        if person is not None:
            found.people.append(person)
        else:
            said = [problem.get(language) for problem in problems]
            found.wrong.append(RowReport(row.line, row.cells.get(EMAIL, ""), "wrong", said))
    return found


def _person(row: Row, names: _Names, now: datetime) -> tuple[Person | None, list[Text]]:
    address, errors = read_address(row.cells.get(EMAIL, ""))
    language = language_of(row)
    proof, missing = proof_of(row, now)
    districts, no_districts = _slugs(row.list_of(DISTRICTS), names.districts)
    topics, no_topics = _slugs(row.list_of(TOPICS), names.topics)
    problems = [error.text for error in errors] + missing + no_districts + no_topics
    if language is None:
        problems.append(NO_LANGUAGE)
    if problems or language is None or proof is None:
        return None, problems
    return Person(row.line, address, hash_of(address), language, districts, topics, proof), []


def _slugs(wanted: Iterable[str], known: dict[str, str]) -> tuple[list[str], list[Text]]:
    found = [(name, known.get(name.lower())) for name in wanted]
    unknown = [directory.no_such(name) for name, slug in found if slug is None]
    return list(dict.fromkeys(slug for _name, slug in found if slug)), unknown


async def _names() -> _Names:
    regions = await directory.all_regions()
    german, english = await directory.topic_labels("de"), await directory.topic_labels("en")
    return _Names(_by_name(regions), _by_name(german) | _by_name(english))


def _by_name(names: dict[str, str]) -> dict[str, str]:
    return {name.lower(): slug for slug, name in names.items()} | {slug: slug for slug in names}


async def _states(tx: Transaction, people: Sequence[Person]) -> dict[int, State]:
    """What becomes of each row, by its line."""
    known, suppressed = set[str](), set[str]()
    for chunk in _chunks(people):
        hashes = [person.address_hash for person in chunk]
        active = await Subscriber.filter(address_hash__in=hashes, status=ACTIVE).using_db(tx.connection)
        gone = await Suppression.filter(address_hash__in=hashes).using_db(tx.connection)
        known.update(row.address_hash for row in active)
        suppressed.update(row.address_hash for row in gone)
    states: dict[int, State] = {}
    seen: set[str] = set()
    for person in people:
        states[person.line] = _state(person.address_hash, known, suppressed, seen)
        seen.add(person.address_hash)
    return states


def _state(address_hash: str, known: set[str], suppressed: set[str], seen: set[str]) -> State:
    if address_hash in seen:
        return "repeated"
    if address_hash in suppressed:
        return "suppressed"
    return "known" if address_hash in known else "new"


async def _store(tx: Transaction, people: Sequence[Person], note: str, now: datetime) -> None:
    """Subscribe them, with the line of the ledger that proves it; a sign-up that waited for confirming gives way."""
    texts = {_version(person.proof.text): person.proof.text for person in people}
    wordings = [ConsentText(version=version, text=text, kept_at=now) for version, text in texts.items()]
    await ConsentText.bulk_create(wordings, batch_size=_CHUNK, ignore_conflicts=True, using_db=tx.connection)
    for chunk in _chunks(people):
        hashes = [person.address_hash for person in chunk]
        await Subscriber.filter(address_hash__in=hashes).exclude(status=ACTIVE).using_db(tx.connection).delete()
        readers = [_subscriber(person) for person in chunk]
        await Subscriber.bulk_create(readers, using_db=tx.connection)
        lines = [_line(person, reader, note) for person, reader in zip(chunk, readers, strict=True)]
        await Consent.bulk_create(lines, using_db=tx.connection)


def _subscriber(person: Person) -> Subscriber:
    return Subscriber(
        id=new_id(),
        address=person.address,
        address_hash=person.address_hash,
        status=ACTIVE,
        language=person.language,
        districts=person.districts,
        topics=person.topics,
        asked_at=person.proof.at,
        confirmed_at=person.proof.at,
    )


def _line(person: Person, reader: Subscriber, note: str) -> Consent:
    return Consent(
        subscriber_id=reader.id,
        address_hash=person.address_hash,
        act=CONFIRMED,
        at=person.proof.at,
        way=IMPORT,
        text_version=_version(person.proof.text),
        language=person.language,
        note=f"{person.proof.source} [{note}]"[:400],
    )


def _version(text: str) -> str:
    """The name of a wording: the same words have the same one."""
    return f"{IMPORT}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _chunks(people: Sequence[Person]) -> Iterable[Sequence[Person]]:
    return (people[place : place + _CHUNK] for place in range(0, len(people), _CHUNK))


def _report(rows: list[RowReport], *, taken: bool, dry_run: bool) -> ListReport:
    count = Counter(row.state for row in rows)
    return ListReport(
        taken=taken,
        dry_run=dry_run,
        new=count["new"],
        known=count["known"],
        suppressed=count["suppressed"],
        repeated=count["repeated"],
        wrong=count["wrong"],
        rows=rows,
    )
