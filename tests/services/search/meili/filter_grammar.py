"""Meilisearch's filter language, as documented: parsed into a predicate over one entry.

Only what the adapter may use is known, so anything else in an expression is refused as the server would refuse it.
Values are compared as the server keeps them: decomposed, in small letters, without outer spaces.
https://www.meilisearch.com/docs/capabilities/filtering_sorting_faceting/advanced/filter_expression_syntax
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Any

Entry = Mapping[str, Any]
Predicate = Callable[[Entry], bool]
_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\[\\"])*)"|([A-Za-z_][\w.-]*)|(-?\d+(?:\.\d+)?)|(<=|>=|!=|=|<|>)|([()\[\],]))')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_KEYWORDS = frozenset(
    [
        "AND",
        "OR",
        "IN",
        "NOT",
        "TO",
        "EXISTS",
        "IS",
        "NULL",
        "EMPTY",
        "CONTAINS",
        "STARTS",
        "WITH",
        "_geoRadius",
        "_geoBoundingBox",
    ]
)
_RESERVED = ("_geo", "_geoPoint", "_geoDistance")
LONGEST_VALUE, DEEPEST = 468, 200
_LEVELS_OF_A_BRACKET = 4
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda held, asked: held < asked,
    "<=": lambda held, asked: held <= asked,
    ">": lambda held, asked: held > asked,
    ">=": lambda held, asked: held >= asked,
}


class FilterError(ValueError):
    """The expression does not follow the grammar."""


@dataclass
class Parsed:
    """An expression as a predicate, with the attributes it needs and those it compares by size."""

    holds: Predicate
    attributes: set[str] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)


def parse(expression: str) -> Parsed:
    """Parse one filter expression; the empty one holds for everything. FilterError: it is none."""
    if not expression.strip():
        return Parsed(lambda _entry: True)
    parser = _Parser(_tokens(expression))
    parsed = Parsed(parser.either(), parser.attributes, parser.compared)
    if parser.kind():
        raise FilterError(f"`{parser.tokens[parser.place][1]}` was not expected there")
    return parsed


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    place, text = 0, expression.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise FilterError(f"cannot read `{text[place : place + 30]}`")
        quoted, word, number, operator, sign = found.groups()
        if quoted is not None:
            tokens.append(("value", _ESCAPED.sub(r"\1", quoted)))
        else:
            tokens.append(
                ("word", word) if word else ("number", number) if number else (operator or sign, operator or sign)
            )
        place = found.end()
    return tokens


class _Parser:
    """Recursive descent: OR over AND over NOT over conditions and brackets."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.place = 0
        self.attributes: set[str] = set()
        self.compared: set[str] = set()
        self.depth = 0

    def kind(self, ahead: int = 0) -> str:
        there = self.place + ahead
        return self.tokens[there][0] if there < len(self.tokens) else ""

    def word(self) -> str:
        return self.tokens[self.place][1] if self.kind() == "word" else ""

    def take(self, *kinds: str) -> str:
        if self.kind() not in kinds:
            raise FilterError(f"expected {' or '.join(kinds)}, found `{self.tokens[self.place :][:1]}`")
        self.place += 1
        return self.tokens[self.place - 1][1]

    def either(self) -> Predicate:
        parts = [self.both()]
        while self.word() == "OR":
            self.place += 1
            parts.append(self.both())
        return lambda entry: any(part(entry) for part in parts)

    def both(self) -> Predicate:
        parts = [self.single()]
        while self.word() == "AND":
            self.place += 1
            parts.append(self.single())
        return lambda entry: all(part(entry) for part in parts)

    def single(self) -> Predicate:
        if self.word() == "NOT":
            self.place += 1
            inner = self.single()
            return lambda entry: not inner(entry)
        if self.kind() == "(":
            return self.bracketed()
        return self.around() if self.word() == "_geoRadius" else self.condition()

    def bracketed(self) -> Predicate:
        self.depth += _LEVELS_OF_A_BRACKET
        if self.depth > DEEPEST:
            raise FilterError("The filter exceeded the maximum depth limit.")
        self.place += 1
        inside = self.either()
        self.take(")")
        self.depth -= _LEVELS_OF_A_BRACKET
        return inside

    def around(self) -> Predicate:
        """`_geoRadius(latitude, longitude, metres)`"""
        self.place += 1
        self.attributes.add("_geo")
        numbers = [self.number("("), self.number(","), self.number(",")]
        self.take(")")
        lat, lng, metres = numbers
        if abs(lat) > 90 or abs(lng) > 180 or metres < 0 or metres != int(metres):
            raise FilterError(f"_geoRadius of {numbers} is nowhere on earth")
        return lambda entry: "_geo" in entry and _metres(lat, lng, entry["_geo"]) <= metres

    def number(self, before: str) -> float:
        self.take(before)
        return float(self.take("number"))

    def condition(self) -> Predicate:
        attribute = self.take("word")
        if attribute in _RESERVED or attribute in _KEYWORDS:
            raise FilterError(f"`{attribute}` is a reserved keyword and thus can't be used as a filter expression.")
        self.attributes.add(attribute)
        if self.word() == "EXISTS":
            self.place += 1
            return lambda entry: attribute in entry
        if self.word() == "IN":
            self.place += 1
            values = self.listed()
            return lambda entry: bool(_values(entry, attribute) & values)
        if self.word() == "IS":
            return self.emptiness(attribute)
        operator = self.take("=", "!=", *_COMPARISONS)
        if operator in _COMPARISONS:
            self.compared.add(attribute)
            number, compare = float(self.take("number")), _COMPARISONS[operator]
            return lambda entry: isinstance(entry.get(attribute), int) and compare(entry[attribute], number)
        value = self.value()
        equal = operator == "="
        return lambda entry: (value in _values(entry, attribute)) == equal

    def emptiness(self, attribute: str) -> Predicate:
        self.place += 1
        wanted = self.word() != "NOT"
        self.place += not wanted
        if self.take("word") != "EMPTY":
            raise FilterError("IS asks for EMPTY only")
        return lambda entry: (attribute in entry and entry[attribute] in ([], "", {})) == wanted

    def value(self) -> str:
        quoted = self.kind() == "value"
        value = self.take("value", "word", "number")
        if value in _KEYWORDS and not quoted:
            raise FilterError(f"`{value}` is a reserved keyword")
        if len(kept(value).encode()) > LONGEST_VALUE:
            raise FilterError(f"a value of {len(value)} letters is longer than a key of the store")
        return kept(value)

    def listed(self) -> set[str]:
        self.take("[")
        values = {self.value()}
        while self.kind() == ",":
            self.place += 1
            values.add(self.value())
        self.take("]")
        return values


def _values(entry: Entry, attribute: str) -> set[str]:
    held = entry.get(attribute)
    listed = held if isinstance(held, list) else [held]
    return {kept(str(value)) for value in listed if value is not None}


@lru_cache(maxsize=100_000)
def kept(value: str) -> str:
    """A value as the server keeps and compares it."""
    return unicodedata.normalize("NFKD", value.strip()).lower()


def _metres(lat: float, lng: float, point: Mapping[str, float]) -> float:
    up, aside = radians(point["lat"] - lat), radians(point["lng"] - lng)
    half = sin(up / 2) ** 2 + cos(radians(lat)) * cos(radians(point["lat"])) * sin(aside / 2) ** 2
    return 2 * 6_371_000 * asin(min(1.0, sqrt(half)))
