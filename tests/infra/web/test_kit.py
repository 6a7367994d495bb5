"""The web kit: what it reads, what it refuses and how, and who it lets in."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import jwt
import pytest
from starlette.types import Message

from infra import metrics
from infra.errors import Forbidden, Unauthenticated, Unavailable
from infra.tokens import derive_key
from infra.web.client import Answer, InProcess, ServiceClient
from infra.web.identity import HEADER, LIFETIME_SECONDS, SKEW_SECONDS, Identity, sign, verify
from tests.kit import Database, Running, identity, running
from tests.toy.service import service

SECRET = "a secret for tests, long enough to be one"


@pytest.fixture
async def toy(sqlite: Database) -> AsyncIterator[Running]:
    async with running([service], sqlite) as kit:
        yield kit


async def test_a_typed_route_answers_with_status_and_etag(toy: Running) -> None:
    answer = await toy.post("toy", "/things", {"name": "one"}, identity=identity("anna"))
    assert (answer.status, answer.json()) == (201, {"id": 1, "account": "anna"})
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["lotse-request-id"]
    answer = await toy.post("toy", "/nothing")
    assert (answer.status, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("body", "field", "german"),
    [
        (b'{"name": 3}', "name", "Hier wird Text erwartet, gekommen ist eine ganze Zahl."),
        (b"{}", "name", "Diese Angabe fehlt."),
        (b"[]", "body", "Hier wird ein Objekt erwartet, gekommen ist eine Liste."),
        (b'{"name": "x", "size": 1e400}', "size", None),
        (b'{"name": "a\\u0000b"}', "name", "Enthält ein unerlaubtes Steuerzeichen."),
        (b"", "name", "Diese Angabe fehlt."),
        (b'{"name": ""}', "name", "Der Name fehlt."),
    ],
)
async def test_wrong_bodies_are_told_at_their_field(toy: Running, body: bytes, field: str, german: str | None) -> None:
    answer = await toy.post("toy", "/things", content=body)
    assert answer.status in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    if german is not None:
        problem = answer.json()
        assert (answer.status, problem["code"]) == (422, "invalid")
        assert problem["fields"] == [{"field": field, "message": german}]
    assert (await toy.get("toy", "/things")).json() == {"items": []}


async def test_a_text_may_speak_of_control_characters(toy: Running) -> None:
    answer = await toy.post("toy", "/things", content=b'{"name": "write \\\\u0000"}')
    assert answer.status == 201


NESTED = b'{"more": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


@pytest.mark.parametrize("body", [b"{", b'{"name": "\xff"}', b"\x00", b'{"name": "x"} extra', NESTED])
async def test_unreadable_bodies_are_malformed(toy: Running, body: bytes) -> None:
    answer = await toy.post("toy", "/things", content=body)
    assert (answer.status, answer.json()["code"]) == (400, "malformed")


async def test_a_huge_body_is_refused_without_being_kept(toy: Running) -> None:
    answer = await toy.post("toy", "/things", content=b'{"name": "' + b"x" * 2_000_000 + b'"}')
    assert (answer.status, answer.json()["code"]) == (413, "too-large")


async def test_lists_in_queries_repeat_or_use_commas(toy: Running) -> None:
    for name in ("a", "b", "c", "d"):
        await toy.post("toy", "/things", {"name": name})
    answer = await toy.get("toy", "/things", query={"names": ["a,b", "d"]})
    assert answer.json() == {"items": ["a", "b", "d"]}


@pytest.mark.parametrize(
    ("query", "field"), [({"colour": "red"}, "colour"), ({"limit": "many"}, "limit"), ({"names": "a\x00"}, "names")]
)
async def test_wrong_queries_are_told_at_their_field(toy: Running, query: dict[str, str], field: str) -> None:
    answer = await toy.get("toy", "/things", query=query, language="en")
    assert answer.status == 422
    assert [item["field"] for item in answer.json()["fields"]] == [field]
    assert answer.headers["content-language"] == "en"


async def test_if_match_is_our_etag_or_refused(toy: Running) -> None:
    for sent, read in (('"7"', 7), ('W/"7"', 7), ("*", None), ("", None)):
        answer = await toy.get("toy", "/things/x", headers={"If-Match": sent})
        assert answer.json()["if_match"] == read
    answer = await toy.get("toy", "/things/x", headers={"If-Match": '"abc"'})
    assert answer.status == 400


async def test_paths_are_unquoted_and_kept_free_of_nul(toy: Running) -> None:
    assert (await toy.get("toy", "/things/a%20b")).json()["name"] == "a b"
    assert (await toy.get("toy", "/things/a%00b")).status == 422
    assert (await toy.get("toy", "/things/" + "a" * 2000)).status == 404


async def test_errors_speak_the_readers_language(toy: Running) -> None:
    german = (await toy.request("toy", "DELETE", "/things/x")).json()
    english = (await toy.request("toy", "DELETE", "/things/x", language="en")).json()
    assert german["title"].startswith("Das passt nicht")
    assert english["title"].startswith("This does not fit")
    assert german["status"] == english["status"] == 409


async def test_unknown_paths_and_methods_are_problems(toy: Running) -> None:
    assert (await toy.get("toy", "/nowhere")).json()["code"] == "not-found"
    answer = await toy.request("toy", "PATCH", "/nothing")
    assert (answer.status, answer.json()["code"]) == (405, "method-not-allowed")


async def test_our_faults_are_answered_without_details(toy: Running, caplog: pytest.LogCaptureFixture) -> None:
    answer = await toy.get("toy", "/fault")
    assert answer.status == 500
    assert b"secret detail" not in answer.content
    assert "unhandled error" in caplog.text


async def test_health_and_metrics_need_no_identity(toy: Running) -> None:
    app = service.app(toy.settings)
    stranger = InProcess({"toy": app})
    for path, status in (("/livez", 200), ("/readyz", 200), ("/metrics", 200), ("/things", 401)):
        assert (await stranger.send("toy", "GET", path, {}, b"")).status == status
    counted = (await stranger.send("toy", "GET", "/metrics", {}, b"")).content
    assert b'route="/things"' in counted or b"lotse_http_requests_total" in counted


async def test_a_statement_for_another_service_does_not_pass(toy: Running) -> None:
    wrong = InProcess({"toy": service.app(toy.settings)})
    token = sign(identity("anna"), "forum", toy.settings.secret)
    assert (await wrong.send("toy", "GET", "/things", {HEADER: token}, b"")).status == 401
    other = ServiceClient(wrong, "another secret")
    assert (await other.request("toy", "GET", "/things")).status == 401


def test_an_identity_survives_the_way() -> None:
    person = Identity("7", "Änne", frozenset({"coordinator"}), frozenset({"netz"}))
    assert verify(sign(person, "toy", SECRET), "toy", SECRET) == person


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "toy", "sub": "7"},
        {"sub": "7", "exp": time.time() + 60},
    ],
)
def test_incomplete_statements_are_refused(claims: dict[str, object]) -> None:
    token = jwt.encode(claims, derive_key(SECRET, "identity"), algorithm="HS256")
    with pytest.raises(Unauthenticated):
        verify(token, "toy", SECRET)


@pytest.mark.parametrize("seconds", [-20, 20])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    assert verify(_signed_elsewhere(seconds), "toy", SECRET).account == "7"


@pytest.mark.parametrize("seconds", [-600, -100, 40, 600])
def test_clocks_that_differ_much_are_named_and_sign_nobody_out(seconds: int, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unavailable, match="clocks"):
        verify(_signed_elsewhere(seconds), "toy", SECRET)
    assert "clocks" in caplog.text


def test_what_was_good_once_is_good_for_its_time_and_its_service_only(monkeypatch: pytest.MonkeyPatch) -> None:
    token = sign(identity("7"), "toy", SECRET)
    assert [verify(token, "toy", SECRET).account for _ in range(2)] == ["7", "7"]
    with pytest.raises(Unauthenticated):
        verify(token, "forum", SECRET)
    with pytest.raises(Unauthenticated):
        verify(token, "toy", "another secret")
    later = datetime.now(UTC) + timedelta(seconds=LIFETIME_SECONDS + SKEW_SECONDS + 1)
    monkeypatch.setattr("jwt.api_jwt.datetime", Mock(now=lambda tz: later))
    monkeypatch.setattr(time, "time", later.timestamp)
    with pytest.raises(Unavailable, match="clocks"):
        verify(token, "toy", SECRET)


def test_a_secret_that_differs_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unauthenticated):
        verify(sign(identity("7"), "toy", SECRET), "toy", "another secret")
    assert "LOTSE_SECRET" in caplog.text


def _signed_elsewhere(seconds: int) -> str:
    """A statement from a machine whose clock is so many seconds ahead."""
    now = int(time.time()) + seconds
    claims = {"aud": "toy", "sub": "7", "iat": now, "exp": now + LIFETIME_SECONDS}
    return jwt.encode(claims, derive_key(SECRET, "identity"), algorithm="HS256")


def test_unsigned_statements_are_refused() -> None:
    token = jwt.encode({"aud": "toy", "sub": "7", "exp": time.time() + 60}, "", algorithm="none")
    with pytest.raises(Unauthenticated):
        verify(token, "toy", SECRET)


def test_roles() -> None:
    with pytest.raises(Unauthenticated):
        identity("").require_role("editor")
    with pytest.raises(Forbidden):
        identity("7", "member").require_role("editor")
    identity("7", "editor").require_role("editor", "moderator")
    identity("7", "admin").require_role("editor")


@pytest.mark.parametrize("version", ["\xb2", "9" * 5000, "-1", "1.0", "x"])
async def test_an_etag_that_is_none_of_ours_is_malformed(toy: Running, version: str) -> None:
    answer = await toy.get("toy", "/things/one", headers={"if-match": f'"{version}"'})
    assert (answer.status, answer.json()["code"]) == (400, "malformed")


async def test_a_gauge_that_cannot_be_measured_is_counted_and_hides_nothing(toy: Running) -> None:
    async def broken() -> None:
        raise OSError("no database")

    def failures(answer: Answer) -> float:
        line = next(line for line in answer.content.decode().splitlines() if line.startswith("lotse_measure_failures"))
        return float(line.split()[1])

    before = failures(await toy.get("toy", "/metrics"))
    with metrics.measured_by(broken):
        assert failures(await toy.get("toy", "/metrics")) == before + 1
    assert failures(await toy.get("toy", "/metrics")) == before + 1


@pytest.mark.parametrize("handed_on_by", ["x-forwarded-for", "forwarded"])
async def test_metrics_are_not_handed_out_through_a_proxy(toy: Running, handed_on_by: str) -> None:
    assert (await toy.get("toy", "/metrics")).status == 200
    answer = await toy.get("toy", "/metrics", headers={handed_on_by: "203.0.113.7"})
    assert (answer.status, b"lotse" in answer.content) == (404, False)


async def test_invented_methods_make_no_metrics_of_their_own(toy: Running) -> None:
    for method in ("FOOBAR", "BARFOO"):
        assert (await toy.request("toy", method, "/things")).status == 405
    counted = (await toy.get("toy", "/metrics")).content
    assert b'method="other",route="/things"' in counted
    assert b"FOO" not in counted


async def test_a_caller_who_leaves_early_is_no_fault_of_ours(toy: Running, caplog: pytest.LogCaptureFixture) -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b'{"name": ', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        raise AssertionError(message)

    token = sign(Identity(), "toy", toy.settings.secret)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/things",
        "query_string": b"",
        "headers": [(HEADER.encode(), token.encode())],
    }
    await toy.services["toy"].app(toy.settings)(scope, receive, send)
    assert not caplog.records
    assert b'route="/things",service="toy",status="499"' in (await toy.get("toy", "/metrics")).content
