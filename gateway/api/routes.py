"""The public API, address by address: which operation of which service stands behind `/api/v1`.

The table is the whole of it: it makes the routes, rewrites `Location`, and picks what the public OpenAPI
document shows. An operation that is not named here cannot be reached from outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from infra.web.api import MAX_BODY_BYTES

PREFIX = "/api/v1"
_PARAMETER = re.compile(r"{\w+}")


@dataclass(frozen=True)
class Public:
    """One public operation. `target` is the service's path; its parameters follow the order of those in `path`.

    `as_method` is the service's method where it differs; `rate` names its limit in `gateway.limits` ("" = none);
    `limit` is the most bytes that its body may have.
    """

    method: str
    path: str
    service: str
    target: str
    as_method: str = ""
    rate: str = ""
    limit: int = MAX_BODY_BYTES

    @property
    def service_method(self) -> str:
        """The method by which the service is asked."""
        return self.as_method or self.method

    def target_for(self, values: list[str]) -> str:
        """The service's path with `values` (already quoted) in the place of its parameters."""
        waiting = iter(values)
        return _PARAMETER.sub(lambda _found: next(waiting), self.target)

    def path_for(self, target: str) -> str | None:
        """The public path of a thing that the service calls `target`; None when this is not its address."""
        pattern = "([^/]+)".join(re.escape(part) for part in _PARAMETER.split(self.target))
        found = re.fullmatch(pattern, target)
        if found is None:
            return None
        waiting = iter(found.groups())
        return PREFIX + _PARAMETER.sub(lambda _found: next(waiting), self.path)


def _same(service: str, *operations: str) -> list[Public]:
    """Operations that keep the service's own path: "GET /offers"."""
    return [Public(method, path, service, path) for method, path in (text.split(" ") for text in operations)]


SESSION_OPEN = Public("POST", "/session", "contacts", "/sessions", rate="sign-in")
SESSION_CLOSE = Public("DELETE", "/session", "contacts", "/sessions/end", as_method="POST")
SEARCH = Public("GET", "/search", "search", "/search")
SAVE_SEARCH = Public("POST", "/saved-searches", "search", "/saved-searches", rate="save-search")
ALERT = Public("POST", "/alerts", "newsletter", "/alerts", rate="alert")
UPLOAD = Public("POST", "/pictures", "newsletter", "/pictures", limit=17_000_000)
OWN_DATA_LINK = Public("POST", "/subscriptions/link", "newsletter", "/subscriptions/link", rate="own-data")
MOVE = Public("POST", "/subscriptions/address", "newsletter", "/subscriptions/address", rate="own-data")
LOST_PASSWORD = Public("POST", "/password-resets", "contacts", "/password-resets", rate="lost-password")
NEW_PASSWORD = Public("POST", "/password-resets/use", "contacts", "/password-resets/use", rate="lost-password")
NEW_ADDRESS = Public("POST", "/me/address", "contacts", "/me/address", rate="sign-in")
SUBSCRIBE = Public("POST", "/subscriptions", "newsletter", "/subscriptions", rate="subscribe")

ROUTES: tuple[Public, ...] = (
    SESSION_OPEN,
    SESSION_CLOSE,
    LOST_PASSWORD,
    NEW_PASSWORD,
    NEW_ADDRESS,
    *_same(
        "contacts",
        "GET /regions",
        "GET /regions/{id}",
        "GET /networks",
        "GET /networks/{id}",
        "GET /offers",
        "POST /offers",
        "GET /offers/{id}",
        "PATCH /offers/{id}",
        "POST /offers/{id}/publish",
        "POST /offers/{id}/withdraw",
        "GET /me/notices",
        "PATCH /me/notices",
        "POST /notices/stop",
        "POST /me/address/confirmation",
        "POST /addresses/confirm",
    ),
    SEARCH,
    SAVE_SEARCH,
    *_same(
        "search",
        "GET /suggest",
        "GET /saved-searches",
        "GET /saved-searches/{id}",
        "PATCH /saved-searches/{id}",
        "DELETE /saved-searches/{id}",
        "POST /saved-searches/{id}/looked",
    ),
    ALERT,
    *_same("newsletter", "GET /alerts/consent", "POST /alerts/confirm", "POST /alerts/stop"),
    *_same(
        "forum",
        "GET /spaces",
        "GET /spaces/{id}/topics",
        "POST /spaces/{id}/topics",
        "GET /topics/{id}",
        "POST /topics/{id}/posts",
    ),
    SUBSCRIBE,
    OWN_DATA_LINK,
    MOVE,
    *_same(
        "newsletter",
        "GET /consent",
        "POST /subscriptions/confirm",
        "POST /subscriptions/preferences",
        "PUT /subscriptions/preferences",
        "POST /subscriptions/unsubscribe",
        "POST /subscriptions/address/confirm",
        "POST /records/own",
        "POST /records/own/erase",
        "POST /records/look-up",
        "POST /records/end",
        "GET /suppressions",
        "POST /suppressions",
        "POST /suppressions/lift",
        "GET /subscribers/figures",
        "POST /subscribers/lists",
    ),
    *_same(
        "newsletter",
        "GET /issues",
        "POST /issues",
        "GET /issues/{id}",
        "PATCH /issues/{id}",
        "POST /issues/{id}/submit",
        "POST /issues/{id}/approve",
        "GET /issues/{id}/checks",
        "GET /issues/{id}/preview",
        "POST /issues/{id}/schedule",
        "POST /issues/{id}/test",
        "POST /issues/{id}/send",
        "POST /issues/{id}/pause",
        "POST /issues/{id}/resume",
        "POST /issues/{id}/cancel",
        "POST /issues/{id}/resend",
        "POST /issues/{id}/send-late",
        "GET /issues/{id}/dispatch",
        "GET /issues/{id}/deliveries",
        "GET /bounces",
        "GET /bounces/summary",
        "GET /replies",
        "GET /replies/{id}",
        "PATCH /replies/{id}",
        "DELETE /replies/{id}",
        "GET /archive",
        "GET /archive/{slug}",
    ),
    *_same(
        "newsletter",
        "GET /articles",
        "POST /articles",
        "GET /articles/{id}",
        "PATCH /articles/{id}",
        "DELETE /articles/{id}",
        "POST /articles/{id}/submit",
        "POST /articles/{id}/publish",
        "POST /articles/{id}/withdraw",
        "GET /article-topics",
        "GET /pictures",
        "GET /pictures/{id}",
        "PATCH /pictures/{id}",
        "DELETE /pictures/{id}",
    ),
    UPLOAD,
)


def public_location(service: str, target: str) -> str | None:
    """The public address of a thing by the `Location` its service gave; None when it has none."""
    for route in ROUTES:
        if route.service == service and route.method == "GET":
            path = route.path_for(target)
            if path is not None:
                return path
    return None
