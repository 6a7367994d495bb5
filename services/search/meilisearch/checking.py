"""What `doctor` looks at: whether the server answers, is new enough, and its keys allow what they are there for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.search.engine import AwayError, DamagedError
from services.search.meilisearch.engine import PREFIX
from services.search.meilisearch.held import state_query
from services.search.meilisearch.server import Server
from services.search.meilisearch.settings import VERSION

OLDEST_SERVER = (1, 14)
Found = tuple[str, bool, str]


async def check(server: Server, url: str) -> list[Found]:
    """What was looked at, whether it is well, and what to do about it."""
    uid = f"{PREFIX}-v{VERSION}"
    try:
        version = await server.version()
    except AwayError as error:
        return [(f"Meilisearch {url}", False, f"{error} Start it, or correct LOTSE_MEILI_URL or LOTSE_MEILI_KEY.")]
    parts = version.split(".")[:2]
    new_enough = all(part.isdigit() for part in parts) and tuple(map(int, parts)) >= OLDEST_SERVER
    return [
        (f"Meilisearch {version} at {url}", new_enough, f"Lotse needs {'.'.join(map(str, OLDEST_SERVER))} or newer."),
        await _allowed("key for indexing", lambda: server.settings(uid), "LOTSE_MEILI_KEY"),
        await _allowed("key for searching", lambda: server.search([state_query(uid)]), "LOTSE_MEILI_SEARCH_KEY"),
    ]


async def _allowed(name: str, attempt: Callable[[], Awaitable[object]], setting: str) -> Found:
    """Whether a key allows something; that there is no index yet is no fault of the key."""
    try:
        await attempt()
    except DamagedError:
        return f"Meilisearch's {name}, no index yet", True, ""
    except AwayError as error:
        return f"Meilisearch's {name}", False, f"{error} Make a key as docs/runbook.md says and set {setting}."
    return f"Meilisearch's {name}", True, ""
