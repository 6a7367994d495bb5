"""What a query means: its words grouped to concepts, each with all wordings that would satisfy it, and its places.

The plan names no engine. An engine that understands synonyms and typing errors by itself may use only parts of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from services.search.domain import Reason, Understood
from services.search.language.analysis import Analyzer, Word, fold, is_stop_word, name_key, phrase, stem
from services.search.language.knowledge import LONGEST_PHRASE, Knowledge
from services.search.language.lexicon import Lexicon, allowed_edits
from services.search.language.meanings import Meaning, Tag
from services.search.language.places import Place, PlaceFinder, after_marks, without_surroundings
from services.search.language.well_spelt import may_be_misspelt
from services.search.language.words import SLIGHT_PARTS

LITERAL = 1.0
SYNONYM = 0.85
TAG = 0.6
PARTS = 0.7
CORRECTED = 0.8
MAX_CONCEPTS = 16
MAX_CORRECTIONS = 3
MOST_OTHERS = 3
MOST_UNKNOWN = 6
LINKS = ("", "s", "n", "en")

Exists = Callable[[str], bool]
Correction = tuple[int, int, str]


@dataclass(frozen=True)
class Wording:
    """One way to say it: all `stems` must occur.

    `reason` says how it came from what was typed, None if it is what was typed.
    """

    stems: tuple[str, ...]
    weight: float
    reason: Reason | None = None


@dataclass(frozen=True)
class Concept:
    """One thing the query asks for: any wording or tag satisfies it. `loose` and `loose_tags` also do when little else
    is found.

    A concept with `regions` is a place; `places` say what was understood.
    """

    wordings: tuple[Wording, ...]
    tags: tuple[Tag, ...] = ()
    regions: tuple[str, ...] = ()
    loose: tuple[Wording, ...] = ()
    places: tuple[Understood, ...] = ()
    loose_tags: tuple[Tag, ...] = ()

    def tags_if(self, *, loose: bool) -> tuple[Tag, ...]:
        """The facet values that satisfy it, loosened or not."""
        return self.tags + self.loose_tags if loose else self.tags


@dataclass(frozen=True)
class Plan:
    """A whole query. `name` is all of it in folded spelling, to find things by their exact name."""

    concepts: tuple[Concept, ...] = ()
    name: str = ""
    stems: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """All regions understood, in the order of the query."""
        return tuple(dict.fromkeys(slug for concept in self.concepts for slug in concept.regions))

    @property
    def places(self) -> tuple[Understood, ...]:
        """What in the query named a place."""
        return tuple(place for concept in self.concepts for place in concept.places)


@dataclass
class _Draft:
    """What comes up while a query is read: where words begin that a word like “in” stands before, corrections, and how
    many unknown words will still be looked up, which takes milliseconds each."""

    marked: frozenset[int]
    unknown: int = MOST_UNKNOWN
    corrections: list[Correction] = field(default_factory=list)


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
        self._finder = PlaceFinder(knowledge)

    def plan(self, q: str) -> Plan:
        """The plan of a query; without concepts when it has no words."""
        everything = self._analyzer.words(q)
        draft = _Draft(after_marks(everything))
        concepts: list[Concept] = []
        for run in self._runs(everything):
            if isinstance(run, Place):
                concepts.append(self._place(run, everything))
            else:
                concepts += self._concepts(run, draft)
            if len(concepts) >= MAX_CONCEPTS:
                break
        if not concepts:
            concepts = self._concepts(everything, draft)
        return Plan(
            tuple(concepts[:MAX_CONCEPTS]),
            name_key(q),
            tuple(word.stem for word in _telling(everything) or everything),
            (_replaced(q, draft.corrections),) if draft.corrections else (),
        )

    def _runs(self, words: Sequence[Word]) -> Iterator[Place | Sequence[Word]]:
        """The places of a query and, between them, the words that tell something."""
        at = 0
        alone = len(words) == 1 and not self._exists(words[0].stem)
        for place in self._finder.find(words, alone=alone):
            yield _telling(without_surroundings(words[at : place.start]))
            yield place
            at = place.end
        yield _telling(words[at:])

    def _concepts(self, words: Sequence[Word], draft: _Draft) -> list[Concept]:
        """The concepts of words that stand together."""
        concepts: list[Concept] = []
        place = 0
        while place < len(words) and len(concepts) < MAX_CONCEPTS:
            group, meaning = self._longest(words[place:])
            concept = self._concept(group, meaning)
            if len(group) == 1:
                concept = self._with_neighbours(concept, words, place)
                concept = self._corrected(concept, group[0], meaning, draft)
            concepts.append(concept)
            place += len(group)
        return concepts

    def _longest(self, words: Sequence[Word]) -> tuple[Sequence[Word], Meaning | None]:
        """The longest phrase at the beginning of `words` that means something, else the first word."""
        for length in range(min(LONGEST_PHRASE, len(words)), 1, -1):
            meaning = self._knowledge.meant(words[:length])
            if meaning is not None:
                return words[:length], meaning
        return words[:1], self._knowledge.meant(words[:1])

    def _concept(self, group: Sequence[Word], meaning: Meaning | None) -> Concept:
        stems = tuple(word.stem for word in group)
        wordings = [Wording(stems, LITERAL)]
        loose: list[Wording] = []
        if len(group) == 1:
            together, loose = self._compound(group[0])
            wordings += together
        if meaning is None:
            return Concept(tuple(wordings), loose=tuple(loose), loose_tags=self._tags_of(loose))
        others = {phrase(text): text for text in reversed(meaning.wordings) if phrase(text) != stems}
        wordings += [Wording(key, SYNONYM, reason=Reason("synonym", text)) for key, text in reversed(others.items())]
        typed = " ".join(word.text for word in group)
        places = self._knowledge.all_understood(typed, meaning.regions)
        return Concept(tuple(wordings), tuple(meaning.tags), tuple(meaning.regions), tuple(loose), places)

    def _compound(self, word: Word) -> tuple[list[Wording], list[Wording]]:
        """The wordings with both parts of a compound; and loosely each part alone.

        One that nobody has written may be there in other words: Flüchtlingsberatung, Beratung für Geflüchtete.
        """
        halves = {stem(part): self._part_name(word, part) for part in self._analyzer.split(word.text)}
        if not halves:
            return [], []
        reason = Reason("compound", word.text)
        together = [Wording(tuple(halves), PARTS, reason=reason)]
        for half in () if self._exists(word.stem) else halves:
            for other in self._other_stems(half):
                stems = tuple(other if item == half else item for item in halves)
                together.append(Wording(stems, PARTS * SYNONYM, reason=reason))
        parts = [(half, name) for half, name in halves.items() if fold(name) not in SLIGHT_PARTS]
        alone = [Wording((half,), PARTS / 2, reason=Reason("compound", name)) for half, name in parts]
        return together, alone

    def _other_stems(self, stem_of_part: str) -> list[str]:
        """Single words that mean the same as a part of a compound."""
        meaning = self._knowledge.meaning((stem_of_part,))
        phrases = map(phrase, meaning.wordings) if meaning else ()
        return [stems[0] for stems in phrases if len(stems) == 1][:MOST_OTHERS]

    def _part_name(self, word: Word, part: str) -> str:
        """A part of a compound as a person would write it."""
        if part in self._lexicon:
            return self._lexicon.shown(part)
        at = word.folded.find(part) if len(word.folded) == len(word.text) else -1
        return (part if at < 0 else word.text[at : at + len(part)]).capitalize()

    def _place(self, place: Place, words: Sequence[Word]) -> Concept:
        """A place that is no region of the register: as it was typed, and as it is called."""
        typed = words[place.start : place.end]
        wordings = [Wording(tuple(word.stem for word in typed), LITERAL)]
        if place.name and phrase(place.name) != wordings[0].stems:
            wordings.append(Wording(phrase(place.name), SYNONYM))
        return Concept(tuple(wordings), regions=place.regions, places=(place.understood(words, self._knowledge),))

    def _tags_of(self, halves: Sequence[Wording]) -> tuple[Tag, ...]:
        """The facet values that the parts of a compound stand for."""
        meanings = [self._knowledge.meaning(half.stems) for half in halves]
        return tuple(dict.fromkeys(replace(tag, weight=PARTS) for found in meanings if found for tag in found.tags))

    def _with_neighbours(self, concept: Concept, words: Sequence[Word], place: int) -> Concept:
        """Words that people write apart may stand joined in the documents, with a linking letter or without."""
        pairs = zip(words[max(0, place - 1) : place + 1], words[place : place + 2], strict=False)
        tried = [one.folded + link + other.folded for one, other in pairs if one is not other for link in LINKS]
        joined = [self._lexicon.shown(word) for word in tried if word in self._lexicon]
        added = tuple(Wording((stem(word),), SYNONYM, reason=Reason("compound", word)) for word in joined)
        return replace(concept, wordings=concept.wordings + added)

    def _corrected(self, concept: Concept, word: Word, meaning: Meaning | None, draft: _Draft) -> Concept:
        if meaning is not None or not may_be_misspelt(word) or not draft.unknown or self._exists(word.stem):
            return concept
        draft.unknown -= 1
        near = [(found, edits) for found, edits in self._lexicon.near(word.folded) if self._can_be_meant(found, word)]
        edits = near[0][1] if near else allowed_edits(word.folded) + 1
        place = self._finder.corrected(word, edits, marked=word.start in draft.marked)
        if place is not None:
            draft.corrections.append((word.start, word.end, place.name))
            return self._place(place, [word])
        if not near:
            return concept
        best = near[0][1]
        chosen = [(self._lexicon.shown(found), edits) for found, edits in near if edits <= best + 1][:MAX_CORRECTIONS]
        if not word.parts:
            draft.corrections.append((word.start, word.end, chosen[0][0]))
        others = [self._as_correction(text, edits - best) for text, edits in chosen]
        return Concept(
            concept.wordings + tuple(wording for other in others for wording in other.wordings),
            tuple(dict.fromkeys(tag for other in others for tag in other.tags)),
            others[0].regions,
            concept.loose + tuple(wording for other in others for wording in other.loose),
            tuple(replace(place, text=word.text) for place in others[0].places),
            concept.loose_tags + others[0].loose_tags,
        )

    def _as_correction(self, text: str, further: int) -> Concept:
        """The concept of a corrected word, weaker than if it had been typed."""
        words = self._analyzer.words(text)
        concept = self._concept(words, self._knowledge.meant(words))
        weaker, reason = CORRECTED / (1 + further), Reason("correction", text)
        return replace(
            concept,
            wordings=tuple(replace(item, weight=item.weight * weaker, reason=reason) for item in concept.wordings),
            tags=concept.tags if not further else (),
        )

    def _can_be_meant(self, folded: str, word: Word) -> bool:
        """Whether a word of the lexicon leads the asking person to something: by itself, or by what it stands for."""
        if folded == word.folded:
            return False
        shown = self._lexicon.shown(folded)
        found = stem(shown)
        if self._exists(found):
            return True
        meaning = self._knowledge.meant(self._analyzer.words(shown))
        if meaning is None:
            return False
        return bool(meaning.tags or meaning.regions) or any(
            all(map(self._exists, phrase(wording))) for wording in meaning.wordings if phrase(wording) != (found,)
        )


def _telling(words: Sequence[Word]) -> list[Word]:
    return [word for word in words if not is_stop_word(word.text)]


def _replaced(q: str, corrections: Sequence[Correction]) -> str:
    """The query with its misspelt words replaced."""
    for start, end, right in sorted(corrections, reverse=True):
        q = q[:start] + right + q[end:]
    return q
