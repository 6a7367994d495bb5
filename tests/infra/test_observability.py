"""Dashboard, alerts and scrape example: what they name exists, and each alert leads to a section that helps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.metrics import Described, described
from infra.runtime.metrics_table import DOCUMENT, document
from infra.runtime.plan import plan
from infra.runtime.service import load
from infra.settings import SERVICES
from tests.instance import ROOT

FOLDER = ROOT / "infra" / "deploy" / "observability"
# What others make, with who says so.
FOREIGN = {
    "up": "https://prometheus.io/docs/concepts/jobs_instances/",
    "process_resident_memory_bytes": "https://prometheus.github.io/client_python/collector/",
    "process_cpu_seconds_total": "https://prometheus.github.io/client_python/collector/",
    "rabbitmq_alarms_memory_used_watermark": "https://www.rabbitmq.com/docs/prometheus",
    "rabbitmq_alarms_free_disk_space_watermark": "https://www.rabbitmq.com/docs/prometheus",
    "rabbitmq_detailed_queue_messages_ready": "https://www.rabbitmq.com/docs/prometheus",
    "pg_up": "https://github.com/prometheus-community/postgres_exporter",
}
# All values of these are chosen by the program: names of services, routes, types, handlers, jobs, states.
BOUNDED = {
    *("service", "producer", "method", "route", "status", "type", "handler", "outcome", "name", "state", "version"),
    "kind",
    *("server", "result", "queue"),  # what the settings name, what servers answer, our tables
}
TARGET_LABELS = {"job", "instance", "le"}
_NAMED = re.compile(r"(?P<name>\b[a-z][a-z_:]*_[a-z_:]+|\bup\b)(?=[{\[)\s]|$)(?P<labels>\{[^}]*\})?")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_FUNCTIONS = {"histogram_quantile", "group_right", "group_left", "label_values", "label_replace"}


def known() -> dict[str, Described]:
    """All metrics of Lotse with its services."""
    load(tuple(SERVICES.split(",")))
    return {metric.name: metric for metric in described()}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = dashboard["panels"]
    return found


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in panels() for target in panel.get("targets", ()))


def metrics_in(expression: str) -> Iterator[tuple[str, set[str]]]:
    """(metric, labels that it is selected by) in a PromQL expression."""
    plain = re.sub(r"\b(by|on)\s*\([^)]*\)", " ", _STRING.sub('""', expression))
    for found in _NAMED.finditer(plain):
        if found["name"] not in _FUNCTIONS:
            yield found["name"], set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", found["labels"] or ""))


def labels_of(name: str, metrics: dict[str, Described], recorded: set[str]) -> set[str] | None:
    """The labels of a metric; None when nobody makes it."""
    if name in FOREIGN or name in recorded:
        return {"queue", "service", "producer"}
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    if base in metrics and (base == name or metrics[base].kind == "histogram"):
        return set(metrics[base].labels)
    return None


def test_every_metric_and_label_that_is_named_exists() -> None:
    metrics, recorded = known(), {rule["record"] for rule in rules() if "record" in rule}
    named = [pair for expression in expressions() for pair in metrics_in(expression)]
    assert len({name for name, _ in named}) > 25, "the search for names finds too few"
    wrong = []
    for name, selected in named:
        labels = labels_of(name, metrics, recorded)
        if labels is None or not selected <= labels | TARGET_LABELS:
            wrong.append((name, selected))
    assert wrong == []


def test_every_label_that_is_grouped_by_exists_somewhere() -> None:
    labels = {label for metric in known().values() for label in metric.labels} | TARGET_LABELS | {"queue"}
    grouped = {
        label.strip()
        for expression in expressions()
        for group in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", expression)
        for label in group.split(",")
    }
    assert grouped <= labels


@pytest.mark.parametrize("rule", [rule for rule in rules() if "alert" in rule], ids=lambda rule: str(rule["alert"]))
def test_every_alert_says_what_it_means_and_where_help_is(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("warning", "critical")
    notes = rule["annotations"]
    assert notes["summary"]
    assert notes["description"].endswith(".")
    path, _, anchor = notes["runbook_url"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(encoding="utf-8"), re.M)
    assert anchor in {anchor_of(heading) for heading in headings}


def anchor_of(heading: str) -> str:
    """The anchor of a Markdown heading, as forges make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_alerts_have_names_of_their_own() -> None:
    names = [rule["alert"] for rule in rules() if "alert" in rule]
    assert len(names) == len(set(names))


def test_every_panel_has_title_and_unit_and_its_own_place() -> None:
    drawn = [panel for panel in panels() if panel["type"] != "row"]
    assert len(drawn) > 20
    for panel in drawn:
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
        assert all(target["legendFormat"] for target in panel["targets"]), panel["title"]
    for many in ([panel["id"] for panel in panels()], [panel["title"] for panel in panels()]):
        assert len(many) == len(set(many))
    covered = [cell for panel in panels() for cell in _cells(panel["gridPos"])]
    assert len(covered) == len(set(covered)), "panels lie over one another"


def _cells(place: dict[str, int]) -> Iterator[tuple[int, int]]:
    assert place["x"] + place["w"] <= 24
    return (
        (x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])
    )


def test_the_scrape_example_asks_every_process_of_the_plan() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    assert [Path(name).name for name in config["rule_files"]] == ["alerts.yml"]
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    targets = [target for part in jobs["lotse"]["static_configs"] for target in part["targets"]]
    processes = plan(load(tuple(SERVICES.split(","))))
    assert sorted(targets) == sorted(f"{process.name}:8000" for process in processes)


def test_the_table_of_metrics_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: make docs"


def test_metrics_are_named_as_prometheus_asks_for() -> None:
    """https://prometheus.io/docs/practices/naming/"""
    for metric in known().values():
        assert metric.name.startswith("lotse_")
        assert (metric.kind == "counter") == metric.name.endswith("_total"), metric.name
        assert metric.kind != "histogram" or metric.name.endswith("_seconds"), metric.name
        assert set(metric.labels) <= BOUNDED, metric.name
