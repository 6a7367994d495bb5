"""Talking to the server: every answer checked, every write's task awaited, every failure told as what it means here.

What the server says about missing indexes or settings is damage, which a rebuild mends; everything else (nobody
answers, a refused key, a failed or endless task) is the server being away, which only waiting or an operator mends.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from httpx2 import HTTPError, HTTPStatusError
from meilisearch_python_sdk import AsyncClient
from meilisearch_python_sdk.errors import MeilisearchApiError, MeilisearchCommunicationError, MeilisearchError
from meilisearch_python_sdk.models.search import SearchParams, SearchResults
from meilisearch_python_sdk.models.settings import MeilisearchSettings
from meilisearch_python_sdk.models.task import TaskInfo, TaskResult

from services.search.engine import AwayError, DamagedError
from services.search.meilisearch.documents import CHUNK_BYTES, KEY, Entry, chunks

REQUEST_SECONDS = 10
TASK_SECONDS = 300.0
FIRST_LOOK, LONGEST_PAUSE = 0.004, 0.25
PAGE = 1000
_DAMAGE = frozenset(
    {
        "index_not_found",
        "invalid_search_filter",
        "invalid_search_sort",
        "invalid_search_facets",
        "invalid_search_attributes_to_search_on",
    }
)
_SHOWN = 400

Query = dict[str, Any]
Result = SearchResults[dict[str, Any]]


class Server:
    """One Meilisearch, with the key that may write and the key that may only search.

    `search_key` is used for searches where given, so that a process that only searches needs no more. A task may take
    `task_seconds`, a request with documents have `chunk_bytes`.
    """

    def __init__(
        self,
        url: str,
        key: str,
        search_key: str = "",
        *,
        task_seconds: float = TASK_SECONDS,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # it tells every request
        self._task_seconds = task_seconds
        self._chunk_bytes = chunk_bytes
        # made once, since reading all certificates takes 0.2 s, and not at all where there is nothing to verify
        verified = ssl.create_default_context() if url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._writer = AsyncClient(url, key or search_key or None, timeout=REQUEST_SECONDS, verify=verified)
        self._searcher = AsyncClient(url, search_key or key or None, timeout=REQUEST_SECONDS, verify=verified)

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.aclose()
        await self._searcher.aclose()

    async def search(self, queries: Sequence[Query]) -> list[Result]:
        """The answers to several queries, in their order."""
        asked = [SearchParams(**query) for query in queries]
        with _told("search", private=True):
            try:
                found = await self._searcher.multi_search(asked)
            except MeilisearchCommunicationError:  # maybe the server just closed the idle connection that was used
                found = await self._searcher.multi_search(asked)
        return list(found) if isinstance(found, list) else []

    async def version(self) -> str:
        """The server's version."""
        with _told("version"):
            return (await self._writer.get_version()).pkg_version

    async def index_uids(self) -> list[str]:
        """The names of all indexes that the key may see."""
        with _told("list of indexes"):
            return [info.uid for info in await self._writer.get_raw_indexes(limit=PAGE) or []]

    async def settings(self, uid: str) -> Mapping[str, Any]:
        """The settings of an index, as JSON."""
        with _told(f"settings of {uid}"):
            held = await self._writer.index(uid).get_settings()
        return held.model_dump(by_alias=True, exclude_none=True)

    async def apply_settings(self, uid: str, settings: Mapping[str, Any]) -> None:
        """Set the settings of an index; one that does not exist is made."""
        with _told(f"settings of {uid}"):
            task = await self._writer.index(uid).update_settings(MeilisearchSettings.model_validate(settings))
        await self._done(task)

    async def put(self, uid: str, entries: Iterable[Entry], last: Sequence[Entry] = ()) -> None:
        """Add or replace entries. `last` becomes visible with the last portion, when all others are in.

        Each portion is made when the one before was sent, in a thread, since taking documents apart takes its time.
        """
        portions = chunks(entries, self._chunk_bytes)
        tasks: list[TaskInfo] = []
        waiting: Sequence[Entry] = ()
        while portion := await asyncio.to_thread(next, portions, None):
            if waiting:
                tasks.append(await self._add(uid, waiting))
            waiting = portion
        for task in tasks:
            await self._done(task)
        await self._done(await self._add(uid, [*waiting, *last]))

    async def remove(self, uid: str, keys: Sequence[str]) -> None:
        """Delete entries; those that are not there are no fault."""
        if keys:
            with _told(f"deletion in {uid}"):
                task = await self._writer.index(uid).delete_documents(list(keys))
            await self._done(task)

    async def swap(self, one: str, other: str) -> None:
        """Exchange two indexes in one step."""
        with _told(f"swap of {one} and {other}"):
            task = await self._writer.swap_indexes([(one, other)])
        await self._done(task)

    async def drop(self, uid: str) -> None:
        """Delete an index; one that is not there is no fault."""
        with _told(f"deletion of {uid}"):
            task = await self._writer.index(uid).delete()
        try:
            await self._done(task)
        except DamagedError:
            return

    async def entries(self, uid: str) -> AsyncIterator[Entry]:
        """All entries of an index, some hundred at a time."""
        offset = 0
        while True:
            with _told(f"documents of {uid}"):
                page = await self._writer.index(uid).get_documents(offset=offset, limit=PAGE, fields=[KEY, "body"])
            for entry in page.results:
                yield entry
            offset += len(page.results)
            if not page.results or offset >= page.total:
                return

    async def _add(self, uid: str, entries: Sequence[Entry]) -> TaskInfo:
        with _told(f"documents for {uid}"):
            return await self._writer.index(uid).add_documents(list(entries), KEY)

    async def _done(self, info: TaskInfo) -> None:
        """Wait for a task. AwayError: it failed, was cancelled or does not end; DamagedError: its index is gone."""
        started, pause = time.monotonic(), FIRST_LOOK
        while True:
            with _told(f"task {info.task_uid}"):
                task = await self._writer.get_task(info.task_uid)
            if task.status == "succeeded":
                return
            if task.status in ("failed", "canceled"):
                raise _failure(task)
            if time.monotonic() - started > self._task_seconds:
                raise AwayError(
                    f"Meilisearch: task {task.uid} ({task.task_type}) is {task.status} after {self._task_seconds:.0f} s"
                )
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)


def _failure(task: TaskResult) -> Exception:
    error = task.error or {}
    code = str(error.get("code", ""))
    text = (
        f"Meilisearch: task {task.uid} ({task.task_type} on {task.index_uid}) {task.status}: {error.get('type', '')} "
        f"{code}: {error.get('message', '')} {error.get('link', '')}"
    ).rstrip(": ")
    return DamagedError(text) if code in _DAMAGE else AwayError(text)


@contextmanager
def _told(what: str, *, private: bool = False) -> Iterator[None]:
    """Turn whatever the client raises into AwayError or DamagedError, with the request and the answer in words.

    Where these are `private`, since they say what somebody looked for, they are a note, which no log shows.
    """
    try:
        yield
    except MeilisearchApiError as error:
        long = _answer(error)
        short = f"{error.status_code} {error.error_type} {error.code}" if private else long
        text = f"Meilisearch, {what}: {short}"
        if error.code in _DAMAGE:
            raise _noted(DamagedError(text), long) from error
        if error.status_code in (401, 403):
            text += " Does LOTSE_MEILI_KEY (or LOTSE_MEILI_SEARCH_KEY) belong to this server and allow this?"
        raise _noted(AwayError(text), long) from error
    except (MeilisearchError, HTTPError, OSError, ValueError) as error:
        long = f"{error!r:.{_SHOWN}}"
        short = type(error).__name__ if private else long
        raise _noted(AwayError(f"Meilisearch, {what}: no answer that can be used: {short}"), long) from error


def _noted(failure: Exception, note: str) -> Exception:
    if note not in str(failure):
        failure.add_note(note)
    return failure


def _answer(error: MeilisearchApiError) -> str:
    """Request and answer in one line; documents that were sent are not shown, since they may be about people."""
    said = f"{error.status_code} {error.error_type} {error.code}: {error.message} ({error.link})"
    cause = error.__cause__
    if not isinstance(cause, HTTPStatusError):
        return said
    request = cause.request
    shown = "" if "/documents" in request.url.path else request.content.decode(errors="replace")[:_SHOWN]
    return f"{request.method} {request.url.path} {shown} answered {said}".replace("  ", " ")
