"""What `kubectl kustomize` makes of a folder, as far as our manifests use it: resources, config maps, patches, images.

CI has neither kubectl nor kustomize. This knows just enough to find what dangles: unknown keys are refused, lists are
merged by `name`, where they have one, as a strategic merge does for containers, variables and volumes.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.composed import ROOT

BASE = ROOT / "infra" / "deploy" / "kubernetes" / "base"
EXAMPLE = ROOT / "infra" / "deploy" / "kubernetes" / "overlays" / "example"
Resource = dict[str, Any]
_KNOWN = {"apiVersion", "kind", "resources", "configMapGenerator", "patches", "namespace", "images"}
_TERM = re.compile(r"([\w./-]+)(?:=([\w-]+)| in \(([^)]*)\))")


def kustomized(folder: Path) -> list[Resource]:
    """All resources of a folder with a kustomization."""
    plan = kustomization(folder)
    assert set(plan) <= _KNOWN, f"{folder}: this does not know {set(plan) - _KNOWN}"
    resources = [copy.deepcopy(resource) for path in _paths(folder, plan) for resource in _read(path)]
    for generator in plan.get("configMapGenerator", ()):
        _generate(resources, generator)
    for patch in plan.get("patches", ()):
        _patch(resources, yaml.safe_load((folder / patch["path"]).read_text(encoding="utf-8")), patch["target"])
    for image in plan.get("images", ()):
        _rename(resources, image)
    return resources


def kustomization(folder: Path) -> Resource:
    """The kustomization of a folder as it stands."""
    plan: Resource = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    return plan


def used_files(folder: Path) -> Iterator[Path]:
    """All files that the kustomization of a folder names, itself included."""
    plan = kustomization(folder)
    yield folder / "kustomization.yaml"
    yield from (folder / patch["path"] for patch in plan.get("patches", ()))
    for path in _paths(folder, plan):
        if path.is_dir():
            yield from used_files(path)
        else:
            yield path


def fits(labels: Mapping[str, str], selector: Mapping[str, Any] | None) -> bool:
    """Whether a Kubernetes selector (matchLabels, matchExpressions with In) selects something with these labels."""
    wanted = dict((selector or {}).get("matchLabels", {}))
    among = [(term["key"], term["operator"], term["values"]) for term in (selector or {}).get("matchExpressions", ())]
    assert all(operator == "In" for _, operator, _ in among)
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        labels.get(key) in values for key, _, values in among
    )


def _paths(folder: Path, plan: Resource) -> list[Path]:
    return [(folder / name).resolve() for name in plan.get("resources", ())]


def _read(path: Path) -> list[Resource]:
    if path.is_dir():
        return kustomized(path)
    return [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]


def _generate(resources: list[Resource], generator: Resource) -> None:
    data = dict(literal.split("=", 1) for literal in generator["literals"])
    if generator.get("behavior") == "merge":
        (known,) = (each for each in resources if _named(each, "ConfigMap", generator["name"]))
        known["data"].update(data)
    else:
        name = {"name": generator["name"]}
        resources.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": name, "data": data})


def _patch(resources: Sequence[Resource], patch: Resource, target: Mapping[str, str]) -> None:
    targets = [each for each in resources if _is_target(each, target)]
    assert targets, f"a patch without a target: {target}"
    changes = {key: value for key, value in patch.items() if key not in ("apiVersion", "kind", "metadata")}
    for resource in targets:
        resource.update(_merged(resource, changes))


def _is_target(resource: Resource, target: Mapping[str, str]) -> bool:
    assert set(target) <= {"kind", "name", "labelSelector"}
    labels = resource["metadata"].get("labels", {})
    terms = _TERM.findall(target.get("labelSelector", ""))
    return (
        target.get("kind", resource["kind"]) == resource["kind"]
        and target.get("name", resource["metadata"]["name"]) == resource["metadata"]["name"]
        and all(labels.get(key) in ([one] if one else many.split(", ")) for key, one, many in terms)
    )


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: _merged(old[key], value) if key in old else value for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list) and all("name" in each for each in (*old, *new)):
        by_name = {each["name"]: each for each in old}
        added = {each["name"]: _merged(by_name.get(each["name"], {}), each) for each in new}
        return [*added.values(), *(each for name, each in by_name.items() if name not in added)]
    return copy.deepcopy(new)


def _rename(resources: Sequence[Resource], image: Mapping[str, str]) -> None:
    for resource in resources:
        for container in containers(resource):
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"


def containers(resource: Resource) -> list[Resource]:
    """The containers of a resource that makes pods; none for another."""
    template = resource["spec"].get("template", {}) if isinstance(resource.get("spec"), dict) else {}
    found: list[Resource] = template.get("spec", {}).get("containers", [])
    return found


def _named(resource: Resource, kind: str, name: str) -> bool:
    return resource["kind"] == kind and bool(resource["metadata"]["name"] == name)
