"""The command line of Lotse: `python -m infra.runtime --help`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from infra import logs, telemetry
from infra.runtime.memory import few_heaps
from infra.runtime.problems import EXIT_AT_ONCE, EXIT_CANNOT_START, EXIT_FAULT, CannotStart
from infra.runtime.settling import imports_settled
from infra.settings import Settings, SettingsError, load

ROLES = {
    "web": "answers requests for one service",
    "background": "relay and consumer of one service",
    "worker": "runs the background jobs of one service",
    "beat": "sends the jobs of one service that have a rhythm",
    "service": "all of these for one service in one process",
}
VIA = "a port of this machine, such as a proxy's, by which a service reaches RabbitMQ; may be repeated"
Add = Callable[..., argparse.ArgumentParser]


def parser() -> argparse.ArgumentParser:
    """All commands with their help."""
    top = argparse.ArgumentParser(prog="python -m infra.runtime", description="Runs and operates Lotse.")
    add = top.add_subparsers(dest="command", required=True, metavar="COMMAND").add_parser
    _add_running(add)
    _add_operating(add)
    _add_filling(add)
    _add_describing(add)
    return top


def _add_running(add: Add) -> None:
    add("all", help="run everything in one process")
    for role, meaning in ROLES.items():
        add(role, help=meaning).add_argument("service", help="name of the service, e.g. contacts")
    add("gateway", help="pages and public API, for services that run elsewhere")
    local = add("up-local", help="all of these at once, with a PostgreSQL and a RabbitMQ of their own")
    local.add_argument("--fresh", action="store_true", help="delete the data of former runs first")
    local.add_argument(
        "--move", type=_folder, metavar="FROM_DIR", help="first take an all-in-one's data along: see move"
    )
    local.add_argument("--broker-via", type=_wire, action="append", default=[], metavar="SERVICE=PORT", help=VIA)


def _add_operating(add: Add) -> None:
    add("status", help="logs, dead letters, migrations; exit code 1 when something is unwell")
    letters = add("dead-letters", help="events that a handler could not finish")
    verbs = letters.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="show those that wait")
    verbs.add_parser("retry", help="handle again").add_argument("id", help="id of a dead letter, or all")
    replay = add("replay", help="let a service hear events again")
    replay.add_argument("service", help="the service that listens")
    replay.add_argument("position", type=_position, metavar="FROM", help="everything after this position of the log")
    replay.add_argument("producer", nargs="?", default="", help="only the log of this service")
    add("reindex", help="make the search index anew from the events")
    snapshot = add("snapshot", help="let a service tell its present state anew, in today's form of its events")
    snapshot.add_argument("service", help="the service that tells")
    add("migrate", help="bring the databases to the state of the program")
    move = add("move", help="take the data of an all-in-one along to new PostgreSQL databases")
    move.add_argument("directory", type=_folder, metavar="FROM_DIR", help="its LOTSE_DATA_DIR; it must not run")
    move.add_argument("--other-secret", action="store_true", help="let LOTSE_SECRET be another one than before")


def _add_filling(add: Add) -> None:
    add("seed", help="fill a new installation of separate processes (the all-in-one does it by itself)")
    bundle = add("import", help="take a bundle of content; all or nothing")
    bundle.add_argument("directory", type=_folder, metavar="DIR", help="folder of the bundle")
    bundle.add_argument("--dry-run", action="store_true", help="only check and count")
    people = add("import-list", help="take over subscribers of another newsletter, each with the proof of consent")
    people.add_argument("file", type=_folder, metavar="FILE", help="CSV in UTF-8; the runbook says which columns")
    people.add_argument("--dry-run", action="store_true", help="only check and count")
    people.add_argument("--skip-wrong", action="store_true", help="take the good lines although others are wrong")
    account = add("add-account", help="let somebody sign in; shows the new password once")
    account.add_argument("email", help="the address to sign in with")
    account.add_argument("name", help="the name shown to others")
    account.add_argument("--role", action="append", dest="roles", required=True, help="may be repeated")
    account.add_argument("--network", action="append", dest="networks", default=[], help="slug; may be repeated")


def _add_describing(add: Add) -> None:
    add("doctor", help="check what an installation needs; each finding names its cure")
    trial = add("test-mail", help="send a mail over each mail server, and show what it answers")
    trial.add_argument("address", help="who gets it")
    table = add("settings", help="show the table of settings")
    table.add_argument("--write", action="store_true", help="write it into docs/runbook.md")
    figures = add("metrics", help="show the table of metrics")
    figures.add_argument("--write", action="store_true", help="write it to docs/metrics.md")
    broker = add("broker-definitions", help="what each service may do on RabbitMQ, as it imports it")
    broker.add_argument("--write", action="store_true", help="write it into infra/deploy")


def _position(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be 0 or more")
    return number


def _wire(text: str) -> tuple[str, int]:
    service, _, port = text.partition("=")
    return service, int(port)


def _folder(text: str) -> str:
    return str(Path(text).resolve())


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = vars(parser().parse_args(arguments))
    command = options.pop("command")
    try:
        return _command(command, options)
    except SettingsError as error:
        from infra.runtime.requirements import all_problems

        problems = all_problems(error, command, options["service"] if command in ROLES else "")
        _complain("Die Einstellungen stimmen nicht. / The settings are wrong.", *problems)
        return EXIT_CANNOT_START
    except CannotStart as problem:
        _complain(problem.text.de, problem.text.en)
        return EXIT_CANNOT_START
    except KeyboardInterrupt:  # Ctrl+C before a signal handler is there, or during a command
        return EXIT_AT_ONCE
    except BrokenPipeError:  # whoever reads our lines (head, less) has seen enough; say nothing more at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAULT


def _command(command: str, options: dict[str, Any]) -> int:
    if command == "settings":
        return _settings(options["write"])
    if command == "metrics":
        return _metrics(options["write"])
    if command == "broker-definitions":
        return _broker_definitions(options["write"])
    settings = load()
    os.umask(0o077)  # databases, index and mailbox hold personal data: nobody else on the machine reads them
    few_heaps()
    if command in ("all", "gateway", *ROLES):
        logs.configure(settings.log_level)
        telemetry.configure(f"{options['service']}-{command}" if command in ROLES else command)
    else:
        logs.configure("WARNING")
    with imports_settled():
        work = _work(settings, command, options)
    return _run(work)


def _work(settings: Settings, command: str, options: dict[str, Any]) -> Callable[[], Coroutine[Any, Any, int]]:
    """The coroutine function behind a command; imports only what that command needs, so that each starts quickly."""
    if command == "all":
        from infra.runtime.embedded import run_all

        return lambda: run_all(settings)
    if command == "gateway":
        from infra.runtime.front import run_gateway

        return lambda: run_gateway(settings)
    if command == "up-local":
        from infra.runtime.local.up import Options, up_local

        former = Path(options["move"]) if options["move"] else None
        wanted = Options(options["fresh"], dict(options["broker_via"]), former)
        return lambda: up_local(settings, wanted, _say)
    if command == "move":
        from infra.runtime.move import move

        return lambda: move(settings, Path(options["directory"]), options["other_secret"], _say)
    if command in ROLES:
        from infra.runtime.roles import run_role

        return lambda: run_role(settings, command, options["service"])
    from infra.runtime.offline import operate

    return lambda: operate(settings, command, options, _say)


def _run(work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work())


def _settings(write: bool) -> int:
    from infra.runtime.settings_table import settings_table, write_table

    if write:
        write_table()
    else:
        _say(settings_table())
    return 0


def _broker_definitions(write: bool) -> int:
    from infra.runtime.broker_files import all_users, definitions_text, write_files

    if write:
        write_files()
    else:
        _say(definitions_text(all_users()))
    return 0


def _metrics(write: bool) -> int:
    from infra.runtime.metrics_table import document, write_document

    if write:
        write_document()
    else:
        _say(document())
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _complain(*lines: str) -> None:
    sys.stderr.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
