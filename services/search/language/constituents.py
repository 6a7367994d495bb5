"""What compounds may be made of: the nouns that stand in the texts.

A text is taken apart at its spaces first, since most of what stands between two of them was met before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain

from services.search.language.analysis import WORD, fold, is_stop_word
from services.search.language.remembered import Remembered

MOST_CONSTITUENTS = 20_000
REMEMBERED = 50_000
_ENDINGS = frozenset({"ende", "enden", "innen", "ungen", "heit", "keit", "schaft", "lich", "bare", "aussen", "unter"})


def constituents_of(texts: Iterable[str]) -> set[str]:
    """Folded nouns of `texts`: what compounds may be made of. Of very many those that stand in the most texts.

    German writes nouns with a capital, so capitals tell; very long words are compounds themselves.
    """
    nouns = Remembered(_nouns, REMEMBERED).__getitem__
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(set(chain.from_iterable(map(nouns, text.split()))))
    frequent = (word for word, _ in seen.most_common(MOST_CONSTITUENTS)) if len(seen) > MOST_CONSTITUENTS else seen
    return {fold(word) for word in frequent if not is_stop_word(word)} - _ENDINGS


def _nouns(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if 4 <= len(word) <= 16 and word.istitle()]
