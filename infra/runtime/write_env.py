"""Writes `.env` for the compose file: secrets made anew, and what only the operator can say left to be filled in.

    python3 -m infra.runtime.write_env [--demo]         (make env, make env DEMO=1)

Standard library only, since it runs before anything is installed. The file is for its owner alone, is never
overwritten, and is not in the repository; without it `docker compose` refuses to start. `--demo` fills in everything
for trying out on this machine: demo accounts with public passwords, and a mail catcher instead of a mail server.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.runtime.hashing import hash_password
from infra.runtime.search_keys import INDEXER, SEARCHER
from infra.settings import SERVICES

FILE = Path(__file__).resolve().parent.parent.parent / ".env"
_NAMES = tuple(package.rsplit(".", 1)[-1] for package in SERVICES.split(","))
_HEAD = "# Made by `make env`. Keep it: without LOTSE_SECRET all sessions and links in mails end.\n"
_OWN = """\
# Yours to fill in; compose does not start before.
# The public address, such as https://lotse.example.org; the proxy that keeps the certificate is in front of it.
LOTSE_BASE_URL=
# The mail server, such as smtp+starttls://user:password@mail.example.org:587, and the sender of all mail.
LOTSE_SMTP_URL=''
LOTSE_MAIL_FROM=
# The legal notice (§ 5 DDG), lines parted by |
LOTSE_IMPRINT=''
"""
_DEMO = """\
# For trying out on this machine only: the passwords of the demo accounts are public.
COMPOSE_PROFILES=demo
LOTSE_BASE_URL=http://127.0.0.1:8000
LOTSE_SMTP_URL=smtp://mailpit:1025
LOTSE_MAIL_FROM=newsletter@lotse.example.org
LOTSE_IMPRINT='Vorführung | Dies ist kein Angebot eines Netzwerks'
"""


def contents(*, demo: bool) -> str:
    """The text of the file; every call makes other secrets."""
    own = _DEMO if demo else _OWN
    pairs = "".join(f"{name}={value}\n" for name, value in _pairs())
    return f"{_HEAD}\n{own}\n# Secrets, made once. How to change one: docs/operations.md\n{pairs}"


def write(path: Path, *, demo: bool) -> None:
    """Write the file, for its owner only. Raises FileExistsError instead of overwriting."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(contents(demo=demo))


def _pairs() -> Iterator[tuple[str, str]]:
    """Every secret by its variable; the hashes are for RabbitMQ, which is never told its users' passwords."""
    yield "LOTSE_SECRET", _secret()
    yield "POSTGRES_PASSWORD", _secret()
    for service in _NAMES:
        broker = _secret()
        yield f"LOTSE_{service.upper()}_DATABASE_PASSWORD", _secret()
        yield f"LOTSE_{service.upper()}_BROKER_PASSWORD", broker
        yield f"LOTSE_{service.upper()}_BROKER_HASH", hash_password(broker)
    master = _secret()
    yield "MEILI_MASTER_KEY", master
    yield "LOTSE_MEILI_KEY", INDEXER.value(master)
    yield "LOTSE_MEILI_SEARCH_KEY", SEARCHER.value(master)


def _secret() -> str:
    """256 bits in letters that need no quotes, neither in a URL nor in the file."""
    return secrets.token_urlsafe(32)


def main(arguments: list[str] | None = None, path: Path = FILE) -> int:
    """Write the file and say what comes next; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m infra.runtime.write_env", description="Writes .env for compose.")
    parser.add_argument("--demo", action="store_true", help="everything filled in, for trying out on this machine")
    demo: bool = parser.parse_args(arguments).demo
    try:
        write(path, demo=demo)
    except FileExistsError:
        sys.stderr.write(f"{path} is there already and stays as it is: it holds the secrets of your installation.\n")
        return 2
    following = "" if demo else "fill in what is empty at its beginning, then: "
    sys.stdout.write(f"{path} is written, for your eyes only; {following}make up\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
