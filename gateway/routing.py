"""Turns page handlers into routes: the visit is made ready, forms are read and their token checked on the way in,
and what went wrong becomes a page in the reader's language.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import forms, security, sessions
from gateway.problems import Refused, from_error
from gateway.visit import Site, Visit
from infra import tracing
from infra.errors import LotseError, NotFound, Text, Unauthenticated, Unavailable
from infra.web import middleware

Handler = Callable[[Visit], Awaitable[Response]]
_FAULT = Text(
    "Bei uns ist ein Fehler aufgetreten. Er ist aufgezeichnet; bitte versuchen Sie es später noch einmal.",
    "Something went wrong on our side. It has been recorded; please try again later.",
)
_NOT_TAKEN = Text("Diese Adresse nimmt das nicht an.", "This address does not take that.")


@dataclass(frozen=True)
class Page:
    """One page. `methods`: GET shows it, POST takes its form. `signed_in`: visitors are sent to sign in first.

    `token` False is only for addresses that programs post to without having seen a form; they read the body themselves.
    `upload`: the form may bring a file, and so many bytes in all.
    """

    path: str
    handler: Handler
    methods: tuple[str, ...] = ("GET",)
    signed_in: bool = False
    token: bool = True
    upload: int = 0


def routes(pages: Iterable[Page]) -> list[Route]:
    """The routes of a table of pages."""
    return [Route(page.path, _endpoint(page), methods=list(page.methods)) for page in pages]


def _endpoint(page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        security.check_origin(request)
        visit = await make_visit(request)
        if page.signed_in and visit.person is None:
            raise Unauthenticated
        if request.method == "POST" and page.token:
            visit.form = await forms.read_form(request, page.upload)
            session = visit.person.token if visit.person else ""
            forms.check_token(visit.form.text(forms.TOKEN_FIELD), visit.settings.secret, session)
        return await page.handler(visit)

    return answer


async def make_visit(request: Request) -> Visit:
    """The visit of a request, with the person behind its session. Raises Refused when contacts cannot tell."""
    site: Site = request.scope["lotse_site"]
    visit = bare_visit(request)
    token = sessions.token_of(request, site.settings)
    try:
        visit.person = await site.sessions.resolve(token, visit.language)
    except Unavailable as error:
        raise from_error(error, visit.language) from error
    visit.vocabulary = await site.vocabulary.get()
    request.scope["lotse_visit"] = visit
    return visit


def bare_visit(request: Request) -> Visit:
    """A visit of nobody in particular, made without asking any service."""
    return Visit(request, request.scope["lotse_site"], request.scope["lotse_language"])


async def answer_refused(request: Request, error: Exception) -> Response:
    """Exception handler: a service's or our own refusal as a page; who is not signed in is sent to sign in."""
    visit = await _visit_for_error(request)
    problem = _problem(error, visit.language)
    if problem.status == 401 and visit.person is None and request.method in security.SAFE_METHODS:
        return visit.redirect("/anmelden", next=visit.here())
    return _error_page(visit, problem)


async def answer_fault(request: Request) -> Response:
    """What a reader sees when something of ours broke; it is logged with its trace where it was caught."""
    visit = request.scope.get("lotse_visit") or bare_visit(request)
    if visit.path.startswith(sessions.API_PREFIX):
        return await middleware.answer_fault(request)
    problem = Refused(500, "fault", _FAULT.get(visit.language))
    return _error_page(visit, problem)


def _error_page(visit: Visit, problem: Refused) -> Response:
    """The page for what went wrong, with the number under which the operator finds what happened."""
    number = tracing.current().correlation_id
    return visit.page("error.html", status=problem.status, problem=problem, correlation_id=number)


def _problem(error: Exception, language: str) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, LotseError):
        return from_error(error, language)
    if isinstance(error, HTTPException) and error.status_code != 404:
        return Refused(error.status_code, "malformed", _NOT_TAKEN.get(language))
    return from_error(NotFound(), language)


async def _visit_for_error(request: Request) -> Visit:
    """The visit as far as it got; a page that nobody reached still greets a signed-in person."""
    known = request.scope.get("lotse_visit")
    if known is not None:
        found: Visit = known
        return found
    try:
        return await make_visit(request)
    except Refused:
        return bare_visit(request)
