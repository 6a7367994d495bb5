"""`make env`: what it writes, how it keeps it, and that it needs nothing installed."""

from __future__ import annotations

import base64
import hashlib
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from infra.runtime.hashing import hash_password
from infra.runtime.search_keys import INDEXER, SEARCHER
from infra.runtime.write_env import contents, main
from tests.deploy.composed import ROOT, dotenv


def test_the_file_is_private_and_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / ".env"
    assert main([], file) == 0
    assert "fill in what is empty" in capsys.readouterr().out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_text(encoding="utf-8")
    assert main(["--demo"], file) == 2
    assert "stays as it is" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == before


def test_what_may_hold_a_dollar_is_to_be_filled_in_between_quotes() -> None:
    """Compose would take what follows a $ for a variable."""
    lines = contents(demo=False).splitlines()
    assert {"LOTSE_SMTP_URL=''", "LOTSE_IMPRINT=''"} <= set(lines)


def test_it_needs_no_installed_package() -> None:
    """-I and -S: no packages, no user site, no environment; only what Python brings."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from infra.runtime import write_env; write_env.main(['-h'])"
    asked = subprocess.run((sys.executable, "-I", "-S", "-c", code), capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    assert "--demo" in asked.stdout


def test_all_secrets_are_long_and_differ() -> None:
    first, second = dotenv(contents(demo=False)), dotenv(contents(demo=False))
    made = [value for name, value in first.items() if value]
    assert len(set(made)) == len(made)
    assert min(len(value) for value in made) >= 43
    assert not set(made) & set(second.values())


def test_rabbitmq_gets_the_hashes_of_the_passwords_that_the_services_get() -> None:
    values = dotenv(contents(demo=True))
    for service in ("CONTACTS", "FORUM", "NEWSLETTER", "SEARCH"):
        hashed = base64.b64decode(values[f"LOTSE_{service}_BROKER_HASH"])
        salt, digest = hashed[:4], hashed[4:]
        assert hashlib.sha256(salt + values[f"LOTSE_{service}_BROKER_PASSWORD"].encode()).digest() == digest
    assert hash_password("same") != hash_password("same"), "the salt is new each time"


def test_the_search_keys_follow_from_the_master_key() -> None:
    """As `echo -n UID | openssl dgst -sha256 -hmac MASTER_KEY` gives them, by which Meilisearch documents its keys."""
    values = dotenv(contents(demo=True))
    for name, key in (("LOTSE_MEILI_KEY", INDEXER), ("LOTSE_MEILI_SEARCH_KEY", SEARCHER)):
        openssl = ("openssl", "dgst", "-sha256", "-hmac", values["MEILI_MASTER_KEY"])
        said = subprocess.run(openssl, input=key.uid, capture_output=True, text=True, check=True).stdout
        assert said.split()[-1] == values[name]
