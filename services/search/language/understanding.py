"""What a query means: its words grouped to concepts, each with all wordings that would satisfy it, and its places.

The plan names no engine. An engine that understands synonyms and typing errors by itself may use only parts of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services.search.domain import Reason, Understood
from services.search.language.analysis import Analyzer, Word, is_stop_word, name_key, phrase, stem
from services.search.language.knowledge import LONGEST_PHRASE, Knowledge, Meaning, Tag
from services.search.language.lexicon import Lexicon, allowed_edits

LITERAL = 1.0
SYNONYM = 0.85
TAG = 0.6
PARTS = 0.7
CORRECTED = 0.8
MAX_CONCEPTS = 16
MAX_CORRECTIONS = 3

Exists = Callable[[str], bool]
Correction = tuple[int, int, str]


@dataclass(frozen=True)
class Wording:
    """One way to say it: all `stems` must occur. `words` are folded spellings that score extra in names.

    `reason` says how it came from what was typed, None if it is what was typed.
    """

    stems: tuple[str, ...]
    weight: float
    words: tuple[str, ...] = ()
    reason: Reason | None = None


@dataclass(frozen=True)
class Concept:
    """One thing the query asks for: any wording or tag satisfies it. `loose` also does when little else is found."""

    wordings: tuple[Wording, ...]
    tags: tuple[Tag, ...] = ()
    regions: tuple[str, ...] = ()
    loose: tuple[Wording, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A whole query. `name` is all of it in folded spelling, to find things by their exact name."""

    concepts: tuple[Concept, ...] = ()
    name: str = ""
    stems: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    places: tuple[Understood, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """All regions understood, in the order of the query."""
        return tuple(dict.fromkeys(slug for concept in self.concepts for slug in concept.regions))


class Interpreter:
    """Turns queries into plans with what is known at the moment.

    `exists(stem)` tells whether the asking person can find any document with this stem: corrections must not betray
    words of documents that are hidden.
    """

    def __init__(self, analyzer: Analyzer, knowledge: Knowledge, lexicon: Lexicon, exists: Exists) -> None:
        self._analyzer = analyzer
        self._knowledge = knowledge
        self._lexicon = lexicon
        self._exists = exists

    def plan(self, q: str) -> Plan:
        """The plan of a query; without concepts when it has no words."""
        everything = self._analyzer.words(q)
        words = [word for word in everything if not is_stop_word(word.text)] or everything
        corrections: list[Correction] = []
        concepts: list[Concept] = []
        place = 0
        while place < len(words) and len(concepts) < MAX_CONCEPTS:
            group, meaning = self._longest(words[place:])
            concept = self._concept(group, meaning)
            if len(group) == 1:
                concept = self._with_neighbours(concept, words, place)
                concept = self._corrected(concept, group[0], meaning, corrections)
            concepts.append(concept)
            place += len(group)
        return Plan(
            tuple(concepts),
            name_key(q),
            tuple(word.stem for word in words),
            (_replaced(q, corrections),) if corrections else (),
        )

    def _longest(self, words: Sequence[Word]) -> tuple[Sequence[Word], Meaning | None]:
        """The longest phrase at the beginning of `words` that means something, else the first word."""
        for length in range(min(LONGEST_PHRASE, len(words)), 1, -1):
            meaning = self._knowledge.meaning(tuple(word.stem for word in words[:length]))
            if meaning is not None:
                return words[:length], meaning
        return words[:1], self._knowledge.meaning((words[0].stem,))

    def _concept(self, group: Sequence[Word], meaning: Meaning | None) -> Concept:
        stems = tuple(word.stem for word in group)
        wordings = [Wording(stems, LITERAL, tuple(word.folded for word in group))]
        loose: list[Wording] = []
        for word in group if len(group) == 1 else ():
            halves = self._analyzer.halves(word.text)
            if halves:
                wordings.append(Wording(halves, PARTS))
                loose += [Wording((half,), PARTS / 2) for half in halves]
        if meaning is None:
            return Concept(tuple(wordings), self._tags_of(loose), loose=tuple(loose))
        wordings += [Wording(phrase(text), SYNONYM) for text in meaning.wordings]
        return Concept(tuple(wordings), tuple(meaning.tags), tuple(meaning.regions), tuple(loose))

    def _tags_of(self, halves: Sequence[Wording]) -> tuple[Tag, ...]:
        """The facet values that the parts of a compound stand for."""
        meanings = [self._knowledge.meaning(half.stems) for half in halves]
        return tuple(dict.fromkeys(replace(tag, weight=PARTS) for found in meanings if found for tag in found.tags))

    def _with_neighbours(self, concept: Concept, words: Sequence[Word], place: int) -> Concept:
        """Words that people write apart may stand joined in the documents."""
        joined = [
            one.folded + other.folded
            for one, other in zip(words[max(0, place - 1) : place + 1], words[place : place + 2], strict=False)
            if one is not other and one.folded + other.folded in self._lexicon
        ]
        added = tuple(Wording((stem(self._lexicon.shown(word)),), SYNONYM) for word in joined)
        return replace(concept, wordings=concept.wordings + added)

    def _corrected(
        self, concept: Concept, word: Word, meaning: Meaning | None, corrections: list[Correction]
    ) -> Concept:
        if meaning is not None or self._exists(word.stem) or not allowed_edits(word.folded):
            return concept
        near = [
            (found, edits)
            for found, edits in self._lexicon.near(word.folded)
            if found != word.folded and (self._exists(stem(self._lexicon.shown(found))) or self._means(found))
        ]
        if not near:
            return concept
        best = near[0][1]
        chosen = [(self._lexicon.shown(found), edits) for found, edits in near if edits <= best + 1][:MAX_CORRECTIONS]
        if not word.parts:
            corrections.append((word.start, word.end, chosen[0][0]))
        found_concepts = [self._as_correction(text, edits - best) for text, edits in chosen]
        return Concept(
            concept.wordings + tuple(wording for other in found_concepts for wording in other.wordings),
            tuple(dict.fromkeys(tag for other in found_concepts for tag in other.tags)),
            tuple(dict.fromkeys(slug for other in found_concepts[:1] for slug in other.regions)),
            concept.loose + tuple(wording for other in found_concepts for wording in other.loose),
        )

    def _as_correction(self, text: str, further: int) -> Concept:
        """The concept of a corrected word, weaker than if it had been typed."""
        words = self._analyzer.words(text)
        concept = self._concept(words, self._knowledge.meaning(tuple(word.stem for word in words)))
        weaker = CORRECTED / (1 + further)
        return replace(
            concept,
            wordings=tuple(replace(item, weight=item.weight * weaker, words=()) for item in concept.wordings),
            tags=concept.tags if not further else (),
        )

    def _means(self, folded: str) -> bool:
        return self._knowledge.meaning((stem(self._lexicon.shown(folded)),)) is not None


def _replaced(q: str, corrections: Sequence[Correction]) -> str:
    """The query with its misspelt words replaced."""
    for start, end, right in sorted(corrections, reverse=True):
        q = q[:start] + right + q[end:]
    return q
