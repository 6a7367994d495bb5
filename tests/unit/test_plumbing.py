"""Small parts everyone stands on: ids, traces, event names, addresses, logs, errors."""

from __future__ import annotations

import json
import logging

import pytest

from infra import ids, logs, tracing
from infra.contracts import catalogue, registry
from infra.contracts.addresses import PATHS, path
from infra.contracts.contacts import OfferPublished
from infra.errors import Text


def test_new_ids_sort_by_time() -> None:
    made = [ids.new_id() for _ in range(100)]
    assert sorted(made) == made
    assert made[0].version == 7


def test_content_has_the_same_id_everywhere() -> None:
    assert ids.content_id("offer", "start-deutsch") == ids.content_id("offer", "start-deutsch")
    assert ids.content_id("offer", "start-deutsch") != ids.content_id("network", "start-deutsch")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Sprachkurs für Pflegekräfte", "sprachkurs-fuer-pflegekraefte"),
        ("  Straße & Öl!  ", "strasse-oel"),
        ("Çağrı", "cagri"),
        ("数据", ""),
        ("a" * 100, "a" * 80),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert ids.slugify(text) == slug


def test_a_trace_goes_on_with_what_is_well_formed() -> None:
    parent = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    assert tracing.new_trace(parent).traceparent == parent
    assert tracing.new_trace("<script>").traceparent != "<script>"
    assert tracing.active() is None
    with tracing.bound(tracing.new_trace(correlation_id="c")) as trace:
        assert tracing.current() == trace
        assert trace.correlation_id == "c"
    assert tracing.active() is None


def test_event_names_say_who_says_what() -> None:
    assert OfferPublished.type == "lotse.contacts.offer.published.v1"
    assert OfferPublished(id="7", slug="s", name="n", title="n").subject == "offer/7"
    assert registry.find("lotse.contacts.offer.published.v1") is OfferPublished
    assert registry.find("lotse.contacts.offer.published.v9") is None
    with pytest.raises(ValueError, match="not an event name"):
        registry.event("offer.published")
    with pytest.raises(ValueError, match="registered twice"):
        registry.event(OfferPublished.type)(OfferPublished)


def test_no_event_has_a_field_for_a_mail_address() -> None:
    for name, kind in catalogue.events().items():
        fields = kind.__dataclass_fields__
        assert not [field for field in fields if "mail" in field], name


def test_addresses_are_quoted_and_prefixed() -> None:
    assert path("offer", "start-deutsch") == "/angebote/start-deutsch"
    assert path("offer", "a/b c", "en") == "/en/angebote/a%2Fb%20c"
    assert all(pattern.startswith("/") for pattern in PATHS.values())
    with pytest.raises(KeyError):
        path("nothing", "x")


def test_logs_are_json_with_the_ids_of_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.configure("INFO")
        with tracing.bound(tracing.new_trace(correlation_id="story")):
            logging.getLogger("lotse.test").info("hello", extra={"answer": 42})
        entry = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert entry["message"] == "hello"
    assert entry["level"] == "INFO"
    assert entry["correlation_id"] == "story"
    assert entry["answer"] == 42


def test_text_is_german_unless_english_is_asked_for() -> None:
    text = Text("ja", "yes")
    assert [text.get(language) for language in ("de", "en", "en-GB", "uk")] == ["ja", "yes", "yes", "ja"]
