"""Filter expressions: the one place where values become part of Meilisearch's filter language.

Every value is quoted here, with quotes and backslashes escaped, so that nothing a value contains can become an
operator. Expressions are joined only by these functions, each in brackets of its own.

Grammar: https://www.meilisearch.com/docs/capabilities/filtering_sorting_faceting/advanced/filter_expression_syntax
"""

from __future__ import annotations

from collections.abc import Iterable

NOTHING = 'key = ""'
"""Matches no document, since every document has a key."""


def quoted(value: str) -> str:
    """A value as a quoted string of the filter language."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def equal(attribute: str, value: str) -> str:
    """The attribute has this value (or has it among others)."""
    return f"{attribute} = {quoted(value)}"


def among(attribute: str, values: Iterable[str]) -> str:
    """The attribute has at least one of these values; without values nothing matches."""
    listed = list(dict.fromkeys(values))
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


def exists(attribute: str) -> str:
    """The document has the attribute."""
    return f"{attribute} EXISTS"


def not_empty(attribute: str) -> str:
    """The attribute, a list, has any value."""
    return f"{attribute} IS NOT EMPTY"


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
