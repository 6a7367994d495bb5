"""Filter expressions: the one place where values become part of Meilisearch's filter language.

Every value is quoted here, with quotes and backslashes escaped, so that nothing a value contains can become an
operator. Expressions are joined only by these functions, each in brackets of its own. Values are compared without
regard to case and outer spaces, and one longer than the store's keys is in no document, so it is not asked for.

Grammar: https://www.meilisearch.com/docs/capabilities/filtering_sorting_faceting/advanced/filter_expression_syntax
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from services.search.domain import Circle

LONGEST_VALUE = 468
"""Bytes of a value that can be filtered by: https://www.meilisearch.com/docs/resources/help/known_limitations"""
NOTHING = 'key = ""'
"""Matches no document, since every document has a key."""


def quoted(value: str) -> str:
    """A value as a quoted string of the filter language."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def fits(value: str) -> bool:
    """Whether the value, as Meilisearch keeps it, is short enough to be filtered by."""
    return len(unicodedata.normalize("NFKD", value).lower().encode()) <= LONGEST_VALUE


def equal(attribute: str, value: str) -> str:
    """The attribute has this value (or has it among others)."""
    return f"{attribute} = {quoted(value)}" if fits(value) else NOTHING


def among(attribute: str, values: Iterable[str]) -> str:
    """The attribute has at least one of these values; without values nothing matches."""
    listed = list(dict.fromkeys(filter(fits, values)))
    if not listed:
        return NOTHING
    if len(listed) == 1:
        return equal(attribute, listed[0])
    return f"{attribute} IN [{', '.join(map(quoted, listed))}]"


def at_most(attribute: str, number: int) -> str:
    """The attribute is a number not above this one."""
    return f"{attribute} <= {number}"


def above(attribute: str, number: int) -> str:
    """The attribute is a number above this one."""
    return f"{attribute} > {number}"


def at_least(attribute: str, number: int) -> str:
    """The attribute is a number not below this one."""
    return f"{attribute} >= {number}"


def exists(attribute: str) -> str:
    """The document has the attribute."""
    return f"{attribute} EXISTS"


def not_empty(attribute: str) -> str:
    """The attribute, a list, has any value."""
    return f"{attribute} IS NOT EMPTY"


def inside(circle: Circle) -> str:
    """The document's own place lies in the circle."""
    return f"_geoRadius({circle.centre.lat:.6f}, {circle.centre.lon:.6f}, {round(circle.km * 1000)})"


def both(*expressions: str) -> str:
    """All hold; without expressions everything matches (the empty expression)."""
    return _joined(" AND ", [expression for expression in expressions if expression])


def either(*expressions: str) -> str:
    """At least one holds; without expressions nothing matches."""
    return _joined(" OR ", list(expressions) or [NOTHING])


def without(expression: str) -> str:
    """The expression does not hold."""
    return f"NOT ({expression})"


def _joined(operator: str, expressions: list[str]) -> str:
    distinct = list(dict.fromkeys(expressions))
    if len(distinct) < 2:
        return "".join(distinct)
    return operator.join(f"({expression})" for expression in distinct)
