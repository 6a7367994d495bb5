"""What a process holds of the index besides the connection: how compounds are split in it, its words, how far it got.

All of it is read from the index itself with the right to search, so that a process that only answers needs no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from services.search.domain import Document, texts_of
from services.search.engine import DamagedError
from services.search.language.analysis import Analyzer, surfaces
from services.search.language.lexicon import Lexicon
from services.search.meilisearch.documents import KEY, MAKE_KEY, STATE_KEY, Make, State
from services.search.meilisearch.filters import above, both, equal, exists
from services.search.meilisearch.server import Query, Result, Server

GROWTH, FIRST_DOCUMENTS = 2, 50


def counting(uid: str, condition: str, facets: Iterable[str] = ()) -> Query:
    """A query that only counts: all matches exactly, and the values of facets."""
    asked: Query = {"index_uid": uid, "filter": condition, "page": 1, "hits_per_page": 0}
    return asked | ({"facets": list(facets)} if facets else {})


def fetching(uid: str, condition: str, limit: int, offset: int = 0, **options: Any) -> Query:
    """A query for what documents carry."""
    asked: Query = {"index_uid": uid, "filter": condition, "limit": limit, "offset": offset}
    return asked | {"attributes_to_retrieve": ["body"]} | options


def fetching_and_counting(uid: str, condition: str, limit: int, **options: Any) -> Query:
    """A query for the first of what documents carry, and how many there are."""
    asked: Query = {"index_uid": uid, "filter": condition, "page": 1, "hits_per_page": limit}
    return asked | {"attributes_to_retrieve": ["body"]} | options


def state_query(uid: str) -> Query:
    """A query for the index's state."""
    return fetching(uid, equal(KEY, STATE_KEY), 1)


def read_state(result: Result) -> State:
    """The state in an answer. DamagedError: there is none, so this is no index of ours."""
    if not result.hits:
        raise DamagedError("the index has no state: it is being made, or somebody emptied it")
    return msgspec.convert(result.hits[0]["body"], State)


class Held:
    """One build of an index as this process knows it.

    `position` is the last change whose words are known too, `seen` the last that any search has come upon.
    """

    def __init__(self, make: Make, known: Iterable[str] = ()) -> None:
        self.make = make
        self.position = self.seen = 0
        self.documents = 0
        self.analyzer = Analyzer(make.constituents)
        self.lexicon = Lexicon()
        self.lexicon.learn(known)
        self.looked_until = -1
        self._words_until = 0

    @classmethod
    async def load(cls, server: Server, uid: str, known: Iterable[str]) -> Held:
        """Read how the index was built. DamagedError: it says nothing about that."""
        [found] = await server.search([fetching(uid, equal(KEY, MAKE_KEY), 1)])
        if not found.hits:
            raise DamagedError("the index does not say how it was built")
        return cls(msgspec.convert(found.hits[0]["body"], Make), known)

    @property
    def outgrown(self) -> bool:
        """Whether so much was added since the build that its list of constituents is out of date."""
        return self.documents > GROWTH * self.make.documents + FIRST_DOCUMENTS

    async def catch_up(self, server: Server, uid: str, state: State) -> None:
        """Count the documents, and learn the words of those that came after the last look."""
        everything = exists("audience")
        fresh = both(everything, above("position", self._words_until))
        counted, told = await server.search([counting(uid, everything), counting(uid, fresh, ["words"])])
        self.documents = counted.total_hits or 0
        self.lexicon.learn((told.facet_distribution or {}).get("words", {}))
        self._words_until = self.looked_until = state.position

    def took_in(self, position: int, documents: Iterable[Document]) -> None:
        """Note what this process has written itself."""
        self.lexicon.learn(found[0] for item in documents for text in texts_of(item) for found in surfaces(text))
        self._words_until = self.position = self.seen = position
