"""The folder of `up-local` against who else uses this machine: what is written there is written nowhere else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from infra.runtime.local import servers
from infra.runtime.local.home import choose, own_folder, write_private
from infra.runtime.local.programs import Programs
from infra.runtime.local.servers import PostgreSQL, RabbitMQ
from infra.runtime.problems import CannotStart

SETPRIV = Path("/usr/bin/setpriv")  # not asked for, as there are no accounts
SOMEBODY = 65534  # nobody, who is anybody but us


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's place is another where nobody names one."""
    monkeypatch.setenv("LOTSE_DATA_DIR", "named")


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """A file that a link of somebody else's leads to."""
    path = tmp_path / "others"
    path.write_text("theirs", encoding="ascii")
    path.chmod(0o644)
    return path


@pytest.mark.parametrize("planted", [".secrets.json", "secrets.json"])
def test_a_link_in_the_way_is_not_followed(tmp_path: Path, others: Path, planted: str) -> None:
    folder = tmp_path / "local"
    folder.mkdir()
    (folder / planted).symlink_to(others)
    write_private(folder / "secrets.json", "ours")
    assert others.read_text(encoding="ascii") == "theirs"
    assert stat.S_IMODE(others.stat().st_mode) == 0o644
    assert (folder / "secrets.json").read_text(encoding="ascii") == "ours"
    assert not (folder / "secrets.json").is_symlink()


def test_what_is_private_is_so_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    original = os.fdopen

    def looking(descriptor: int, *rest: object, **options: object) -> object:
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return original(descriptor, *rest, **options)  # type: ignore[call-overload]

    before = os.umask(0)
    try:
        monkeypatch.setattr(os, "fdopen", looking)
        write_private(tmp_path / "secret", "ours")
    finally:
        os.umask(before)
    assert seen == [0o600]
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_folder_that_is_a_link_is_not_taken(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (tmp_path / "link").symlink_to(elsewhere)
    with pytest.raises(CannotStart):
        own_folder(tmp_path / "link", "")
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


@pytest.mark.parametrize("which", ["data", "data/local"])
def test_a_folder_that_anybody_may_write_to_is_refused(tmp_path: Path, which: str) -> None:
    (tmp_path / "data" / "local").mkdir(parents=True)
    (tmp_path / which).chmod(0o777)
    with pytest.raises(CannotStart) as problem:
        choose(tmp_path / "data", SETPRIV, ())
    assert str(tmp_path / which) in problem.value.text.en


def test_a_folder_like_tmp_will_do(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o1777)
    assert choose(tmp_path / "data", SETPRIV, ()) == tmp_path / "data" / "local"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
@pytest.mark.parametrize("linked", [False, True])
def test_a_folder_that_somebody_else_made_is_refused(tmp_path: Path, *, linked: bool) -> None:
    data = tmp_path / "data"
    data.mkdir()
    local = data / "local"
    if linked:
        (tmp_path / "ours").mkdir()
        local.symlink_to(tmp_path / "ours")
    else:
        local.mkdir()
    os.chown(local, SOMEBODY, SOMEBODY, follow_symlinks=False)
    with pytest.raises(CannotStart):
        choose(data, SETPRIV, ())


PROGRAMS = Programs(*(Path("/nowhere") for _ in range(4)))


@pytest.fixture
def same_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "account_for", lambda _name: "")


@pytest.mark.usefixtures("same_user")
def test_the_brokers_files_are_its_own_and_its_cookie_is_not_erlangs(tmp_path: Path) -> None:
    broker = RabbitMQ(PROGRAMS, tmp_path, (1, 2, 3))
    broker.prepare({})
    files = list((tmp_path / "rabbitmq").iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    cookie = tmp_path / "rabbitmq" / ".erlang.cookie"
    first = cookie.read_text(encoding="ascii")
    assert len(first) == 64
    broker.prepare({})
    assert cookie.read_text(encoding="ascii") != first


class Recorder:
    def __init__(self) -> None:
        self.statements: list[str] = []

    async def fetchval(self, *_arguments: object) -> None: ...

    async def execute(self, statement: str) -> None:
        self.statements.append(statement)

    async def close(self) -> None: ...


@pytest.mark.usefixtures("same_user")
async def test_nobody_enters_a_database_that_is_not_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database, recorder = PostgreSQL(PROGRAMS, tmp_path, 1, ""), Recorder()

    async def connect() -> Recorder:
        return recorder

    monkeypatch.setattr(database, "_connect", connect)
    await database.provide({"lotse_forum": "x"})
    revoked = [each for each in recorder.statements if each.startswith("REVOKE")]
    assert revoked == [
        'REVOKE ALL ON DATABASE "lotse_forum" FROM PUBLIC',
        "REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC",
    ]


def test_a_version_of_data_is_a_number(tmp_path: Path) -> None:
    cluster = tmp_path / "postgresql" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("../../tmp/evil", encoding="ascii")
    assert PostgreSQL.version_in(tmp_path) == ""
    (cluster / "PG_VERSION").write_text("15\n", encoding="ascii")
    assert PostgreSQL.version_in(tmp_path) == "15"
