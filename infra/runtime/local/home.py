"""The folder of an `up-local`: which one, who may look into it, its secrets, and who of a former run still lives.

Every process carries the folder's name in its environment (`LOTSE_LOCAL_HOME`), so that the next start finds those
that a killed one left behind, whatever they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from infra.errors import Text
from infra.runtime.problems import CannotStart

MARK = "LOTSE_LOCAL_HOME"
NAME = "local"
FOR_ROOT = Path("/var/lib/lotse")
END_SECONDS = 40.0
POLL_SECONDS = 0.1


def choose(data_dir: Path, setpriv: Path, accounts: Collection[str]) -> Path:
    """The folder to use, made when it is not there: `local` in the data folder; for root in /var/lib/lotse.

    PostgreSQL refuses to run as root, so root gives the servers to the users `accounts`, who may seldom look into a
    clone of root's. LOTSE_DATA_DIR names another place.

    Raises:
        CannotStart: one of `accounts` may not enter the folder, or somebody else may change what is in it.
    """
    base = FOR_ROOT if os.geteuid() == 0 and "LOTSE_DATA_DIR" not in os.environ else data_dir
    folder = base / NAME
    for path in (base, folder):
        if not path.exists():
            path.mkdir(parents=True)
            path.chmod(0o711 if accounts else 0o700)
        _insist_on_ours(path)
    for account in accounts:
        if not _may_enter(folder, account, setpriv):
            raise CannotStart(_unreachable(folder, account))
    return folder


def account_for(name: str) -> str:
    """The user that a server runs as: `name` when this is root, else "" for the same user.

    Raises:
        CannotStart: there is no such user.
    """
    if os.geteuid() != 0:
        return ""
    try:
        return pwd.getpwnam(name).pw_name
    except KeyError as error:
        raise CannotStart(
            Text(
                f"Als root braucht up-local den Benutzer {name}, den das Paket der Distribution anlegt. Starten Sie "
                "es als gewöhnlicher Benutzer, oder legen Sie ihn an.",
                f"As root, up-local needs the user {name}, which the distribution's package makes. Start it as an "
                "ordinary user, or make that user.",
            )
        ) from error


def as_account(setpriv: Path, account: str, *options: str) -> tuple[str, ...]:
    """What to put before a command so that it runs as `account` ("": the same user); `options` are of setpriv's."""
    user = ("--reuid", account, "--regid", account, "--init-groups") if account else ()
    return (str(setpriv), *user, *options, "--") if user or options else ()


def own_folder(path: Path, account: str) -> Path:
    """A folder that only `account` may look into; made when it is not there. CannotStart: a link is in its place."""
    if path.is_symlink():
        raise CannotStart(_not_ours(path))
    path.mkdir(mode=0o700, exist_ok=True)
    if account:
        shutil.chown(path, account, account)
    return path


def keep_secrets(folder: Path, names: Iterable[str], given: Mapping[str, str]) -> Mapping[str, str]:
    """A secret for each name: those of former runs, and for what is new those that are given, else new ones."""
    path = folder / "secrets.json"
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known |= {name: given.get(name) or secrets.token_urlsafe(32) for name in names if name not in known}
    write_private(path, json.dumps(known, indent=2) + "\n")
    return known


def write_private(path: Path, text: str, account: str = "") -> None:
    """Write a file that only its owner may read; a reader never sees half of it.

    The folder may be the account's own, so no link that lies there is followed: root would write and give away
    whatever it leads to.
    """
    partial = path.with_name(f".{path.name}")
    partial.unlink(missing_ok=True)
    made = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "w", encoding="utf-8") as file:
        file.write(text)
        if account:
            owner = pwd.getpwnam(account)
            os.fchown(made, owner.pw_uid, owner.pw_gid)
    partial.replace(path)


def empty(folder: Path, keep: str) -> None:
    """Delete all that lies in a folder, but for the file `keep`."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != keep:
            path.unlink()


async def end_leftovers(folder: Path, seconds: float = END_SECONDS) -> list[int]:
    """Wait until the processes of a former run have ended, which they do by themselves; kill those that do not.

    Returns the process ids that had to be killed, after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while found := leftovers(folder):
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(POLL_SECONDS)
    for number in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    return found


def leftovers(folder: Path) -> list[int]:
    """The ids of all processes that an `up-local` on this folder has started."""
    mark = f"{MARK}={folder}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        # Some end while we look, and others belong to somebody else.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def _insist_on_ours(path: Path) -> None:
    """Raises CannotStart when somebody else (but root) could put something else in the place of what we write there."""
    itself, led_to = path.lstat(), path.stat()
    foreign = {itself.st_uid, led_to.st_uid} - {0, os.geteuid()}
    if foreign or (led_to.st_mode & stat.S_IWOTH and not led_to.st_mode & stat.S_ISVTX):
        raise CannotStart(_not_ours(path))


def _not_ours(path: Path) -> Text:
    return Text(
        f"In {path} könnten andere Benutzer dieses Rechners unterschieben, was sie wollen: Es gehört jemand anderem, "
        "ist ein Verweis oder für alle beschreibbar. Ändern Sie das, oder nennen Sie mit LOTSE_DATA_DIR einen anderen "
        "Ordner.",
        f"In {path} other users of this machine could plant whatever they like: it is somebody else's, a link, or "
        "anybody may write to it. Change that, or name another folder with LOTSE_DATA_DIR.",
    )


def _may_enter(folder: Path, account: str, setpriv: Path) -> bool:
    command = (*as_account(setpriv, account), "/usr/bin/test", "-x", str(folder))
    asked = subprocess.run(command, check=False)  # noqa: S603 - our own arguments
    return asked.returncode == 0


def _unreachable(folder: Path, account: str) -> Text:
    return Text(
        f"Der Benutzer {account}, als der ein Server läuft, kommt nicht in den Ordner {folder}. Nennen Sie mit "
        f"LOTSE_DATA_DIR einen anderen, etwa {FOR_ROOT}.",
        f"The user {account}, as whom a server runs, may not enter the folder {folder}. Name another one with "
        f"LOTSE_DATA_DIR, such as {FOR_ROOT}.",
    )
