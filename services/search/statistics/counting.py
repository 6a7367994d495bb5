"""Counting what is looked for, in memory: one addition per search, no person, no time of day.

Words that may name or reach somebody are never counted: with an @, with many digits, or too long for key words. What
is left is in small letters, without the place and without words that say nothing, so that many searches are one row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.search.language.analysis import is_stop_word, stem, surfaces
from services.search.language.knowledge import LONGEST_PHRASE, Knowledge

MOST_LETTERS = 80
ANY, WORDS = "any", "words"
THEMES = ("topic", "stage", "target_group", "language", "format")
_MANY_DIGITS = re.compile(r"\d(?:[\W_]*\d){5,}")  # a postal code has five, a number to call has more
Theme = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """What was looked for: `words` as `words_of` gives them, `region` a slug or "", `chosen` themes (facet, value)."""

    day: date
    language: str
    words: str
    region: str
    chosen: tuple[Theme, ...] = ()


@dataclass
class Count:
    """How often, and how often nothing was found."""

    searches: int = 0
    misses: int = 0


class Tally:
    """What was counted since it was last taken. Beyond `MOST` different things only what is known already is counted:
    whoever asks for random words must not fill the memory."""

    MOST = 5_000

    def __init__(self) -> None:
        self._counts: dict[Asked, Count] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, asked: Asked, searches: int, misses: int) -> None:
        """Count `asked` so many times."""
        count = self._counts.get(asked)
        if count is None:
            if len(self._counts) >= self.MOST:
                return
            count = self._counts[asked] = Count()
        count.searches += searches
        count.misses += misses

    def take(self) -> dict[Asked, Count]:
        """All that was counted; counting begins anew."""
        taken, self._counts = self._counts, {}
        return taken

    def give_back(self, taken: dict[Asked, Count]) -> None:
        """Count again what could not be written."""
        for asked, count in taken.items():
            self.add(asked, count.searches, count.misses)


def words_of(q: str, places: Iterable[str]) -> str:
    """The words of a query to be counted, less those that name `places`; "" where there are none, or none to keep."""
    plain = unicodedata.normalize("NFKC", q)  # digits and signs of other widths are the same to a person
    if "@" in plain or _MANY_DIGITS.search(plain):
        return ""
    for place in places:
        q = re.sub(rf"(?<!\w){re.escape(place)}(?!\w)", " ", q, flags=re.IGNORECASE)
    words = [found[0] for found in surfaces(q)]
    telling = [word for word in words if not is_stop_word(word)] or words
    text = " ".join(telling).lower()
    return text if len(text) <= MOST_LETTERS else ""


def themes_of(asked: Asked, knowledge: Knowledge) -> set[Theme]:
    """The topics, stages, target groups, languages and forms that were chosen or that the words name."""
    stems = [stem(word) for word in asked.words.split()]
    found = set(asked.chosen)
    place = 0
    while place < len(stems):
        length, themes = _longest(stems[place : place + LONGEST_PHRASE], knowledge)
        found |= themes
        place += length
    return found


def _longest(stems: Sequence[str], knowledge: Knowledge) -> tuple[int, set[Theme]]:
    """How many of the first `stems` mean something together, and which themes; one word may mean nothing."""
    for length in range(len(stems), 0, -1):
        meaning = knowledge.meaning(tuple(stems[:length]))
        if meaning is not None:
            return length, {(tag.field, tag.value) for tag in meaning.tags if tag.field in THEMES}
    return 1, set()
