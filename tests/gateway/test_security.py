"""What the gateway must refuse: foreign forms, foreign identities, redirects elsewhere, markup in input, guessing."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest
from starlette.requests import Request

from gateway.app import create_app
from gateway.forms import TOKEN_FIELD
from gateway.limits import MAX_KEY, account, sender
from gateway.pages.account import safe_next
from infra.web.identity import HEADER, Identity, sign
from tests.gateway.conftest import Opener
from tests.gateway.world import COORDINATOR, MEMBER, ORIGIN, PASSWORD, World, heading, hidden_fields

SAME = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
CREDENTIALS = {"email": COORDINATOR, "password": PASSWORD}


async def sign_in_fields(browser_page: str) -> dict[str, str]:
    """A filled sign-in form with its token."""
    return {**hidden_fields(browser_page), **CREDENTIALS}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
        {"sec-fetch-site": "same-site", "origin": "http://other.lotse.test"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
async def test_form_from_a_foreign_site_is_refused(open_browser: Opener, headers: dict[str, str]) -> None:
    browser = await open_browser()
    fields = await sign_in_fields((await browser.get("/anmelden")).text)
    answer = await browser.http.post("/anmelden", data=fields, headers=headers)
    assert answer.status_code == 403
    assert heading(answer) == "Kein Zugang"
    assert "set-cookie" not in answer.headers


async def test_form_without_token_is_refused(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.http.post("/anmelden", data=CREDENTIALS, headers=SAME)
    assert answer.status_code == 403
    assert "abgelaufen" in answer.text


async def test_token_of_another_session_is_refused(open_browser: Opener) -> None:
    first, second = await open_browser(COORDINATOR), await open_browser(MEMBER)
    token = hidden_fields((await first.get("/konto")).text)[TOKEN_FIELD]
    answer = await second.http.post("/abmelden", data={TOKEN_FIELD: token}, headers=SAME)
    assert answer.status_code == 403
    assert (await second.get("/konto")).status_code == 200


async def test_old_token_is_refused(open_browser: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await open_browser()
    fields = await sign_in_fields((await browser.get("/anmelden")).text)
    monkeypatch.setattr("gateway.forms.TOKEN_SECONDS", -1)
    answer = await browser.http.post("/anmelden", data=fields, headers=SAME)
    assert answer.status_code == 403


async def test_session_cookie_is_closed_to_scripts_and_other_sites(open_browser: Opener) -> None:
    browser = await open_browser()
    page = await browser.get("/anmelden")
    answer = await browser.submit(page, follow=False, **CREDENTIALS)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age" not in cookie


async def test_over_https_the_cookie_is_bound_to_the_host(world: World) -> None:
    settings = replace(world.kit.settings, base_url="https://lotse.test", demo=False)
    transport = httpx2.ASGITransport(app=create_app(settings, world.kit.client, {}))
    async with httpx2.AsyncClient(transport=transport, base_url="https://intern:8000") as browser:
        form = hidden_fields((await browser.get("/anmelden")).text)
        answer = await browser.post(
            "/anmelden", data={**form, **CREDENTIALS}, headers={"origin": "https://lotse.test", "host": "intern:8000"}
        )
    assert answer.status_code == 303
    assert answer.headers["set-cookie"].startswith("__Host-lotse=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "Domain" not in answer.headers["set-cookie"]


async def test_identity_headers_from_outside_are_ignored(open_browser: Opener, world: World) -> None:
    forged = sign(Identity("x", "Eve", frozenset({"admin"})), "contacts", world.kit.settings.secret)
    browser = await open_browser(**{HEADER: forged})
    answer = await browser.get("/konto")
    assert heading(answer) == "Anmelden"


async def test_unknown_session_is_nobody(open_browser: Opener) -> None:
    browser = await open_browser()
    browser.http.cookies.set("lotse", "erfunden")
    assert heading(await browser.get("/konto")) == "Anmelden"
    browser.http.cookies.set("lotse", "x" * 5000)
    assert (await browser.get("/")).status_code == 200


async def test_signing_out_ends_the_session_everywhere(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    cookie = browser.http.cookies["lotse"]
    token = hidden_fields((await browser.get("/konto")).text)[TOKEN_FIELD]
    answer = await browser.http.post("/abmelden", data={TOKEN_FIELD: token}, headers=SAME)
    assert answer.status_code == 303
    assert "lotse" not in browser.http.cookies
    other = await open_browser()
    other.http.cookies.set("lotse", cookie)
    assert heading(await other.get("/konto")) == "Anmelden"


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/a\r\nset-cookie: x=1",
    "javascript:alert(1)",
    "evil.example",
    "/a\tb",
    "/\n/evil.example",
)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_open_redirect_is_refused(target: str) -> None:
    assert safe_next(target, "/konto") == "/konto"


async def test_signing_in_never_leads_elsewhere(open_browser: Opener) -> None:
    browser = await open_browser()
    page = await browser.get("/anmelden", params={"next": ELSEWHERE[0]})
    assert ELSEWHERE[0] not in page.text.split("<main")[1]
    answer = await browser.submit(page, follow=False, next=ELSEWHERE[1], **CREDENTIALS)
    assert answer.headers["location"] == "/konto"


def test_own_paths_are_followed() -> None:
    assert safe_next("/en/koordination?x=1", "/") == "/en/koordination?x=1"


async def test_visitor_is_sent_to_sign_in_and_back(open_browser: Opener) -> None:
    browser = await open_browser()
    page = await browser.get("/konto")
    assert heading(page) == "Anmelden"
    answer = await browser.submit(page, "/anmelden", follow=False, **CREDENTIALS)
    assert answer.headers["location"] == "/konto"


@pytest.mark.parametrize("path", ["/suche", "/en/suche"])
async def test_markup_in_the_query_is_shown_not_run(open_browser: Opener, path: str) -> None:
    hostile = "\"><script>alert(1)</script>'{{7*7}}"
    answer = await (await open_browser()).get(path, params={"q": hostile})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "{{7*7}}" in answer.text


async def test_strange_searches_get_a_page(open_browser: Opener) -> None:
    browser = await open_browser()
    for query in ("q=%00", "q=" + "x" * 5000, "cursor=zzz", "district=%3Cb%3E", "kind=nix", "q=%F0%9F"):
        answer = await browser.get(f"/suche?{query}")
        assert answer.status_code == (200 if query.startswith("q=x") or query == "q=%00" else 422), query
        assert heading(answer) == "Suche"


async def test_signing_in_again_ends_the_session_before(open_browser: Opener) -> None:
    browser = await open_browser(MEMBER)
    before = browser.http.cookies["lotse"]
    await browser.sign_in(COORDINATOR)
    other = await open_browser()
    other.http.cookies.set("lotse", before)
    assert heading(await other.get("/konto")) == "Anmelden"


async def test_wrong_password_says_so_at_the_form(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.submit(await browser.get("/anmelden"), email=COORDINATOR, password="falsch")
    assert answer.status_code == 422
    assert "E-Mail-Adresse oder Passwort stimmt nicht." in answer.text
    assert "<title>Fehler: Anmelden" in answer.text
    assert COORDINATOR in answer.text
    assert "falsch" not in answer.text


async def test_missing_fields_are_named_with_links_to_them(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.submit(await browser.get("/en/anmelden"), email="", password="")
    assert answer.status_code == 422
    assert 'href="#field-email"' in answer.text
    assert 'aria-describedby=" error-email"' in answer.text
    assert "Please enter your password." in answer.text


async def test_only_pages_without_secrets_are_compressed(open_browser: Opener) -> None:
    visitor, person = await open_browser(), await open_browser(COORDINATOR)
    assert (await visitor.get("/")).headers.get("content-encoding") == "gzip"
    assert "content-encoding" not in (await person.get("/")).headers


async def test_guessing_is_slowed_down_however_the_address_is_spelt(open_browser: Opener) -> None:
    browser = await open_browser()
    page = await browser.get("/anmelden")
    spellings = ("wessen@example.org", "WESSEN@example.org", "weſſen@example.org", " weßen@example.org ")
    answers = [await browser.submit(page, email=spellings[n % 4], password="x") for n in range(31)]
    assert "Zu viele Versuche" not in answers[29].text
    assert "Zu viele Versuche" in answers[30].text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 400),
        (b"email=%ff%fe", "application/x-www-form-urlencoded", 400),
        (b"email=a%00b", "application/x-www-form-urlencoded", 422),
        (b"&".join(b"a=1" for _ in range(3000)), "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * (1024 * 1024 + 1), "application/x-www-form-urlencoded", 413),
    ],
)
async def test_unreadable_forms_are_refused(open_browser: Opener, content: bytes, kind: str, status: int) -> None:
    browser = await open_browser()
    answer = await browser.http.post("/anmelden", content=content, headers={**SAME, "content-type": kind})
    assert answer.status_code == status


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8000", "lotse.test.evil.example", ""])
async def test_the_demo_answers_only_by_its_own_name(open_browser: Opener, host: str) -> None:
    browser = await open_browser()
    for path in ("/dev/mail.json", "/api/v1/offers", "/"):
        answer = await browser.http.get(path, headers={"host": host})
        assert answer.status_code == 421
        assert "set-cookie" not in answer.headers
    for own in ("127.0.0.1:8000", "localhost", "[::1]:8000", "lotse.test"):
        assert (await browser.http.get("/dev/mail.json", headers={"host": own})).status_code == 200


async def test_outside_the_demo_any_name_may_be_used(world: World) -> None:
    transport = httpx2.ASGITransport(app=create_app(replace(world.kit.settings, demo=False), world.kit.client, {}))
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway.internal:8000") as browser:
        assert (await browser.get("/livez")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/en//evil.example/x", "/en/%5Cevil.example/x", "//evil.example", "/en/%0a/evil.example"]
)
async def test_no_address_makes_links_that_lead_elsewhere(open_browser: Opener, path: str) -> None:
    page = await (await open_browser()).http.get(f"http://lotse.test{path}")
    assert page.status_code == 404
    for hostile in ('href="//', 'href="/\\', 'href="/\n', 'href="/en//', "lotse.test//"):
        assert hostile not in page.text


def test_what_is_counted_is_short() -> None:
    assert len(account("x" * 1_000_000)) == MAX_KEY


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unix", "unix"),
    ],
)
def test_a_sender_is_counted_by_what_one_subscriber_gets(address: str, counted: str) -> None:
    assert sender(Request({"type": "http", "headers": [], "client": (address, 1)})) == counted
