"""Leaving by a link in a mail: one button for people, and one click of the mail program itself (RFC 8058).

The token in the address decides, so that neither cookie nor form token is asked for. Scanners open links, so that GET
changes nothing; mail programs do not follow redirects, so that POST answers with a page.
"""

from __future__ import annotations

from typing import Any

from gateway.visit import Visit
from infra.web.api import read_raw
from infra.web.client import segment

_BY_PROGRAM = b"List-Unsubscribe"
_SMALL_BODY = 16 * 1024


async def leave(visit: Visit, service: str, *, button: str, program: str) -> Any:
    """What `service` says after leaving with the token in the address.

    `button` is the service's path for a person's press, which takes {token}; `program` that for a mail program's click,
    which ends with the token.

    Raises:
        Refused: the token is no good. TooLarge: a body that is no click of a mail program.
    """
    token = visit.param("token")
    if _BY_PROGRAM in await read_raw(visit.request, _SMALL_BODY):
        return await visit.post(service, f"{program}/{segment(token)}")
    return await visit.post(service, button, {"token": token})
