"""Sending what a form holds to a service: what the person can mend goes back to the form, the rest is an error page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway import limits
from gateway.problems import Refused, from_error
from gateway.visit import Visit
from infra.errors import TooMany

VERSION_FIELD = "version"
_STALE = 412


@dataclass(frozen=True)
class Outcome:
    """How it went: `done` with the service's answer in `value`, or refused; `stale`: somebody else was faster."""

    done: bool
    value: Any = None
    stale: bool = False


async def attempt(
    visit: Visit,
    service: str,
    method: str,
    path: str,
    body: Any = None,
    *,
    field_name: Callable[[str], str] | None = None,
) -> Outcome:
    """Ask `service`; when it refuses what can be mended, `visit.form` says what.

    A form with a field "version" only changes what it was filled with. `field_name` gives the form's field for a
    dotted path of the body, where they differ.

    Raises:
        Refused: nothing that the form could mend.
    """
    version = visit.form.text(VERSION_FIELD)
    headers = {"if-match": f'"{version}"'} if version else None
    try:
        answer = await visit.ask(service, method, path, body=body, headers=headers)
    except Refused as problem:
        if not problem.correctable:
            raise
        visit.form.refuse(problem, field_name)
        return Outcome(done=False, stale=problem.status == _STALE)
    return Outcome(done=True, value=answer.json())


async def within(visit: Visit, rate: str, key: str = "") -> bool:
    """Counts an attempt of `key`, or of the sender, under a rate of `gateway.limits`; over it, `visit.form` says so."""
    try:
        await visit.site.limits.hit(rate, key or limits.sender(visit.request))
    except TooMany as error:
        visit.form.refuse(from_error(error, visit.language))
        return False
    return True
