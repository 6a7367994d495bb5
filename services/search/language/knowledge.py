"""What is known besides the documents: regions, vocabularies with synonyms, abbreviations. Told by events.

It turns phrases of a query into meanings: other wordings, facet values, or a place. Phrases are compared by their
stems without stop words, so every form of a word is recognised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from infra.contracts.contacts import Term
from infra.contracts.territory import Territory
from services.search.domain import Circle, Document, Point, Understood
from services.search.language.analysis import (
    Word,
    english_key,
    english_stem,
    fold,
    name_key,
    phrase,
    surfaces,
    telling_words,
)
from services.search.language.gazetteer import shipped
from services.search.language.geography import Band, Geography
from services.search.language.meanings import Meaning, Tag
from services.search.language.naming import halves_of, parts_of_name, place_names
from services.search.language.vocabulary import ENGLISH_WORDS, EVERYDAY_WORDS
from services.search.language.words import ARTICLE_KINDS, OTHER_PLACE_NAMES

FIELDS_OF_LISTS = {
    "topics": "topic",
    "target_groups": "target_group",
    "stages": "stage",
    "offer_kinds": "category",
    "organisation_kinds": "category",
    "organisation_subkinds": "category",
    "network_kinds": "category",
    "document_kinds": "category",
    "event_kinds": "category",
    "formats": "format",
    "article_kinds": "category",
    "languages": "language",
}
GERMAN = "de"  # nearly everything is offered in German, and who looks for “Deutsch” means to learn it
KIND_LABELS = {
    "offer": ("Angebot", "Offer"),
    "event": ("Veranstaltung", "Termin", "Event"),
    "organisation": ("Organisation", "Organisation"),
    "contact_point": ("Ansprechstelle", "Contact point"),
    "network": ("Netzwerk", "Network"),
    "state_profile": ("Länderprofil", "Ländersteckbrief", "State profile"),
    "document": ("Dokument", "Document"),
    "glossary_term": ("Glossar", "Glossary"),
    "topic": ("Forum", "Thema", "Discussion"),
    "issue": ("Newsletter", "Newsletter"),
    "article": ("Artikel", "Beitrag", "Article"),
}
LARGER = ("bund", "land")
CITY = "kreisfreie-stadt"
LONGEST_PHRASE = 6
OTHER_WORD = 0.7
Key = tuple[str, ...]


@dataclass(frozen=True)
class RegionFacts:
    """A region as search needs it; `kind` is `bund`, `land` or one of the districts' kinds."""

    slug: str
    name: str
    name_full: str = ""
    kind: str = ""
    parent: str = ""
    lat: float | None = None
    lon: float | None = None

    @property
    def centre(self) -> Point | None:
        """Where it lies, None where that was not told."""
        return None if self.lat is None or self.lon is None else Point(self.lat, self.lon)


class Knowledge:
    """Regions, vocabularies and synonyms, ready to be asked. Built anew when one of them changes."""

    def __init__(
        self,
        regions: Iterable[RegionFacts] = (),
        vocabularies: Mapping[str, Sequence[Term]] | None = None,
        synonyms: Iterable[Sequence[str]] = (),
    ) -> None:
        self.regions = {region.slug: region for region in regions}
        self.territory = Territory({region.slug: region.parent for region in self.regions.values()})
        self.geography = Geography(
            self.territory,
            [slug for slug, region in self.regions.items() if region.kind not in LARGER],
            {slug: region.centre for slug, region in self.regions.items() if region.centre},
        )
        self.vocabularies = {**(vocabularies or {}), "article_kinds": ARTICLE_KINDS}
        self._concerning: dict[str, frozenset[str]] = {}
        self._meanings: dict[Key, Meaning] = {}
        self._names: dict[str, str] = {}
        self._places: dict[str, dict[str, None]] = {}
        for group in synonyms:
            self._add_synonyms(group)
        for typed, meant in EVERYDAY_WORDS.items():
            self._meaning(typed).wordings.update(dict.fromkeys(meant))
        for listed, terms in self.vocabularies.items():
            self._add_terms(FIELDS_OF_LISTS.get(listed, ""), terms)
        for kind, labels in KIND_LABELS.items():
            for label in labels:
                self._meaning(label).tags[Tag("kind", kind)] = None
        self._add_regions()
        for typed, meant in EVERYDAY_WORDS.items():
            self._take_over(self._meaning(typed), meant)
        self._english = {english_key(typed): self._in_german(typed, meant) for typed, meant in ENGLISH_WORDS.items()}

    def meaning(self, stems: Key) -> Meaning | None:
        """What the phrase with these stems means, or None."""
        return self._meanings.get(stems)

    def meant(self, words: Sequence[Word]) -> Meaning | None:
        """What words of a query mean together, or None: as German, where a region must be spelt like its name (Bord is
        not Börde), and as English."""
        found = self._meanings.get(tuple(word.stem for word in words))
        if found and found.regions and not found.names(" ".join(word.folded for word in words)):
            found = replace(found, regions={})
        english = self._english.get(tuple(english_stem(word.folded) for word in words))
        if not found or not english:
            return found or english or None
        return replace(found, wordings=found.wordings | english.wordings, tags=english.tags | found.tags)

    def concerning(self, slug: str) -> frozenset[str]:
        """The regions whose entries concern `slug`, itself included: the rule of `territory`, remembered."""
        known = self._concerning.get(slug)
        if known is None:
            known = self._concerning[slug] = frozenset(self.territory.concerning(slug))
        return known

    def is_region(self, key: str) -> bool:
        """Whether a `name_key` is the name of a region."""
        return key in self._places

    def is_district(self, slug: str) -> bool:
        """Whether a region is known and not a Land or the federation."""
        return slug in self.regions and self.regions[slug].kind not in LARGER

    def understood(self, typed: str, slug: str) -> Understood:
        """A known region as a place that was recognised in `typed`."""
        return Understood(typed, self.regions[slug].name, slug, self._centre(slug))

    def all_understood(self, typed: str, slugs: Iterable[str]) -> tuple[Understood, ...]:
        """Known regions that `typed` names; of those with one name, as Berlin and its only district, the city."""
        found: dict[str, Understood] = {}
        for slug in sorted(slugs, key=self._is_no_city):
            found.setdefault(self.regions[slug].name, self.understood(typed, slug))
        return tuple(found.values())

    def touched(self, circle: Circle) -> frozenset[str]:
        """The districts with a postal place in the circle or holding its centre, and everything above them."""
        return self.geography.touched(circle)

    def bands(self, point: Point) -> Sequence[Band]:
        """Districts by distance, as (up to so many km, slugs), the nearest first; then the Land around the point, then
        the federation."""
        return self.geography.bands(point)

    def point_of(self, document: Document) -> Point | None:
        """A document's own place, else the centre of its first district; None where it concerns larger regions."""
        return self.geography.point_of(document)

    def places_named(self, text: str) -> list[Understood]:
        """What a postal code, the name or slug of a region, or the name of a place stands for, the likeliest first.

        Regions come with their centre, a Land and the federation too; empty for what is none of these. A city comes
        before the district or Land of the same name: “Leipzig” is the city.
        """
        region = self.regions.get(text)
        key = name_key(text)
        slugs = [region.slug] if region else sorted(self._places.get(key, ()), key=self._is_no_city)
        found = [self.understood(text, slug) for slug in slugs]
        spot = shipped().code(key)
        spots = [*([spot] if spot else []), *shipped().named(key)]
        found += [
            Understood(text, item.name or self.regions[item.region].name, item.region, item.point)
            for item in spots
            if item.region in self.regions and item.region not in slugs
        ]
        return found

    def _is_no_city(self, slug: str) -> bool:
        return self.regions[slug].kind != CITY

    @cached_property
    def known_values(self) -> Mapping[str, frozenset[str]]:
        """The values each facet can have, as far as vocabularies and regions are known."""
        return {
            "district": frozenset(self.regions),
            "stage": self._slugs("stages"),
            "target_group": self._slugs("target_groups"),
            "topic": self._slugs("topics"),
            "format": self._slugs("formats"),
        }

    def words(self) -> set[str]:
        """All words of labels, synonyms and places as they are written."""
        return set(self._names.values())

    def region_name(self, slug: str) -> str:
        """The region's name, "" when it is unknown."""
        region = self.regions.get(slug)
        return region.name if region else ""

    def label(self, tag: Tag, language: str) -> str:
        """What a facet value is called in a language."""
        if tag.field == "kind":
            labels = KIND_LABELS.get(tag.value, (tag.value,))
            return labels[-1] if language == "en" else labels[0]
        lists = (self.vocabularies.get(listed, ()) for listed, name in FIELDS_OF_LISTS.items() if name == tag.field)
        found = next((term for terms in lists for term in terms if term.slug == tag.value), None)
        return tag.value if found is None else (found.en if language == "en" else "") or found.de

    def labels(self) -> Iterable[tuple[str, str, str]]:
        """Labels to suggest, as (list, slug, label)."""
        for listed in ("topics", "target_groups", "stages"):
            for term in self.vocabularies.get(listed, ()):
                yield from ((listed, term.slug, label) for label in (term.de, term.en))

    def _centre(self, slug: str) -> Point | None:
        return self.geography.centre(slug) or self.regions[slug].centre

    def _slugs(self, listed: str) -> frozenset[str]:
        return frozenset(term.slug for term in self.vocabularies.get(listed, ()))

    def _meaning(self, text: str) -> Meaning:
        self._note_words(text)
        meaning = self._meanings.setdefault(phrase(text), Meaning())
        meaning.spellings.add(" ".join(telling_words(text)))
        return meaning

    def _note_words(self, text: str) -> None:
        for found in surfaces(text):
            self._names.setdefault(fold(found[0]), found[0])

    def _in_german(self, english: str, wordings: Sequence[str]) -> Meaning:
        self._note_words(english)
        meaning = Meaning(dict.fromkeys(wordings))
        self._take_over(meaning, wordings)
        return meaning

    def _add_synonyms(self, group: Sequence[str]) -> None:
        for wording in group:
            if phrase(wording):
                self._meaning(wording).wordings.update(dict.fromkeys(other for other in group if other != wording))

    def _add_terms(self, name: str, terms: Sequence[Term]) -> None:
        """Labels of both languages mean one another and the facet value; a synonym means the label and the value."""
        for term in terms:
            labels = [label for label in (term.de, term.en) if label]
            if not name or not labels or (name, term.slug) == ("language", GERMAN):
                continue
            for wording in (*labels, *term.synonyms):
                meaning = self._meaning(wording)
                meaning.tags[Tag(name, term.slug)] = None
                meaning.wordings.update(dict.fromkeys(label for label in labels if label != wording))
            for label in labels:
                for half in halves_of(label):
                    self._meaning(half).tags[Tag(name, term.slug)] = None

    def _add_regions(self) -> None:
        for region in self.regions.values():
            for name in place_names(region.name, region.name_full):
                self._name_place(name, region.slug)
        named = {region.name for region in self.regions.values()}
        for region in self.regions.values():
            for part in parts_of_name(region.name, region.kind):
                if part not in named:
                    self._name_place(part, region.slug)
        for name, slug in OTHER_PLACE_NAMES.items():
            if slug in self.regions:
                self._name_place(name.title(), slug)
        for meaning in list(self._meanings.values()):
            others = [self._meanings.get(phrase(wording)) for wording in meaning.wordings]
            meaning.regions.update({slug: None for other in others if other for slug in other.regions})

    def _take_over(self, meaning: Meaning, wordings: Iterable[str]) -> None:
        """What other words stand for, a little less surely."""
        others = filter(None, (self._meanings.get(phrase(wording)) for wording in wordings))
        for tag in [tag for other in others for tag in other.tags]:
            if not any(known.value == tag.value and known.field == tag.field for known in meaning.tags):
                meaning.tags[replace(tag, weight=tag.weight * OTHER_WORD)] = None

    def _name_place(self, name: str, slug: str) -> None:
        self._meaning(name).regions[slug] = None
        self._places.setdefault(name_key(name), {})[slug] = None
