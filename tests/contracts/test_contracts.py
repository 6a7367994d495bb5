"""What services say to one another stays as agreed, is documented, and carries nothing personal."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from infra.bus.codec import Undecodable, decode, encode, event_of
from infra.bus.topology import EVENTS
from infra.contracts import asyncapi
from infra.contracts.contacts import OfferPublished
from infra.contracts.envelope import Envelope
from infra.contracts.registry import Event, event
from tests.contracts.golden import agreed, breaks, current

CONTRACTS = asyncapi.contracts()
DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES: dict[str, Any] = {"string": "x", "integer": 1, "number": 0.5, "boolean": True}
every_event = pytest.mark.parametrize("name", list(CONTRACTS))


def example(name: str) -> Event:
    """The event with only what is required."""
    schema = current()[name]
    given = {field: EXAMPLES[schema["properties"][field]["type"]] for field in schema.get("required", [])}
    return CONTRACTS[name](**given)


def envelope(name: str, data: dict[str, Any]) -> Envelope:
    return Envelope(id="1", source=f"/services/{CONTRACTS[name].producer}", type=name, subject="", time="", data=data)


def test_events_are_as_agreed() -> None:
    assert current() == agreed(), "run: python -m tests.contracts.golden"


@pytest.mark.parametrize("name", asyncapi.files())
def test_generated_documents_are_current(name: str) -> None:
    content = (DOCS / name).read_text(encoding="utf-8")
    assert content == asyncapi.files()[name], "run: python -m infra.contracts.asyncapi"


def test_the_yaml_says_what_the_document_says() -> None:
    document = asyncapi.document()
    assert yaml.safe_load(asyncapi.files()["asyncapi.yaml"]) == document
    assert {channel["bindings"]["amqp"]["exchange"]["name"] for channel in document["channels"].values()} == {EVENTS}
    for reference in _references(document):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [found for each in part.values() for found in _references(each)]
    if isinstance(part, list):
        return [found for each in part for found in _references(each)]
    return []


@every_event
def test_an_event_survives_the_wire(name: str) -> None:
    said = example(name)
    heard = event_of(decode(encode(envelope(name, msgspec.to_builtins(said)))))
    assert heard == said
    jsonschema.validate(msgspec.to_builtins(said), current()[name])


@every_event
def test_a_newer_producer_may_say_more(name: str) -> None:
    data = {**msgspec.to_builtins(example(name)), "added_later": ["x"]}
    assert event_of(decode(encode(envelope(name, data)))) == example(name)


@every_event
def test_an_event_without_its_thing_is_refused(name: str) -> None:
    with pytest.raises(Undecodable, match="id"):
        event_of(envelope(name, {}))


@every_event
def test_no_event_has_room_for_contact_data(name: str) -> None:
    forbidden = ("email", "mail", "phone", "password", "secret", "token", "birth", "street")
    fields = current()[name]["properties"]
    assert [field for field in fields if any(word in field for word in forbidden)] == []


def test_events_of_a_later_version_of_the_program_are_unknown() -> None:
    assert event_of(Envelope(id="1", source="/services/x", type="lotse.x.y.z.v9", subject="", time="")) is None


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"{}", b'{"id": 1}'])
def test_what_is_no_envelope_is_refused(body: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(body)


def test_what_would_break_a_consumer_is_found() -> None:
    old = current()[OfferPublished.type]
    assert breaks(old, old) == []
    assert breaks(old, _changed(added={"type": "string"})) == []
    assert breaks(old, _changed(title={"type": "integer"})) == ["title has another type"]
    assert breaks(old, _changed(topics={"type": "array", "items": {"type": "integer"}})) == [
        "topics.items has another type"
    ]
    without = _changed()
    del without["properties"]["slug"]
    assert "slug is gone" in breaks(old, without)
    demanding = _changed()
    demanding["required"].append("summary")
    assert breaks(old, demanding) == ["summary is required"]


def _changed(**properties: dict[str, Any]) -> dict[str, Any]:
    schema = copy.deepcopy(current()[OfferPublished.type])
    schema["properties"] |= properties
    return schema


@pytest.mark.parametrize("name", ["offer.published", "lotse.Contacts.offer.published.v1", "lotse.a.b.c"])
def test_names_follow_the_scheme(name: str) -> None:
    with pytest.raises(ValueError, match="not an event name"):
        event(name)


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        event(OfferPublished.type)(OfferPublished)
