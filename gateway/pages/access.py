"""The e-mail address of an account and the way back in: change and confirm it, ask for a new password, set it.

What a link in a mail is for happens by a button; opening it shows that button only.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway import sessions
from gateway.pages.attempts import attempt, within
from gateway.routing import Page
from gateway.visit import Visit

ADDRESS = "/konto/adresse"
LOST = "/passwort"


async def address(visit: Visit) -> Response:
    """The address with what is wrong with it, and the form for another one."""
    if visit.posted and await within(visit, "sign-in-account", sessions.identity_of(visit.person).account):
        body = {"email": visit.form.text("email"), "password": visit.form.raw("password")}
        if (await attempt(visit, "contacts", "POST", "/me/address", body)).done:
            return visit.redirect(ADDRESS, unterwegs=1)
    own = await visit.get("contacts", "/me/notices")
    return visit.page(
        "access/address.html",
        status=422 if visit.form.refused else 200,
        own=own,
        sent=visit.query("unterwegs") == "1",
    )


async def ask_confirmation(visit: Visit) -> Response:
    """Has the mail sent again by which the present address is confirmed."""
    await visit.post("contacts", "/me/address/confirmation")
    return visit.redirect(ADDRESS, unterwegs=1)


async def confirm(visit: Visit) -> Response:
    """The page behind the link of the confirmation mail: one button, which confirms."""
    if not visit.posted:
        return visit.page("access/confirm.html")
    await visit.post("contacts", "/addresses/confirm", {"token": visit.param("token")})
    if visit.person is not None:  # so that no page goes on saying for some seconds that no mail arrives
        visit.site.sessions.ended(visit.person.token)
        visit.person = await visit.site.sessions.resolve(visit.person.token, visit.language)
    return visit.page("access/confirmed.html")


async def lost(visit: Visit) -> Response:
    """Asks for the address; the answer is the same for every one."""
    if visit.posted and await within(visit, "lost-password"):
        body = {"email": visit.form.text("email"), "language": visit.language}
        if (await attempt(visit, "contacts", "POST", "/password-resets", body)).done:
            return visit.redirect(LOST, unterwegs=1)
    status = 422 if visit.form.refused else 200
    return visit.page("access/lost.html", status=status, sent=visit.query("unterwegs") == "1")


async def new_password(visit: Visit) -> Response:
    """The page behind the link of the mail: a form for the new password."""
    if visit.posted and await within(visit, "lost-password"):
        body = {"token": visit.param("token"), "password": visit.form.raw("password")}
        if (await attempt(visit, "contacts", "POST", "/password-resets/use", body)).done:
            return visit.page("access/renewed.html")
    return visit.page("access/new_password.html", status=422 if visit.form.refused else 200)


PAGES = (
    Page(ADDRESS, address, ("GET", "POST"), signed_in=True),
    Page(ADDRESS + "/bestaetigen", ask_confirmation, ("POST",), signed_in=True),
    Page(ADDRESS + "/bestaetigen/{token}", confirm, ("GET", "POST")),
    Page(LOST, lost, ("GET", "POST")),
    Page(LOST + "/neu/{token}", new_password, ("GET", "POST")),
)
