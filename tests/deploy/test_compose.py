"""The compose file, held against the plan, `up-local`, the broker's permissions and the program's own settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from infra.runtime.broker_files import all_users
from infra.runtime.local.environment import Environments, Servers
from infra.runtime.permissions import EVENTS_VHOST, JOBS_VHOST
from infra.runtime.plan import MIGRATE, SEED, Process
from infra.runtime.requirements import require_for_commands, require_for_gateway, require_for_role
from infra.runtime.write_env import contents
from infra.settings import FIELDS, load
from tests.deploy.composed import (
    FILE,
    PORT,
    composed,
    dotenv,
    environment,
    interpolated,
    processes,
    services,
    variables,
)

SERVERS = {"postgres", "rabbitmq", "meilisearch", "mailpit"}
STEPS = {"migrate", "seed", "search-keys", "operator"}
OF_THE_NEWSLETTER = {field.name for field in FIELDS if field.name.startswith("LOTSE_NEWSLETTER_")}
SENDERS = {"contacts-worker", "newsletter-worker"}
EDGE = {"gateway", *SENDERS, "operator", "mailpit"}


def test_the_file_is_valid() -> None:
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE))
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_it_runs_exactly_the_processes_of_the_plan() -> None:
    parts = composed()["services"]
    assert set(parts) == {process.name for process in processes()} | SERVERS | STEPS
    for process in (*processes(), MIGRATE, SEED):
        assert tuple(parts[process.name]["command"]) == process.arguments, process.name
        assert "entrypoint" not in parts[process.name]


@pytest.mark.parametrize("process", processes(), ids=lambda process: process.name)
def test_a_process_is_told_what_up_local_tells_it(process: Process) -> None:
    told = environment(process.name)
    local = _up_local().of(process)
    only_there = {"LOTSE_DEMO", "LOTSE_DATA_DIR"}  # the image says where data are; its demo is made by a step
    only_here = {"LOTSE_LOG_LEVEL"}
    if process.service == "search":
        only_here |= {"LOTSE_MEILI_URL", "LOTSE_MEILI_SEARCH_KEY"}
        only_here |= {"LOTSE_MEILI_KEY"} if process.role == "background" else set()  # it alone writes the index
    if process.service in ("contacts", "newsletter"):
        only_here |= {"LOTSE_SMTP_URL", "LOTSE_SMTP_DOMAIN_RATES", "LOTSE_MAIL_FROM", "LOTSE_IMPRINT"}
        only_here |= {"LOTSE_BOUNCE_ADDRESS"}
    if process.name in SENDERS:
        only_here |= {"LOTSE_DKIM_KEY", "LOTSE_DKIM_SELECTOR", "LOTSE_DKIM_DOMAIN"}
    if process.service == "newsletter":
        only_here |= {"LOTSE_BOUNCE_MAILBOX", "LOTSE_LMTP_LISTEN", "LOTSE_BOUNCE_HTTP_KEY", *OF_THE_NEWSLETTER}
    if not process.service:
        only_here |= {"LOTSE_IMPRINT", "LOTSE_BOUNCE_HTTP_KEY", "FORWARDED_ALLOW_IPS"}
    assert set(told) == set(local) - only_there | only_here
    for name in ("LOTSE_DATABASE_URL", "LOTSE_BROKER_URL", "LOTSE_JOBS_URL"):
        if name in told:
            here, there = urlsplit(told[name]), urlsplit(local[name])
            assert (here.scheme, here.username, here.path) == (there.scheme, there.username, there.path)


@pytest.mark.parametrize("process", processes(), ids=lambda process: process.name)
def test_a_process_can_start_with_what_it_is_told(process: Process) -> None:
    settings = load(environment(process.name))
    assert (settings.host, settings.port, settings.demo) == ("0.0.0.0", PORT, False)
    if not process.service:
        require_for_gateway(settings)
        for service in services():
            assert settings.service_url(service.name) == f"http://{service.name}-web:{PORT}"
        return
    (service,) = (each for each in services() if each.name == process.service)
    require_for_role(settings, service, process.role)
    user = next(user for user in all_users() if user.service == service.name)
    database = urlsplit(settings.database(service.name))
    assert (database.hostname, database.username, database.path) == ("postgres", user.name, f"/{user.name}")
    for url, vhost in ((settings.broker(service.name), EVENTS_VHOST), (settings.jobs(service.name), JOBS_VHOST)):
        address = urlsplit(url)
        assert (address.hostname, address.username, address.path) == ("rabbitmq", user.name, f"/{vhost}")


def test_steps_and_commands_reach_every_service_as_that_service() -> None:
    for name in ("migrate", "operator", "seed"):
        settings = load(environment(name))
        require_for_commands(settings)
        for service in services():
            assert urlsplit(settings.database(service.name)).username == f"lotse_{service.name}"
            assert urlsplit(settings.broker(service.name)).username == f"lotse_{service.name}"


def test_nobody_is_told_the_secrets_of_another() -> None:
    parts = composed()["services"]
    for process in processes():
        text = str(parts[process.name]["environment"])
        foreign = {service.name.upper() for service in services() if service.name != process.service}
        assert not [name for name in foreign if f"LOTSE_{name}_" in text], process.name
    holders = {name for name, part in parts.items() if "MEILI_MASTER_KEY" in str(part.get("environment"))}
    assert holders == {"meilisearch", "search-keys"}


def test_no_secret_has_a_default_and_make_env_makes_every_one() -> None:
    used = variables(FILE.read_text(encoding="utf-8"))
    assert not used[""]
    assert used[":-"] == {
        "LOTSE_VERSION",
        "LOTSE_LOG_LEVEL",
        *OF_THE_NEWSLETTER,
        "LOTSE_SMTP_DOMAIN_RATES",
        "LOTSE_DKIM_FILE",
        "LOTSE_DKIM_KEY",
        "LOTSE_DKIM_SELECTOR",
        "LOTSE_DKIM_DOMAIN",
        "LOTSE_BOUNCE_ADDRESS",
        "LOTSE_BOUNCE_MAILBOX",
        "LOTSE_LMTP_LISTEN",
        "LOTSE_BOUNCE_HTTP_KEY",  # there is none unless somebody wants that way in
        "LOTSE_PUBLISH",
        "LOTSE_OUTSIDE_SUBNET",
        "FORWARDED_ALLOW_IPS",
    }
    real, demo = dotenv(contents(demo=False)), dotenv(contents(demo=True))
    assert used[":?"] == set(real)
    assert set(demo) == set(real) | {"COMPOSE_PROFILES"}
    assert all(demo.values())
    empty = {name for name, value in real.items() if not value}
    assert empty == {"LOTSE_BASE_URL", "LOTSE_SMTP_URL", "LOTSE_MAIL_FROM", "LOTSE_IMPRINT"}


def test_the_processes_can_neither_write_nor_rise() -> None:
    parts = composed()["services"]
    for name in set(parts) - SERVERS:
        part = parts[name]
        assert part["image"].startswith("lotse:")
        assert part["read_only"] is True
        assert part["cap_drop"] == ["ALL"]
        assert part["security_opt"] == ["no-new-privileges:true"]
        assert part["mem_limit"]
        assert part["tmpfs"]
        # the journal of dispatch outlives its process (decision 0126)
        assert part.get("volumes", []) == (["journal:/data"] if name == "newsletter-worker" else [])
        assert "privileged" not in part
    for name in SERVERS:
        tag = parts[name]["image"].partition(":")[2]
        assert tag.count(".") >= 2 or tag.startswith("17."), f"{name}: not pinned to a release"


def test_only_the_gateway_is_reached_from_outside() -> None:
    document = composed()
    parts, networks = document["services"], document["networks"]
    assert {name for name, part in parts.items() if "ports" in part} == {"gateway", "mailpit"}
    assert all("127.0.0.1:" in str(parts[name]["ports"]) for name in ("gateway", "mailpit"))
    open_networks = {name for name, network in networks.items() if not network.get("internal")}
    assert open_networks == {"outside"}
    assert {name for name, part in parts.items() if "outside" in part["networks"]} == EDGE
    assert not set(parts["gateway"]["networks"]) & {"servers", "index"}


def test_a_proxy_on_this_machine_is_believed() -> None:
    """It arrives through the network in front of the gateway."""
    (subnet,) = composed()["networks"]["outside"]["ipam"]["config"]
    assert interpolated(subnet["subnet"], {}) == environment("gateway")["FORWARDED_ALLOW_IPS"]


def test_everything_waits_for_what_it_needs() -> None:
    parts = composed()["services"]
    done, well = {"condition": "service_completed_successfully"}, {"condition": "service_healthy"}
    assert parts["migrate"]["depends_on"] == {"postgres": well}
    for process in processes():
        needs = {"migrate": done, "rabbitmq": well}
        if process.service == "search":
            needs["search-keys"] = done
        assert parts[process.name]["depends_on"] == needs
        assert parts[process.name]["healthcheck"]["test"][0] == "CMD"


def test_the_files_it_mounts_are_there() -> None:
    document = composed()
    files = [config["file"] for config in document["configs"].values() if "file" in config]
    files += [volume.split(":")[0] for volume in document["services"]["postgres"]["volumes"] if volume.startswith(".")]
    files.append(document["services"]["migrate"]["build"]["dockerfile"])
    assert len(files) == 4
    assert [name for name in files if not (FILE.parent / name).is_file()] == []


def _up_local() -> Environments:
    passwords = {service.name: "p" for service in services()}
    return Environments(processes(), Servers(1, 2, passwords, passwords), Path("/data"), "http://x", "s" * 40, True)
