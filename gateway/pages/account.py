"""Sign-in, sign-out, and one's own account with its open sessions."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response

from gateway import limits, sessions
from gateway.forms import Form
from gateway.problems import Refused, from_error
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import TooMany
from infra.ids import as_id
from infra.web.client import segment

DEMO_PASSWORD = "lotse-demo"  # noqa: S105 - public by design, only in demo mode


def safe_next(target: str, fallback: str) -> str:
    """`target` when it is a path on this site, else `fallback`: nobody is sent elsewhere after signing in."""
    parts = urlsplit(target)
    local = target.startswith("/") and not target.startswith(("//", "/\\"))
    printable = all(character.isprintable() and character != "\\" for character in target)
    return target if local and printable and not parts.scheme and not parts.netloc else fallback


def demo_accounts(visit: Visit) -> list[tuple[str, str]]:
    """(e-mail address, what it may do) of the accounts for trying out; empty outside demo mode."""
    if not visit.settings.demo:
        return []
    return [
        ("koordination@example.org", visit._("Koordination in Sachsen-Anhalt")),
        ("koordination2@example.org", visit._("Koordination in Sachsen")),
        ("redaktion@example.org", visit._("Redaktion des Newsletters, gibt Ausgaben frei")),
        ("redaktion2@example.org", visit._("Redaktion, gibt als zweite Person frei")),
        ("redaktion3@example.org", visit._("Redaktion ohne Freigabe")),
        ("moderation@example.org", visit._("Moderation des Forums")),
        ("mitglied@example.org", visit._("Mitglied eines Netzwerks")),
        ("admin@example.org", visit._("Verwaltung der Plattform")),
    ]


async def sign_in(visit: Visit) -> Response:
    """The sign-in form; after it, on to where the person wanted to go."""
    target = safe_next(visit.form.text("next") if visit.posted else visit.query("next"), "")
    if visit.posted:
        opened = await _open_session(visit)
        if opened is not None:
            response = RedirectResponse(target or visit.url("/konto"), 303)
            sessions.remember(response, opened, visit.settings)
            return response
    else:
        visit.form = Form.of({"email": visit.query("email")})
    return visit.page(
        "sign_in.html",
        status=422 if visit.form.refused else 200,
        target=target,
        accounts=demo_accounts(visit),
        demo_password=DEMO_PASSWORD,
    )


async def _open_session(visit: Visit) -> str | None:
    """The new session's token, or None with the reason at the form."""
    form = visit.form
    email = form.text("email")
    if not email:
        form.add_error("email", visit._("Bitte geben Sie Ihre E-Mail-Adresse an."))
    if not form.raw("password"):
        form.add_error("password", visit._("Bitte geben Sie Ihr Passwort an."))
    if form.refused:
        return None
    try:
        await visit.site.limits.hit("sign-in", limits.sender(visit.request))
        await visit.site.limits.hit("sign-in-account", limits.account(email))
        body = {"email": email, "password": form.raw("password")}
        if visit.person is not None:
            body["replaces"] = visit.person.token
        opened = await visit.post("contacts", "/sessions", body)
        if visit.person is not None:
            visit.site.sessions.ended(visit.person.token)
    except TooMany as error:
        form.refuse(from_error(error, visit.language))
        return None
    except Refused as problem:
        if not problem.correctable:
            raise
        form.refuse(problem)
        return None
    return str(opened["token"])


async def sign_out(visit: Visit) -> Response:
    """Ends the session here and in contacts."""
    if visit.person is not None:
        await visit.ask("contacts", "POST", "/sessions/end", body={"token": visit.person.token})
        visit.site.sessions.ended(visit.person.token)
    response = visit.redirect("/")
    sessions.forget(response, visit.settings)
    return response


async def account(visit: Visit) -> Response:
    """One's own name, roles, networks and open sessions."""
    slugs = sorted(sessions.identity_of(visit.person).networks)
    own, *networks = await asyncio.gather(
        visit.part("contacts", "/me/sessions"),
        *(visit.part("contacts", f"/networks/{segment(slug)}") for slug in slugs),
    )
    return visit.page(
        "account.html",
        own=own,
        networks=[(slug, part.value["name"] if part.ok else slug) for slug, part in zip(slugs, networks, strict=True)],
        roles=_roles(visit),
        person=visit.person,
    )


def _roles(visit: Visit) -> dict[str, str]:
    return {
        "member": visit._("Mitglied"),
        "coordinator": visit._("Koordination"),
        "editor": visit._("Redaktion"),
        "publisher": visit._("Freigabe und Versand"),
        "moderator": visit._("Moderation"),
        "admin": visit._("Verwaltung"),
    }


async def revoke(visit: Visit) -> Response:
    """Ends one of one's own sessions."""
    await visit.ask("contacts", "DELETE", f"/me/sessions/{segment(visit.param('id'))}")
    visit.site.sessions.ended(str(as_id(visit.param("id"))))
    return visit.redirect("/konto")


PAGES = (
    Page("/anmelden", sign_in, ("GET", "POST")),
    Page("/abmelden", sign_out, ("POST",)),
    Page("/konto", account, signed_in=True),
    Page("/konto/sitzungen/{id}/beenden", revoke, ("POST",), signed_in=True),
)
