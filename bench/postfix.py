"""A Postfix of its own on a port of the loopback, which takes mail and throws it away: queue, cleanup and all."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_MAIN = """
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
mail_owner = postfix
setgid_group = postdrop
myhostname = sink.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
default_transport = discard
relay_transport = discard
maillog_file = {log}
maillog_file_prefixes = {folder}
alias_maps =
alias_database =
"""
_MASTER = """
{port} inet n - n - 100 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_READY_SECONDS = 10


def missing() -> str:
    """Why there is none here; "" where there is."""
    if shutil.which("postfix") is None and not Path("/usr/sbin/postfix").exists():
        return "no postfix is installed"
    return "" if os.geteuid() == 0 else "postfix can be started by root only"


@asynccontextmanager
async def postfix(folder: Path) -> AsyncIterator[str]:
    """Postfix up inside the block; yields its address."""
    port = _free_port()
    config, queue, data = folder / "etc", folder / "queue", folder / "data"
    for each in (config, queue, data):
        each.mkdir(parents=True)
    for each in (folder, *folder.parents[:2]):  # its daemons run as another user
        each.chmod(0o755)
    shutil.chown(data, "postfix")
    values = {"queue": queue, "data": data, "log": folder / "mail.log", "folder": folder, "port": port}
    (config / "main.cf").write_text(_MAIN.format(**values))
    (config / "master.cf").write_text(_MASTER.format(**values))
    await _run("-c", str(config), "start")
    try:
        await _listening(port)
        yield f"smtp://127.0.0.1:{port}"
    finally:
        await _run("-c", str(config), "stop")


async def _run(*arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(shutil.which("postfix") or "/usr/sbin/postfix", *arguments)
    assert await process.wait() == 0, arguments


async def _listening(port: int) -> None:
    async with asyncio.timeout(_READY_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
