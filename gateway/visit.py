"""One request to a page: who reads, in which language, what was sent, and the ways to services and templates.

Every page handler is `async def page(visit: Visit) -> Response`. It asks services with `get`, `post` …, which
raise `Refused`; or with `part`, which never raises for a part that is away, so that the rest of the page stands:

    offers = await visit.part("contacts", "/offers", network=slug)
    return visit.page("network.html", title=…, offers=offers)        # template: {% if offers.ok %}

A form page shows itself again with `visit.form` after `visit.form.refuse(problem)` when `problem.correctable`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway import forms, i18n, rendering, sessions
from gateway.forms import Form
from gateway.limits import Limits
from gateway.problems import Refused, from_error, refused
from gateway.sessions import Person, Sessions
from gateway.vocabulary import Vocabulary, VocabularyCache
from infra.contracts import addresses
from infra.errors import Unavailable
from infra.settings import Settings
from infra.web.client import Answer, ServiceClient


@dataclass(frozen=True)
class Site:
    """What all pages of this gateway share."""

    settings: Settings
    client: ServiceClient
    limits: Limits
    vocabulary: VocabularyCache
    sessions: Sessions


@dataclass(frozen=True)
class Part:
    """What a service had to say for one part of a page; `problem` is set instead when it had nothing."""

    value: Any = None
    problem: Refused | None = None

    @property
    def ok(self) -> bool:
        """Whether there is something to show."""
        return self.problem is None

    @property
    def items(self) -> list[Any]:
        """The items of a list; [] when the part is away."""
        return list(self.value["items"]) if self.value else []


@dataclass
class Visit:
    """One request to a page."""

    request: Request
    site: Site
    language: str
    person: Person | None = None
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    form: Form = field(default_factory=Form)

    # What was asked

    @property
    def path(self) -> str:
        """The path without the language ("/suche")."""
        return str(self.request.scope["path"])

    @property
    def settings(self) -> Settings:
        """The installation's settings."""
        return self.site.settings

    @property
    def posted(self) -> bool:
        """Whether a form was sent."""
        return self.request.method == "POST"

    def param(self, name: str) -> str:
        """A part of the path ("slug")."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        """One value of the query string, "" when absent; control characters removed."""
        return self.request.query_params.get(name, "").replace("\x00", "").strip()

    def queries(self, name: str) -> list[str]:
        """All values of a repeated query parameter, without empty ones."""
        return [value for value in self.request.query_params.getlist(name) if value and "\x00" not in value]

    # Asking services

    async def ask(
        self,
        service: str,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask a service in the reader's name. Raises Refused for every answer that is an error."""
        try:
            answer = await self.site.client.request(
                service,
                method,
                path,
                identity=sessions.identity_of(self.person),
                language=self.language,
                query=query,
                body=body,
                headers=headers,
            )
        except Unavailable as error:
            raise from_error(error, self.language) from error
        if not answer.ok:
            raise refused(answer, self.language)
        return answer

    async def get(self, service: str, path: str, **query: Any) -> Any:
        """GET as Python values. Raises Refused."""
        return (await self.ask(service, "GET", path, query=query)).json()

    async def post(self, service: str, path: str, body: Any = None) -> Any:
        """POST, answering the body as Python values (None without one). Raises Refused."""
        return (await self.ask(service, "POST", path, body=body)).json()

    async def part(self, service: str, path: str, **query: Any) -> Part:
        """GET for one part of a page that can stand without it."""
        try:
            return Part(await self.get(service, path, **query))
        except Refused as problem:
            return Part(problem=problem)

    # Answering

    def _(self, message: str, **values: Any) -> str:
        """`message` (German) in the page's language, with `%(name)s` filled in."""
        text = i18n.translations(self.language).gettext(message)
        return text % values if values else text

    def label(self, kind: str, slug: str) -> str:
        """The label of a vocabulary's slug in the page's language."""
        return self.vocabulary.label(kind, slug, self.language)

    def labels(self, kind: str, slugs: Iterable[str]) -> str:
        """The labels of several slugs, separated by commas."""
        return ", ".join(self.label(kind, slug) for slug in slugs)

    def languages(self, codes: Iterable[str]) -> str:
        """What languages are called in the page's language, separated by commas."""
        return ", ".join(i18n.language_name(code, self.language) for code in codes)

    def date(self, value: str) -> str:
        """An ISO date, as exact as it is, in words of the page's language."""
        return i18n.show_date(value or "", self.language)

    def refer(self, link: Mapping[str, str] | None) -> str:
        """The address of a reference between entries ({kind, slug}); "" when it leads to no page of ours."""
        if link is None or link["kind"] not in addresses.PATHS:
            return ""
        return addresses.path(link["kind"], link["slug"], self.language)

    def url(self, path: str, /, **query: Any) -> str:
        """The address of one of our pages in the reader's language."""
        return rendering.local(path, self.language, **query)

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page from a template, which finds `visit` and what is given here."""
        text = (
            rendering.environment(self.language)
            .get_template(template)
            .render(visit=self, **{"form": self.form, **context})
        )
        return Response(text, status, media_type="text/html")

    def redirect(self, path: str, **query: Any) -> Response:
        """On to another of our pages (303), in the same language."""
        return RedirectResponse(self.url(path, **query), 303)

    # For templates

    def form_token(self) -> str:
        """A fresh token for a form on this page."""
        return forms.make_token(self.settings.secret, self.person.token if self.person else "")

    def here(self, language: str | None = None) -> str:
        """This page's own address with its query, in `language` or the current one."""
        query = self.request.url.query
        return i18n.prefix(language or self.language) + quote(self.path) + (f"?{query}" if query else "")

    def navigation(self) -> list[tuple[str, str]]:
        """(label, address) of the main navigation; the desks only for those whose they are."""
        entries = [
            (self._("Suche"), "/suche"),
            (self._("Regionen"), "/regionen"),
            (self._("Netzwerke"), "/netzwerke"),
            (self._("Artikel"), "/artikel"),
            (self._("Forum"), "/forum"),
            (self._("Newsletter"), "/newsletter"),
        ]
        if self.person is not None and self.person.coordinates:
            entries.append((self._("Koordination"), "/koordination"))
        if self.person is not None and self.person.has_editorial_desk:
            entries.append((self._("Redaktion"), "/redaktion"))
        return [(label, self.url(path)) for label, path in entries]

    def within(self, address: str) -> bool:
        """Whether this page is at `address` or below it."""
        own = self.url(self.path)
        return own == address or own.startswith(address + "/")

    def absolute(self, address: str) -> str:
        """An address of ours with scheme and host."""
        base = self.settings.base_url or str(self.request.base_url).rstrip("/")
        return base + address
