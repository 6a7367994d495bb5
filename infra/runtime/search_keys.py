"""The two keys that Lotse uses at Meilisearch: one for the indexer, one that can only search.

Meilisearch derives a key from its uid and the master key, so both are known before the server runs:
https://www.meilisearch.com/docs/reference/api/keys. `make env` writes them down, and this module, run once beside the
server (`python -m infra.runtime.search_keys`), registers them; only it and the server know the master key. Standard
library only, for `make env`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass

TIMEOUT_SECONDS = 10
_EXISTS = 409


@dataclass(frozen=True)
class ApiKey:
    """One key: its name and uid, and what it allows on which indexes."""

    name: str
    uid: str
    actions: tuple[str, ...]
    indexes: tuple[str, ...]

    def value(self, master_key: str) -> str:
        """The key itself."""
        return hmac.new(master_key.encode(), self.uid.encode(), hashlib.sha256).hexdigest()


# For all indexes: the task of a swap, on which a rebuild waits, is shown to no key that is bound to some.
INDEXER = ApiKey(
    "lotse-indexer",
    "7d3c7c0e-7a51-4c0e-9f0b-5d2c1f6a9b10",
    (
        *("search", "documents.add", "documents.get", "documents.delete", "tasks.get", "version"),
        *("indexes.get", "indexes.create", "indexes.delete", "indexes.swap", "settings.get", "settings.update"),
    ),
    ("*",),
)
SEARCHER = ApiKey("lotse-search", "2f1a8e44-93d6-4b7e-8a35-c4e0d9b7f621", ("search",), ("lotse-search*",))


def register(url: str, master_key: str) -> None:
    """Make both keys known to the server; those that it knows stay.

    Raises:
        urllib.error.URLError: the server is away, or refuses.
    """
    for key in (INDEXER, SEARCHER):
        body = json.dumps({**asdict(key), "expiresAt": None}).encode()
        headers = {"Authorization": f"Bearer {master_key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{url}/keys", body, headers)  # noqa: S310 - the operator's own address
        try:
            urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            with error:
                if error.code != _EXISTS:
                    raise


def main() -> int:
    """Register the keys at LOTSE_MEILI_URL by MEILI_MASTER_KEY; returns the exit code."""
    url, master_key = os.environ.get("LOTSE_MEILI_URL", ""), os.environ.get("MEILI_MASTER_KEY", "")
    if not url.startswith(("http://", "https://")) or not master_key:
        sys.stderr.write("Set LOTSE_MEILI_URL to the address of Meilisearch, and MEILI_MASTER_KEY.\n")
        return 2
    try:
        register(url.rstrip("/"), master_key)
    except urllib.error.URLError as error:
        sys.stderr.write(f"Meilisearch at {url} did not take the keys: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
