"""The rules of the checks, each on a mail that breaks it: accessibility, headers, size, and what may be asked."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import pytest

from infra.mail import Mail, build
from services.newsletter.checks import accessibility, messages
from services.newsletter.checks.contrast import ratio
from services.newsletter.checks.probe import Answer, Probe, State, is_public

HEAD = (
    '<html lang="de" dir="ltr"><head><title>Ausgabe</title><meta name="viewport" content="width=device-width">'
    "<style>@media (prefers-color-scheme: dark) { p, a { color: #e8edf2 !important; } .sheet { background-color: "
    "#18212a !important; } }</style></head>"
)


def mail(inner: str, head: str = HEAD) -> str:
    """A mail that is well but for what stands in it."""
    sheet = '<div class="sheet" lang="de" style="background-color: #ffffff; color: #1a2733">'
    title = '<h1 style="color: #ffffff; background-color: #0b2e4f">Ausgabe</h1>'
    return f"{head}<body>{sheet}{title}{inner}</div></body></html>"


def said(html: str) -> list[str]:
    """The errors of a mail, in English."""
    return [found.text.en for found in accessibility.check(html, "de") if found.severity == "error"]


def test_a_mail_that_is_well_has_nothing_to_mend() -> None:
    heading = '<h2 style="color: #fff; background-color: #000">Termine</h2>'
    linked = '<a href="https://x.example/k"><img src="k.png" alt="Karte" width="1" height="1" /></a><br />'
    assert said(mail(f"{heading}<p>{linked}Text<span/></p>")) == []


@pytest.mark.parametrize(
    ("inner", "complaint"),
    [
        ("<h3>Zu tief</h3>", "level is missing"),
        ("<h1>Zweite</h1>", "exactly one main heading"),
        ("<h2> </h2>", "heading is empty"),
        ('<p><img src="https://x.example/a.png" width="1" height="1"></p>', "no alternative text"),
        ('<p><a href="https://x.example"> </a></p>', "has no text"),
        ('<p><a href="https://x.example">hier</a></p>', "does not say where"),
        ('<p><a href="https://x.example">Mehr …</a></p>', "does not say where"),
        ('<p><a href="javascript:x">Angebot</a></p>', "not an address"),
        ('<p><a href="https://x.example" style="text-decoration: none">Angebot</a></p>', "not underlined"),
        ("<table><tr><td>x</td></tr></table>", "not marked as layout"),
        ('<p style="color: #999999">blass</p>', "light form: contrast 2.8"),
        ('<p><strong style="color: #1a2733">dunkel</strong></p>', "dark form"),
        ('<p style="font-size: 9px">klein</p>', "very small"),
        ("<script>x</script>", "has no place"),
        ('<p onclick="x">x</p>', "has no place"),
        ("<li>allein</li>", "no list"),
        ("<p><strong>offen</p>", "malformed"),
    ],
)
def test_each_rule_finds_what_breaks_it(inner: str, complaint: str) -> None:
    found = said(mail(inner))
    assert any(complaint in text for text in found), found


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('<html lang="de"', '<html lang="en"', "Language or direction"),
        ("<title>Ausgabe</title>", "<title></title>", "no title"),
        ("width=device-width", "width=device-width, maximum-scale=1", "Zooming"),
        ('<div class="sheet" lang="de"', '<div class="sheet"', "outermost element"),
    ],
)
def test_the_frame_of_a_mail_is_looked_at_too(before: str, after: str, complaint: str) -> None:
    assert any(complaint in text for text in said(mail("<p>Text</p>").replace(before, after)))


def test_contrast_is_that_of_the_guidelines() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert ratio("#ffffff", "#767676") >= 4.5


def message(**changes: str) -> bytes:
    """A message as an issue's, with some headers changed ("" leaves one out)."""
    headers = {
        "List-Id": "Lotse <newsletter.lotse.example.org>",
        "List-Unsubscribe": "<https://lotse.example.org/x>, <mailto:bounces+leave-x@lotse.example.org>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": "<https://lotse.example.org/newsletter/ausgaben>",
        "List-Help": "<https://lotse.example.org/newsletter>",
        "List-Subscribe": "<https://lotse.example.org/newsletter>",
        "List-Owner": "<mailto:newsletter@lotse.example.org>",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
        "Feedback-ID": "2026-q4:newsletter:lotse",
    }
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    html, text = named.pop("html", mail("<p>Text</p>")), named.pop("text", "Ausgabe\n\nText\n")
    headers = {name: value for name, value in (headers | named).items() if value}
    made = Mail(
        sender="newsletter@lotse.example.org",
        sender_name="Lotse",
        recipient="anna@example.org",
        subject="Ausgabe",
        text=text,
        html=html,
        message_id="<1@lotse.example.org>",
        headers=headers,
    )
    return build(made).as_bytes()


def test_a_message_that_is_well_has_nothing_to_mend() -> None:
    assert messages.check(message()) == []


@pytest.mark.parametrize("name", ["List_Id", "List_Unsubscribe_Post", "Precedence", "Auto_Submitted", "Feedback_ID"])
def test_a_header_that_is_missing_is_found(name: str) -> None:
    assert name.replace("_", "-") in [found.place for found in messages.check(message(**{name: ""}))]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("List_Id", "Lotse"),
        ("List_Unsubscribe", "https://lotse.example.org/x"),
        ("List_Unsubscribe", "<http://lotse.example.org/x>"),
        ("List_Unsubscribe", "<mailto:leave@lotse.example.org>, <https://lotse.example.org/x>"),
        ("List_Unsubscribe_Post", "One-Click"),
        ("Auto_Submitted", "no"),
        ("Feedback_ID", "a"),
    ],
)
def test_a_header_of_the_wrong_form_is_found(name: str, value: str) -> None:
    assert {found.place for found in messages.check(message(**{name: value}))} == {name.replace("_", "-")}


def test_defects_size_and_an_incomplete_text_are_found() -> None:
    broken = message().replace(b"multipart/alternative", b"multipart/mixed")
    assert {found.place for found in messages.check(broken)} >= {"Content-Type"}
    large = messages.check(message(html=mail("<p>" + "Wort " * 25_000 + "</p>")))
    assert [found.kind for found in large] == ["size"]
    lacking = messages.check(message(html=mail('<h2>Termine</h2><p><a href="https://x.example/a">Angebot</a></p>')))
    assert {found.place for found in lacking} == {"text/plain"}
    assert len(lacking) == 2


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("::a00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("fec0::1", False),
    ],
)
def test_only_public_addresses_are_asked(address: str, public: bool) -> None:
    assert is_public(address) is public


@asynccontextmanager
async def server(answers: dict[str, str]) -> AsyncIterator[tuple[int, list[str]]]:
    """A web server on a free port that answers each "METHOD /path" as said; its port and what it was asked."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readline()).decode().rpartition(" ")[0]
        while (await reader.readline()).strip():
            pass
        asked.append(line)
        writer.write(f"HTTP/1.1 {answers[line]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with running:
        yield running.sockets[0].getsockname()[1], asked


async def test_what_addresses_answer_is_told_apart() -> None:
    answers = {
        "HEAD /da": "200 OK",
        "HEAD /nur-get": "405 No",
        "GET /nur-get": "200 OK",
        "HEAD /weg": "404 No",
        "GET /weg": "404 No",
        "HEAD /kaputt": "503 No",
        "GET /kaputt": "503 No",
        "HEAD /weiter": "301 Moved\r\nLocation: /da",
        "HEAD /kreis": "302 Found\r\nLocation: /kreis",
        "HEAD /hinein": "302 Found\r\nLocation: http://10.0.0.1/",
    }
    async with server(answers) as (port, asked):
        probe = Probe("test", allowed=lambda address: address == "127.0.0.1", ports={"http": port, "https": 443})
        base = f"http://127.0.0.1:{port}"
        paths = ("/da", "/nur-get", "/weg", "/kaputt", "/weiter", "/kreis", "/hinein")
        found = await probe.ask(base + path for path in paths)
    assert {path: found[base + path] for path in paths} == {
        "/da": Answer(State.ALIVE, 200),
        "/nur-get": Answer(State.ALIVE, 200),
        "/weg": Answer(State.GONE, 404),
        "/kaputt": Answer(State.AWAY, 503),
        "/weiter": Answer(State.ALIVE, 200),
        "/kreis": Answer(State.AWAY),
        "/hinein": Answer(State.REFUSED),
    }
    assert len(asked) > len(paths)


async def test_nothing_inside_is_asked_however_it_is_written() -> None:
    async with server({}) as (port, asked):
        urls = [
            f"http://127.0.0.1:{port}/",
            "http://127.0.0.1/",
            "http://localhost/",
            "http://[::1]/",
            "http://0x7f.1/",
            "http://１２７.０.０.１/",
            "http://①②⑦。0。0。1/",
            "http://user@93.184.216.34/",
            f"http://93.184.216.34:{port}/",
            "ftp://93.184.216.34/",
        ]
        found = await Probe("test").ask(urls)
        number = await Probe("test").ask([f"http://{0x7F000001}/"])  # aiohttp takes it for no address at all
    assert [answer.state for answer in number.values()] == [State.AWAY]
    assert {url: answer.state for url, answer in found.items()} == dict.fromkeys(urls, State.REFUSED)
    assert asked == []


async def test_a_name_that_is_not_found_says_nothing_where_none_is() -> None:
    found = await Probe("test", control="nothing.invalid").ask(["http://nothing.invalid/"])
    assert [answer.state for answer in found.values()] == [State.AWAY]


async def test_a_name_server_that_does_not_answer_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking a name up blocks a thread; those that everybody shares are for mail servers and files."""
    loop, asked, answers = asyncio.get_running_loop(), threading.Event(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(1))

    def getaddrinfo(*_args: Any, **_options: Any) -> Any:
        asked.set()
        answers.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    asking = asyncio.create_task(Probe("test").ask(f"http://{number}.example.org/" for number in range(12)))
    try:
        assert await asyncio.to_thread(asked.wait, 20)
        assert not asking.done()
    finally:
        answers.set()
    assert {answer.state for answer in (await asking).values()} == {State.AWAY}


async def test_who_answers_too_late_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.newsletter.checks.probe.PATIENCE_SECONDS", 0.05)
    silent = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        probe = Probe("test", allowed=lambda _address: True, ports={"http": port})
        found = await probe.ask([f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port}/"])
    assert [answer.state for answer in found.values()] == [State.AWAY]
