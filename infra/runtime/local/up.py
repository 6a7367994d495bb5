"""`up-local` from the first look for programs to the last process gone.

    servers start → databases, roles → migrate (→ move) → processes start → all ready → seed → the address is told →
    Ctrl+C → processes, broker, database stop

The same steps run at every start; what is there already makes them short.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import aiohttp

from infra.errors import Text
from infra.runtime.datalock import LOCK_NAME, data_lock
from infra.runtime.http import bind
from infra.runtime.local import home
from infra.runtime.local.environment import HOST, Environments, Servers, login
from infra.runtime.local.programs import Programs, find_programs
from infra.runtime.local.servers import PostgreSQL, RabbitMQ, inherited
from infra.runtime.local.supervised import Program, Supervised
from infra.runtime.naming import all_services
from infra.runtime.permissions import broker_users, definitions
from infra.runtime.plan import MIGRATE, SEED, Process, plan
from infra.runtime.problems import CannotStart
from infra.runtime.shutdown import Signals, Stoppable, StopRequested
from infra.runtime.supervision import Supervisor
from infra.runtime.welcome import base_url, welcome
from infra.settings import DEMO_SECRET, Settings

ROOT = Path(__file__).resolve().parent.parent.parent.parent
STOP_SECONDS = 60.0
SERVER_SECONDS = 90.0
READY_SECONDS = 180.0
POLL_SECONDS = 0.1
LAST_PORT = 65535
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What the command line asks for.

    `fresh` deletes all data of former runs first; `broker_via` names ports by which single services reach the broker;
    `former` is the data folder of an all-in-one, whose data are moved here before anything else starts.
    """

    fresh: bool
    broker_via: Mapping[str, int]
    former: Path | None


async def up_local(settings: Settings, options: Options, say: Say) -> int:
    """Run Lotse as separate processes until a signal comes; returns the exit code.

    Raises:
        CannotStart: with what the operator can mend.
    """
    signals = Signals()
    signals.install()
    supervisor = Supervisor(signals)
    folder, programs = await _place(settings, say)
    with data_lock(folder):
        if home.leftovers(folder):
            say("Waiting until the processes of a former run have ended …")
            await home.end_leftovers(folder)
        if options.fresh:
            home.empty(folder, LOCK_NAME)
        try:
            async with Stoppable(STOP_SECONDS) as parts:
                local = Local(settings, options, programs, folder, say)
                with contextlib.suppress(StopRequested):
                    await signals.unless_stopped(local.start(parts, supervisor))
                    await signals.stop.wait()
                say("Stopping …")
        finally:
            await home.end_leftovers(folder)
    return supervisor.exit_code


async def _place(settings: Settings, say: Say) -> tuple[Path, Programs]:
    """The folder, and the programs that fit the data in it."""
    programs = await find_programs("", say)
    accounts = (home.account_for(PostgreSQL.account_name), home.account_for(RabbitMQ.account_name))
    folder = home.choose(settings.data_dir, programs.setpriv, [name for name in accounts if name])
    return folder, await find_programs(PostgreSQL.version_in(folder), say)


class Local:
    """One `up-local`: its servers, its processes and what each is told."""

    def __init__(self, settings: Settings, options: Options, programs: Programs, folder: Path, say: Say) -> None:
        services = all_services(settings)
        names = [service.name for service in services]
        with bind(HOST, settings.port) as sock:
            first = sock.getsockname()[1]
            url = settings.base_url or base_url(HOST, sock)
        ports = _free_ports(first)
        together = [service.name for service in services if service.together(settings)]
        self._processes = plan(services, together=together, ports=ports)
        # Links in mails and what is known of addresses depend on the secret, so it comes along.
        given = {} if options.former is None else {"lotse": settings.secret}
        secrets = home.keep_secrets(folder, _secret_names(names), given)
        passwords = {kind: {name: secrets[f"{kind}/{name}"] for name in names} for kind in ("database", "broker")}
        self._database = PostgreSQL(programs, folder, next(ports), secrets["postgresql"])
        self._broker = RabbitMQ(programs, folder, (next(ports), next(ports), next(ports)))
        self._definitions = definitions(broker_users(services), _by_login(passwords["broker"]))
        self._passwords = _by_login(passwords["database"])
        self.environments = Environments(
            processes=self._processes,
            servers=Servers(
                self._database.port, self._broker.port, passwords["database"], passwords["broker"], options.broker_via
            ),
            data_dir=folder / "lotse",
            base_url=url,
            secret=secrets["lotse"] if settings.secret == DEMO_SECRET else settings.secret,
            demo=settings.demo,
        )
        self._supervised = Supervised(folder, programs.setpriv, self._programs(), next(ports), secrets["supervisor"])
        self._settings = replace(settings, base_url=url, data_dir=folder / "lotse")
        self._notes = [note for service in services for note in service.demo_notes]
        self._folder = folder
        self._former = options.former
        self._say = say
        self._started = time.monotonic()

    async def start(self, parts: Stoppable, supervisor: Supervisor) -> None:
        """Start everything in order, fill a new installation and tell the address."""
        home.own_folder(self._settings.data_dir, "")
        home.write_private(self._folder / "environment", self.environments.as_script(inherited()))
        await self._start_servers(parts, supervisor)
        await self._run(MIGRATE)
        if self._former is not None:
            await self._run(Process("move", ("move", str(self._former)), "move"))
        await self._until("rabbitmq", self._broker.answers, SERVER_SECONDS)
        self._tell(f"RabbitMQ answers on port {self._broker.port}")
        await self._supervised.start_group("lotse")
        self._tell(f"{len(self._processes)} processes start; this takes a while …")
        await self._until_ready()
        await self._run(SEED)
        await self._until_ready()  # the search index has taken in what was filled
        self._tell(f"ready; {len(self._processes)} processes")
        self._say("\n" + welcome(self._settings, self._notes) + "\n" + self._where())

    async def _start_servers(self, parts: Stoppable, supervisor: Supervisor) -> None:
        self._broker.prepare(self._definitions)
        parts.on_stop("supervisord", self._supervised.stop)
        await self._supervised.start({**inherited(), home.MARK: str(self._folder)})
        watch = supervisor.start("supervisord", self._supervised.ended())
        parts.on_stop("watch", partial(_cancel, watch))
        await self._supervised.start_group("epmd")
        await self._supervised.start_group("rabbitmq")
        await self._database.prepare()
        await self._supervised.start_group("postgresql")
        await self._until("postgresql", self._database.answers, SERVER_SECONDS)
        await self._database.provide(self._passwords)
        self._tell(f"PostgreSQL answers on port {self._database.port}")

    async def _run(self, step: Process) -> None:
        """Run a step to its end. CannotStart: it failed; says what it wrote."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "infra.runtime", *step.arguments),
            cwd=ROOT,
            env={**inherited(), home.MARK: str(self._folder), **self.environments.of_operator()},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:  # we were asked to stop meanwhile
            process.terminate()
            raise
        if process.returncode:
            raise CannotStart(_failed(step.name, output.decode(errors="replace").strip()[-2000:]))
        self._tell(f"{step.name}: done")

    async def _until_ready(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            for process in self._processes:
                await self._until(process.name, partial(_is_ready, session, process.port), READY_SECONDS)

    async def _until(self, name: str, look: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Wait until `look` says yes. CannotStart: not within `seconds`, or some program ended meanwhile."""
        deadline = time.monotonic() + seconds
        while not await look():
            failed = await self._supervised.troubles() or [name] * (time.monotonic() > deadline)
            if failed:
                raise CannotStart(_failed(failed[0], self._supervised.last_words(failed[0])))
            await asyncio.sleep(POLL_SECONDS)

    def _programs(self) -> Sequence[Program]:
        processes = (
            Program(
                name=process.name,
                group="lotse",
                rank=30,
                command=(sys.executable, "-m", "infra.runtime", *process.arguments),
                folder=ROOT,
                environment=self.environments.of(process),
            )
            for process in self._processes
        )
        return (self._database.program(), *self._broker.programs(), *processes)

    def _tell(self, line: str) -> None:
        self._say(f"{time.monotonic() - self._started:6.1f} s  {line}")

    def _where(self) -> str:
        logs, control = self._supervised.logs, self._supervised.config
        # In a shell of their own: there the addresses of these servers lead nothing else astray.
        commands = f"(. {self._folder}/environment; cd {ROOT}; {sys.executable} -m infra.runtime status)"
        return "\n".join(
            (
                "",
                f"All logs together:   tail -F {logs}/*.log",
                f"Who runs:            {sys.executable} -m supervisor.supervisorctl -c {control} status",
                f"Operator's commands: {commands}",
                "",
            )
        )


async def _is_ready(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://{HOST}:{port}/readyz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def _cancel(task: asyncio.Task[None], _seconds: float) -> None:
    task.cancel()


def _secret_names(services: Sequence[str]) -> list[str]:
    each = [f"{kind}/{service}" for kind in ("database", "broker") for service in services]
    return ["lotse", "postgresql", "supervisor", *each]


def _by_login(passwords: Mapping[str, str]) -> dict[str, str]:
    return {login(service): password for service, password in passwords.items()}


def _free_ports(first: int) -> Iterator[int]:
    """`first`, which is known to be free, and then the free ones after it."""
    yield first
    for port in range(first + 1, LAST_PORT + 1):
        with contextlib.suppress(CannotStart), bind(HOST, port):
            yield port


def _failed(name: str, said: str) -> Text:
    return Text(f"{name} ist nicht fertig geworden; was es zuletzt sagte:", f"{name} did not finish; it said:\n{said}")
