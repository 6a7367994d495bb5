"""The Kubernetes manifests, held against schemas, the plan, the compose file, the metrics and one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from infra.metrics import described
from infra.runtime.plan import MIGRATE, Process
from infra.runtime.requirements import require_for_commands, require_for_gateway, require_for_role
from infra.runtime.search_keys import INDEXER, SEARCHER
from infra.settings import FIELDS, load
from tests.deploy.composed import PORT, ROOT, environment, processes, services
from tests.deploy.kustomized import BASE, EXAMPLE, Resource, containers, fits, kustomized, used_files

VERSION = "1.37"
CONNECTIONS = 12  # of one process at most: ten in its pool (infra.db.config), and those that hold its locks
PASSWORD = "a-password-that-needs-no-quotes-at-all"
# What the operators' own definitions require: kind to API version and paths into the resource that must be there.
CUSTOM: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Cluster": ("postgresql.cnpg.io/v1", ("spec.instances", "spec.storage.size", "spec.imageName")),
    "Database": ("postgresql.cnpg.io/v1", ("spec.name", "spec.owner", "spec.cluster.name")),
    "RabbitmqCluster": ("rabbitmq.com/v1beta1", ("spec.replicas", "spec.persistence.storage")),
    "Vhost": ("rabbitmq.com/v1beta1", ("spec.name", "spec.rabbitmqClusterReference.name")),
    "User": ("rabbitmq.com/v1beta1", ("spec.importCredentialsSecret.name", "spec.rabbitmqClusterReference.name")),
    "Permission": (
        "rabbitmq.com/v1beta1",
        ("spec.vhost", "spec.user", "spec.permissions.configure", "spec.rabbitmqClusterReference.name"),
    ),
    "TopicPermission": (
        "rabbitmq.com/v1beta1",
        ("spec.vhost", "spec.user", "spec.permissions.exchange", "spec.rabbitmqClusterReference.name"),
    ),
    "PodMonitor": ("monitoring.coreos.com/v1", ("spec.selector", "spec.podMetricsEndpoints")),
}
# What only an overlay's ConfigMap says, where somebody wants it.
WISHES = {"LOTSE_BOUNCE_ADDRESS", "LOTSE_LMTP_LISTEN", "LOTSE_SMTP_DOMAIN_RATES"}
WISHES |= {field.name for field in FIELDS if field.name.startswith("LOTSE_NEWSLETTER_")}


@cache
def _everything() -> tuple[Resource, ...]:
    return tuple(kustomized(EXAMPLE))


def _of(kind: str) -> dict[str, Resource]:
    return {each["metadata"]["name"]: each for each in _everything() if each["kind"] == kind}


def _volumes(name: str) -> Resource:
    return {volume["name"]: volume for volume in _process(name)["spec"]["template"]["spec"]["volumes"]}


def _process(name: str) -> Resource:
    return _of("Deployment")[name]


def _pods() -> Iterator[tuple[str, Mapping[str, str]]]:
    """The name and the labels of all pods, those that the operators make included."""
    for resource in _everything():
        if containers(resource):
            yield resource["metadata"]["name"], resource["spec"]["template"]["metadata"]["labels"]
    yield "lotse-postgres", {"cnpg.io/cluster": "lotse-postgres"}
    yield "lotse-rabbitmq", {"app.kubernetes.io/name": "lotse-rabbitmq"}


def _selected(selector: Mapping[str, Any]) -> set[str]:
    return {name for name, labels in _pods() if fits(labels, selector)}


def _environment(container: Resource) -> dict[str, str]:
    """The variables of a container, those of its config map included; secrets become a password."""
    values: dict[str, str] = {}
    for source in container["envFrom"]:
        values |= _of("ConfigMap")[source["configMapRef"]["name"]]["data"]
    for variable in container["env"]:
        text = str(variable["value"]) if "value" in variable else PASSWORD
        values[variable["name"]] = re.sub(r"\$\((\w+)\)", lambda match: values[match.group(1)], text)
    return values


def _secrets(resource: Resource) -> set[str]:
    return {
        variable["valueFrom"]["secretKeyRef"]["name"]
        for container in containers(resource)
        for variable in container.get("env", ())
        if "valueFrom" in variable
    }


def _at(resource: Resource, path: str) -> Any:
    value: Any = resource
    for part in path.split("."):
        value = value[part]
    return value


@pytest.mark.parametrize("resource", _everything(), ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_a_resource_fits_its_schema(resource: Resource) -> None:
    if resource["kind"] in CUSTOM:
        version, required = CUSTOM[resource["kind"]]
        assert resource["apiVersion"] == version
        assert all(_at(resource, path) for path in required)
    else:
        kubernetes_validate.validate(resource, VERSION, strict=True)


def test_every_file_is_used_and_names_are_unique() -> None:
    there = {path for folder in (BASE, EXAMPLE) for path in folder.rglob("*.yaml")}
    assert there - set(used_files(EXAMPLE)) == {EXAMPLE / "prometheus-adapter.yaml"}
    names = [(each["kind"], each["metadata"]["name"]) for each in _everything()]
    assert len(set(names)) == len(names)


def test_it_runs_exactly_the_processes_of_the_plan() -> None:
    assert set(_of("Deployment")) == {process.name for process in processes()} | {"operator"}
    for process in processes():
        (container,) = containers(_process(process.name))
        assert tuple(container["args"]) == process.arguments
        assert "command" not in container
    (migrate,) = containers(_of("Job")["migrate"])
    assert tuple(migrate["args"]) == MIGRATE.arguments


@pytest.mark.parametrize("process", processes(), ids=lambda process: process.name)
def test_a_process_can_start_with_what_it_is_told(process: Process) -> None:
    (container,) = containers(_process(process.name))
    told = _environment(container)
    composed = set(environment(process.name)) - WISHES
    assert composed <= set(told)
    assert set(told) - composed <= {"DATABASE_PASSWORD", "BROKER_PASSWORD", "LOTSE_MAIL_FROM", "LOTSE_IMPRINT"}
    secrets = {
        "LOTSE_SMTP_URL": "smtp://mail.example.org",
        "LOTSE_BOUNCE_MAILBOX": "imaps://user:word@mail.example.org",
    }
    secrets |= {"LOTSE_DKIM_KEY": "", "LOTSE_DKIM_DOMAIN": ""}  # where the mail server signs, there is no such secret
    settings = load(told | {name: value for name, value in secrets.items() if name in told})
    assert (settings.host, settings.port) == ("0.0.0.0", PORT)
    if not process.service:
        require_for_gateway(settings)
        addresses = {urlsplit(settings.service_url(service.name)).hostname for service in services()}
        assert addresses <= set(_of("Service"))
        return
    require_for_role(settings, next(each for each in services() if each.name == process.service), process.role)
    database, broker = urlsplit(settings.database(process.service)), urlsplit(settings.broker(process.service))
    assert (database.hostname, database.username) == ("lotse-postgres-rw", f"lotse_{process.service}")
    assert (broker.hostname, broker.username) == ("lotse-rabbitmq", f"lotse_{process.service}")


def test_commands_reach_every_service_as_that_service() -> None:
    for resource in (_of("Job")["migrate"], _process("operator")):
        (container,) = containers(resource)
        settings = load(_environment(container) | {"LOTSE_SMTP_URL": "smtp://mail.example.org"})
        require_for_commands(settings)
        assert {urlsplit(settings.database(each.name)).username for each in services()} == {
            f"lotse_{each.name}" for each in services()
        }


def test_secrets_are_named_and_documented_but_never_contained() -> None:
    assert not _of("Secret")
    named = set[str]().union(*map(_secrets, _everything()))
    named |= {user["spec"]["importCredentialsSecret"]["name"] for user in _of("User").values()}
    cluster = _of("Cluster")["lotse-postgres"]["spec"]
    named.add(cluster["bootstrap"]["initdb"]["secret"]["name"])
    named |= {role["passwordSecret"]["name"] for role in cluster["managed"]["roles"]}
    own = {f"lotse-{each.name}-{kind}" for each in services() for kind in ("database", "broker")}
    assert named == own | {"lotse", "lotse-mail", "lotse-dkim", "lotse-meilisearch", "lotse-meilisearch-master"}
    documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in named - own if f"secret generic {name} " not in documented] == []
    assert all(f"$(key {key.uid})" in documented for key in (INDEXER, SEARCHER))
    for process in processes():
        foreign = own - {f"lotse-{process.service}-database", f"lotse-{process.service}-broker"}
        assert not _secrets(_process(process.name)) & foreign


def test_all_pods_can_neither_write_nor_rise() -> None:
    for resource in filter(containers, _everything()):
        pod = resource["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True
            assert rights["allowPrivilegeEscalation"] is False
            assert rights["capabilities"] == {"drop": ["ALL"]}
            assert {"requests", "limits"} == set(container["resources"])
            assert ":" in container["image"]
            assert not container["image"].endswith(":latest")


def test_processes_are_asked_how_they_are() -> None:
    for process in processes():
        deployment = _process(process.name)
        (container,) = containers(deployment)
        assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "http"}
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
        assert container["ports"] == [{"name": "http", "containerPort": PORT}]
        # Stopping takes 20 seconds at most, after the pause before it.
        pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= pause + 20


def test_selectors_select_what_they_should() -> None:
    for deployment in _of("Deployment").values():
        assert _selected(deployment["spec"]["selector"]) == {deployment["metadata"]["name"]}
    for name, service in _of("Service").items():
        assert _selected({"matchLabels": service["spec"]["selector"]}) == {name}
    names = {process.name for process in processes()}
    assert _selected(_of("PodMonitor")["lotse"]["spec"]["selector"]) == names
    by_role = {process.name: process.role for process in processes()}
    budgets = {name: _selected(each["spec"]["selector"]) for name, each in _of("PodDisruptionBudget").items()}
    assert budgets == {
        "web": {name for name, role in by_role.items() if role in ("web", "gateway")},
        "background": {name for name, role in by_role.items() if role == "background"},
    }
    (backend,) = _of("Ingress")["lotse"]["spec"]["rules"][0]["http"]["paths"]
    assert backend["backend"]["service"]["name"] in _of("Service")


def test_web_and_workers_grow_by_metrics_that_exist() -> None:
    scaled = {name: each["spec"] for name, each in _of("HorizontalPodAutoscaler").items()}
    assert set(scaled) == {each.name for each in processes() if each.role in ("web", "gateway", "worker")}
    known = {metric.name: metric.labels for metric in described()}
    for name, spec in scaled.items():
        assert spec["scaleTargetRef"]["name"] == name
        assert "replicas" not in _process(name)["spec"], "the autoscaler says how many"
        metrics = [each[each["type"].lower()].get("metric") for each in spec["metrics"] if each["type"] != "Resource"]
        assert metrics
        assert all(set(each.get("selector", {}).get("matchLabels", {})) <= set(known[each["name"]]) for each in metrics)
    used = {
        each[each["type"].lower()]["metric"]["name"]
        for spec in scaled.values()
        for each in spec["metrics"]
        if each["type"] != "Resource"
    }
    rules = yaml.safe_load((EXAMPLE / "prometheus-adapter.yaml").read_text(encoding="utf-8"))["rules"]
    handed_on = {rule["seriesQuery"].partition("{")[0] for kind in rules.values() for rule in kind}
    assert handed_on == used


def test_postgres_has_room_for_all_copies() -> None:
    largest = {name: each["spec"]["maxReplicas"] for name, each in _of("HorizontalPodAutoscaler").items()}
    copies = sum(
        largest.get(each.name) or _process(each.name)["spec"]["replicas"] for each in processes() if each.service
    )
    parameters = _of("Cluster")["lotse-postgres"]["spec"]["postgresql"]["parameters"]
    assert copies * CONNECTIONS < int(parameters["max_connections"])


def test_every_service_has_database_role_and_broker_user() -> None:
    cluster = _of("Cluster")["lotse-postgres"]["spec"]
    roles = {cluster["bootstrap"]["initdb"]["owner"], *(role["name"] for role in cluster["managed"]["roles"])}
    databases = {cluster["bootstrap"]["initdb"]["database"]} | {
        each["spec"]["name"] for each in _of("Database").values()
    }
    wanted = {f"lotse_{each.name}" for each in services()}
    assert roles == databases == wanted
    assert all(each["spec"]["owner"] == each["spec"]["name"] for each in _of("Database").values())
    clusters = {
        each["spec"]["rabbitmqClusterReference"]["name"] for kind in ("Vhost", "User") for each in _of(kind).values()
    }
    assert clusters == set(_of("RabbitmqCluster"))
    assert _of("RabbitmqCluster")["lotse-rabbitmq"]["spec"]["replicas"] == 3


def test_the_brokers_have_the_same_settings_here_as_in_compose() -> None:
    lines = (ROOT / "infra" / "deploy" / "rabbitmq" / "rabbitmq.conf").read_text(encoding="utf-8").splitlines()
    composed = {line for line in lines if line and not line.startswith(("#", "load_definitions", "log."))}
    here = _of("RabbitmqCluster")["lotse-rabbitmq"]["spec"]["rabbitmq"]["additionalConfig"]
    assert set(here.splitlines()) == composed


def test_the_network_lets_through_what_is_needed_and_no_more() -> None:
    policies = {name: each["spec"] for name, each in _of("NetworkPolicy").items()}
    own = {name for name, labels in _pods() if labels.get("app.kubernetes.io/part-of") == "lotse"} - {"meilisearch"}
    role = {process.name: process.role for process in processes()}
    with_data = {process.name for process in processes() if process.service} | {"migrate", "operator"}
    search = {process.name for process in processes() if process.service == "search"}
    assert own <= _selected(policies["lotse"]["podSelector"])
    for server, port, clients in (
        ("lotse-postgres", 5432, with_data),
        ("lotse-rabbitmq", 5672, with_data),
        ("meilisearch", 7700, search | {"search-keys", "operator"}),
    ):
        assert _let_in(server, port) - {server} == clients
        assert _let_out(server, port) == clients
    answering = {name for name, kind in role.items() if kind == "web"}
    for name in answering:
        assert _let_in(name, PORT) == _let_out(name, PORT) == {"gateway"}
    mail = [name for name, spec in policies.items() if {"port": 587} in _ports(spec.get("egress", ()))]
    senders = {"contacts-worker", "newsletter-worker", "operator"}
    assert [_selected(policies[name]["podSelector"]) for name in mail] == [senders]
    for name in senders:
        assert _volumes(name)["dkim"]["secret"]["optional"] is True
    assert "emptyDir" in _volumes("newsletter-worker")["data"], "the journal of dispatch (decision 0126)"


def _let_in(server: str, port: int) -> set[str]:
    """Which of our pods a server lets in on a port."""
    labels = dict(_pods())[server]
    rules = [rule for spec in _policies("Ingress") if fits(labels, spec["podSelector"]) for rule in spec["ingress"]]
    peers = [peer for rule in rules if {"port": port} in rule.get("ports", [{"port": port}]) for peer in rule["from"]]
    return set[str]().union(*(_selected(peer["podSelector"]) for peer in peers if "podSelector" in peer))


def _let_out(server: str, port: int) -> set[str]:
    """Which of our pods may go out to a server on a port."""
    labels = dict(_pods())[server]
    found: set[str] = set()
    for spec in _policies("Egress"):
        for rule in spec["egress"]:
            peers = [
                peer for peer in rule.get("to", ()) if fits(labels, peer.get("podSelector", {"matchLabels": {"": ""}}))
            ]
            if peers and {"port": port} in rule["ports"]:
                found |= _selected(spec["podSelector"])
    return found


def _policies(kind: str) -> Iterator[Resource]:
    return (each["spec"] for each in _of("NetworkPolicy").values() if kind.lower() in each["spec"])


def _ports(rules: Any) -> list[Any]:
    return [port for rule in rules for port in rule.get("ports", ())]
