"""Asking for people with an account to be told of something by mail.

    await ask_notice(
        tx, ISSUE_WAITING, issue.id, version=issue.version, role=PUBLISHER, but=[author],
        path="/redaktion/ausgaben/4-2026", words={"title": issue.title, "title_en": issue.title_en},
    )

The wish is an event in the caller's transaction; contacts hears it and mails those who want to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from infra.contracts import catalogue
from infra.contracts.notices import NoticeWanted
from infra.db import Transaction
from infra.outbox import record


async def ask_notice(
    tx: Transaction,
    kind: str,
    about: object,
    *,
    version: int,
    path: str,
    words: Mapping[str, str] | None = None,
    accounts: Iterable[object] = (),
    role: str = "",
    network: str = "",
    but: Iterable[object] = (),
) -> None:
    """Have people told of `kind` (see `infra.contracts.notices`) about a thing, each once for each `version` of it.

    Args:
        about: the thing's id. version: rises with each new occasion; the thing's own version, or a number of a reply.
        path: German path of the page it leads to ("/…"); English readers are led to the English one.
        words: "title" and "title_en", only where every recipient may read them.
        accounts, role, network: whom it concerns (ids; all with the role; the coordinators of the network's slug).
        but: ids of accounts that need not be told, such as the one whose doing it is.

    Raises:
        KeyError: the transaction's service has no such event; it belongs into its contracts.
    """
    wanted = cast("type[NoticeWanted]", catalogue.events()[f"lotse.{tx.service}.notice.wanted.v1"])
    values: dict[str, Any] = {
        "id": str(about),
        "version": version,
        "kind": kind,
        "accounts": [str(account) for account in accounts],
        "role": role,
        "network": network,
        "but": [str(account) for account in but],
        "path": path,
        "words": dict(words or {}),
    }
    await record(tx, wanted(**values))
