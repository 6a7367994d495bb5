"""Made-up documents of the length, with the words and facets, that a directory of the whole country would have.

A text speaks of its own things: most of its words come from three entries of the shipped content, the others from all
of it. (Drawn from all of it alone, "Fachkräfte" would stand in three of four documents; it is one of eight in the
content, and two of five here.) One word in thirty is a new compound of two nouns, as German makes them, so that the
vocabulary grows with the content. The same seed gives the same documents.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from bench.content import CONTENT
from infra.contracts.contacts import OfferPublished
from infra.db import transaction
from services.search.domain import Document
from services.search.models import CHANGES, Counter, SearchDocument

WORDS = 150
NEW_WORD = 1 / 30
ENTRIES, OF_ALL = 3, 1 / 8
KINDS = {"offer": 50, "organisation": 20, "contact_point": 12, "event": 8, "topic": 6, "document": 4}
LANGUAGES = ("ar", "de", "en", "fa", "fr", "pl", "ru", "tr", "uk")
PROVIDERS = 2_000
BATCH = 1_000
_SCATTER = 0.2  # degrees around a district's centre
_Place = tuple[str, float, float]


class Corpus:
    """Makes documents; another `seed` makes others of the same kind."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        texts = [item["description"] for name in ("offers", "organisations", "networks") for item in _items(name)]
        self._entries = [re.findall(r"[\w-]+", text) for text in texts if text]
        self._words = [word for entry in self._entries for word in entry]
        self._nouns: list[str] = sorted(
            {word for word in self._words if word.isalpha() and word[0].isupper() and len(word) > 3}
        )
        regions = _items("regions")
        self._places: list[_Place] = [(item["id"], item["lat"], item["lon"]) for item in regions if item["parent"]]
        self._federation: str = next(item["id"] for item in regions if not item["parent"])
        lists = msgspec.json.decode((CONTENT / "vocabulary.json").read_bytes())
        self._slugs = {name: [term["slug"] for term in lists[name]] for name in ("stages", "target_groups", "topics")}
        self._kinds: list[str] = [term["slug"] for term in lists["offer_kinds"]]
        self._providers = [f"{self._noun()} {self._noun()} e. V." for _ in range(PROVIDERS)]

    def documents(self) -> Iterator[Document]:
        """One document after the other, without end."""
        number = 0
        while True:
            yield self._document(number)
            number += 1

    def offer(self, identifier: str) -> OfferPublished:
        """An offer as contacts tells it."""
        text, title = self._text(WORDS), f"{self._compound()} {self._noun()}"
        return OfferPublished(
            id=identifier,
            version=1,
            slug=identifier,
            name=title,
            title=title,
            description=text,
            region=self._chance.choice(self._places)[0],
            provider_name=self._chance.choice(self._providers),
            stages=self._some("stages"),
            target_groups=self._some("target_groups"),
            topics=self._some("topics"),
        )

    def _document(self, number: int) -> Document:
        (kind,) = self._chance.choices(list(KINDS), list(KINDS.values()))
        text = self._text(WORDS)
        district, lat, lon = self._chance.choice(self._places)
        region = district if self._chance.random() > 0.05 else self._federation
        day = (self._chance.randint(2023, 2026), self._chance.randint(1, 12), self._chance.randint(1, 28))
        own_place = kind == "contact_point"
        return Document(
            id=f"made-{number}",
            kind=kind,
            slug=f"made-{number}",
            version=1,
            title=f"{self._compound()} {self._noun()} {number}",
            summary=text.split(".")[0],
            text=text,
            related=[self._chance.choice(self._providers)],
            category=self._chance.choice(self._kinds) if kind == "offer" else "",
            region=region,
            regions=[region],
            languages=self._chance.sample(LANGUAGES, self._chance.randint(0, 2)),
            date=f"{day[0]}-{day[1]:02}-{day[2]:02}",
            lat=self._near(lat) if own_place else None,
            lon=self._near(lon) if own_place else None,
            stages=self._some("stages"),
            target_groups=self._some("target_groups"),
            topics=self._some("topics"),
        )

    def _text(self, words: int) -> str:
        """Sentences of about that many words in all."""
        own = [word for entry in self._chance.sample(self._entries, ENTRIES) for word in entry]
        sentences: list[str] = []
        while words > 0:
            length = self._chance.randint(8, 16)
            chosen = [
                self._chance.choice(self._words if self._chance.random() < OF_ALL else own) for _ in range(length)
            ]
            if self._chance.random() < NEW_WORD * length:
                chosen[-1] = self._compound()
            sentence = " ".join(chosen)
            sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
            words -= length
        return " ".join(sentences)

    def _some(self, name: str) -> list[str]:
        return self._chance.sample(self._slugs[name], self._chance.randint(0, 2))

    def _noun(self) -> str:
        return self._chance.choice(self._nouns)

    def _compound(self) -> str:
        return self._noun() + self._noun().lower()

    def _near(self, degrees: float) -> float:
        return degrees + self._chance.uniform(-_SCATTER, _SCATTER)


async def fill(count: int) -> None:
    """Write `count` documents into the tables of search, as its handlers would; the indexer takes them from there."""
    documents = islice(Corpus().documents(), count)
    counter = await Counter.get_or_none(name=CHANGES)
    number = counter.value if counter else 0
    while batch := list(islice(documents, BATCH)):
        rows = [
            SearchDocument(
                id=document.id,
                kind=document.kind,
                version=document.version,
                sequence=number + place,
                data=msgspec.to_builtins(document),
            )
            for place, document in enumerate(batch, 1)
        ]
        number += len(batch)
        async with transaction("search") as tx:
            await SearchDocument.bulk_create(rows, using_db=tx.connection)
            await Counter.update_or_create(name=CHANGES, defaults={"value": number}, using_db=tx.connection)


def _items(name: str) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in (CONTENT / f"{name}.jsonl").read_bytes().splitlines()]
