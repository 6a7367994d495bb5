"""The port: what search needs from an engine. One behaviour suite runs on every adapter.

An engine keeps documents and the number of the last change it has taken in (`position`); both become visible together.
What it knows besides (`learn`) helps it to understand queries and is not part of its documents.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.search.domain import Document, Reason, Request, Understood
from services.search.language.knowledge import Knowledge


@dataclass(frozen=True)
class Change:
    """A document in its new state, or None when it is gone."""

    id: str
    document: Document | None


@dataclass(frozen=True)
class Batch:
    """Changes that become visible together; afterwards the engine stands at `position`."""

    changes: Sequence[Change]
    position: int


@dataclass(frozen=True)
class Found:
    """One hit. `title_html` and `text_html` are escaped and have the matched words in `<mark>`.

    `reasons` say why it is there where the marks do not; `distance_km` is measured from the point of the request.
    """

    document: Document
    title_html: str
    text_html: str
    reasons: Sequence[Reason] = ()
    distance_km: float | None = None


@dataclass(frozen=True)
class Page:
    """One page of results, counted over all of them.

    `exact` of them meet every word, the others only some. `facets` maps each facet to its values and how many documents
    choosing that value would give. `next_offset` is None at the end; with `snapshot` the next page continues in the
    same state of the index where that is still there. `regions` are all regions understood, `places` what in the query
    named them.
    """

    hits: Sequence[Found]
    total: int
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    next_offset: int | None = None
    snapshot: int = 0
    corrections: Sequence[str] = ()
    regions: Sequence[str] = ()
    places: Sequence[Understood] = ()
    exact: int = 0


@dataclass(frozen=True)
class Completion:
    """A suggestion while typing."""

    text: str
    kind: str
    slug: str


@dataclass(frozen=True)
class EngineStats:
    """Documents that an audience can find, by kind."""

    documents: int
    kinds: dict[str, int]


class DamagedError(Exception):
    """The engine's data cannot be read or written; a rebuild from the table mends it."""


class AwayError(Exception):
    """The engine does not answer, or refuses to; its data may be well, and trying again later helps."""


Source = Callable[[int], AsyncIterator[Batch]]


class Engine(Protocol):
    """A search engine. All methods may be called while others run, `open` first and `close` last.

    All but `close` and `learn` raise DamagedError when the engine's data cannot be used, and AwayError when a server
    does not answer. Several processes may read what one of them writes; those that only read call `refresh` instead of
    `open`.
    """

    @property
    def name(self) -> str:
        """The adapter's name, for operators."""
        ...

    @property
    def position(self) -> int:
        """The last change that searches see, as far as this process knows; 0 for an empty engine."""
        ...

    @property
    def wants_rebuild(self) -> bool:
        """Whether a rebuild would make results better, since much was added after the last one."""
        ...

    async def open(self) -> None:
        """Make ready. Data that is missing, damaged or of another make is replaced by an empty engine."""
        ...

    async def close(self) -> None:
        """Let go of files, threads and connections."""
        ...

    async def refresh(self) -> None:
        """Notice what another process has written meanwhile."""
        ...

    async def examine(self) -> None:
        """Look at everything that may be damaged: DamagedError where something is."""
        ...

    async def learn(self, knowledge: Knowledge) -> None:
        """Use these regions, vocabularies and synonyms from now on."""
        ...

    async def apply(self, batch: Batch) -> None:
        """Take in changes; returns when searches see them. A batch that is not beyond `position` changes nothing."""
        ...

    async def search(self, request: Request) -> Page:
        """Find documents that the request's audience may see."""
        ...

    async def suggest(self, prefix: str, audience: frozenset[str], limit: int) -> list[Completion]:
        """Completions of what was typed so far."""
        ...

    async def stats(self, audience: frozenset[str]) -> EngineStats:
        """Count what an audience can find."""
        ...

    async def export(self) -> bytes:
        """All documents in one canonical form: equal content gives equal bytes, however it came in."""
        ...

    async def rebuild(self, source: Source) -> None:
        """Build everything anew beside the present state and swap; `source(n)` gives all changes after number n."""
        ...
