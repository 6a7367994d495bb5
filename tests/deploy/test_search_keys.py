"""Registering Meilisearch's keys, against a small stand-in that knows only /keys, as the documentation describes it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from infra.runtime.search_keys import main

MASTER = "master-key-of-this-test"


class KeysOnly(BaseHTTPRequestHandler):
    """Stands in for Meilisearch: creates a key once, answers 409 after that and 403 to a wrong master key."""

    known: dict[str, dict[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != f"Bearer {MASTER}":
            status = 403
        elif self.path != "/keys" or body["uid"] in self.known:
            status = 409
        else:
            self.known[body["uid"]] = body
            status = 201
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def stand_in() -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    KeysOnly.known = {}
    server = HTTPServer(("127.0.0.1", 0), KeysOnly)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", KeysOnly.known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_both_keys_are_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with stand_in() as (url, known):
        monkeypatch.setenv("LOTSE_MEILI_URL", url)
        monkeypatch.setenv("MEILI_MASTER_KEY", MASTER)
        assert main() == 0
        assert main() == 0, "keys that are known stay"
        by_name = {key["name"]: key for key in known.values()}
    assert set(by_name) == {"lotse-indexer", "lotse-search"}
    assert by_name["lotse-search"]["actions"] == ["search"]
    assert "*" not in by_name["lotse-indexer"]["actions"]
    assert not [action for key in by_name.values() for action in key["actions"] if action.startswith("keys")]
    assert all(key["expiresAt"] is None for key in by_name.values())


@pytest.mark.parametrize(("master", "code", "said"), [("wrong", 1, "403"), ("", 2, "MEILI_MASTER_KEY")])
def test_a_wrong_or_missing_master_key_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], master: str, code: int, said: str
) -> None:
    with stand_in() as (url, _):
        monkeypatch.setenv("LOTSE_MEILI_URL", url)
        monkeypatch.setenv("MEILI_MASTER_KEY", master)
        assert main() == code
    assert said in capsys.readouterr().err
