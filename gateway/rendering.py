"""Templates: Jinja with everything escaped, messages in the page's language, and helpers for addresses and labels."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gateway import assets, i18n
from infra import markup
from infra.contracts import addresses

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment(language: str) -> Environment:
    """The template environment of one language."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # it looks at the disk for every part of a page: 28 times for search results
    )
    env.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]  # i18n adds it
    env.globals.update(
        asset=assets.url,
        url=lambda path, **query: local(path, language, **query),
        href=lambda kind, slug: addresses.path(kind, slug, language),
        language=language,
    )
    env.filters.update(
        date=lambda value: i18n.show_date(value or "", language),
        time=lambda value: i18n.show_time(value or "", language),
        moment=lambda value: i18n.show_moment(value, language),
        markdown=lambda text: Markup(markup.to_html(text or "")),
        article=lambda text, top=2: Markup(markup.outlined(markup.to_html(text or ""), top)),
        safe_html=lambda text: Markup(text or ""),  # noqa: S704 - only for HTML that a service has sanitised
        domain=_domain,
    )
    env.tests["web_address"] = lambda value: str(value).startswith(("http://", "https://"))
    return env


def local(path: str, language: str, /, **query: object) -> str:
    """The address of one of our pages in `language`; query values of None, "" and [] are left out."""
    pairs = {name: value for name, value in query.items() if value not in (None, "", [])}
    return i18n.prefix(language) + path + ("?" + urlencode(pairs, doseq=True) if pairs else "")


def _domain(address: str) -> str:
    """The part of a web address that tells a reader where it leads."""
    return address.split("//", 1)[-1].split("/", 1)[0].removeprefix("www.")
