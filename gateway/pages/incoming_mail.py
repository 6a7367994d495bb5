"""The address to which a mail server posts what comes back, for those who have no mailbox and no LMTP between them.

Who has not the key (LOTSE_BOUNCE_HTTP_KEY) gets no further than here: nothing is read and nobody is asked.
"""

from __future__ import annotations

import hmac

from starlette.responses import Response

from gateway.problems import refused
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import NotFound, Unauthenticated
from infra.web.api import MAX_BODY_BYTES, read_start

ADDRESS = "/eingang/mail"
MOST_BYTES = 30 * MAX_BODY_BYTES
_HANDED_ON = ("authorization", "x-envelope-to", "x-envelope-from")


async def take_in(visit: Visit) -> Response:
    """Hands on the beginning of a mail, which is all that is read of it, and its size.

    Raises:
        NotFound: there is no key. Unauthenticated: another one was given. TooLarge: more than 30 MB.
        Refused: the newsletter could not store it; the server tries again.
    """
    headers, key = visit.request.headers, visit.settings.bounce_http_key
    if not key:
        raise NotFound
    if not hmac.compare_digest(headers.get("authorization", "").encode(), f"Bearer {key}".encode()):
        raise Unauthenticated
    start, size = await read_start(visit.request, MAX_BODY_BYTES, MOST_BYTES)
    given = {name: headers[name] for name in _HANDED_ON if name in headers}
    answer = await visit.site.client.request(
        "newsletter",
        "POST",
        "/incoming",
        content=start,
        headers={**given, "content-type": "message/rfc822", "x-original-size": str(size)},
    )
    if not answer.ok:
        raise refused(answer, visit.language)
    return Response(status_code=204)


PAGES = (Page(ADDRESS, take_in, ("POST",), token=False),)
