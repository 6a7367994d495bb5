"""A mail shown on one of our pages: in a frame that has no origin, runs nothing, and loads nothing but our pictures.

Its HTML comes from outside the page's trust. It can be looked at as wide as on a telephone, in the light and the dark.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway.security import CSP
from gateway.visit import Visit

WIDTHS = ("desktop", "phone")
SCHEMES = ("light", "dark")
SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
_DARK_RULE = "@media (prefers-color-scheme: dark)"
_EITHER = 'content="light dark"'


def looks(visit: Visit) -> dict[str, str]:
    """How wide a mail is shown and in which form; the first of each where the address says nothing that exists."""
    return {
        name: visit.query(name) if visit.query(name) in known else known[0]
        for name, known in (("width", WIDTHS), ("scheme", SCHEMES))
    }


def framing(page: Response) -> Response:
    """A page of ours that may hold such a frame."""
    page.headers["content-security-policy"] = CSP + "; frame-src 'self'"
    return page


def framed(visit: Visit, html: str) -> Response:
    """A mail's HTML for the frame, in the form that the address asks for."""
    # the frame has no origin of its own, so our pictures are named by their address
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data: {visit.absolute('')}; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"
    )
    shown = in_scheme(html, looks(visit)["scheme"])
    return Response(shown, media_type="text/html", headers={"content-security-policy": policy})


def in_scheme(html: str, scheme: str) -> str:
    """A mail as it looks in the light or in the dark, whatever the reader's own screen asks for."""
    ruled = html.replace(_DARK_RULE, "@media all" if scheme == "dark" else "@media not all")
    return ruled.replace(_EITHER, f'content="{scheme}"')
