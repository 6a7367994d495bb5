"""Sets mails in the house style, as HTML and as plain text, each from its own template, with styles inlined.

Mail programs drop style sheets, so styles go into the elements; what must stay a rule (dark mode) is kept in the
head. Programs cut mails off at about 102 kB: `MAX_HTML_BYTES` is where that comes near.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import css_inline
import jinja2
from markupsafe import Markup

MAX_HTML_BYTES = 100_000
_WIDTH = 76
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class Rendered:
    """A mail's subject and both its parts."""

    subject: str
    html: str
    text: str


class Stationery:
    """The templates of one package, which may build on the house's own (`infra/mail/templates`)."""

    def __init__(self, package: str) -> None:
        self._package = package

    def render(self, name: str, subject: str, **values: Any) -> Rendered:
        """The templates `name`.html and `name`.txt with `values` and the subject put in."""
        page = self._templates.get_template(f"{name}.html").render(values, subject=subject)
        text = self._templates.get_template(f"{name}.txt").render(values, subject=subject)
        return Rendered(subject, _inliner.inline(page), text.strip() + "\n")

    @cached_property
    def _templates(self) -> jinja2.Environment:
        packages = dict.fromkeys((self._package, "infra.mail"))
        environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package, "templates") for package in packages]),
            autoescape=jinja2.select_autoescape(("html",)),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["lang_unless"] = _lang_unless
        environment.filters["wrapped"] = _wrapped
        environment.filters["underlined"] = _underlined
        return environment


def _lang_unless(language: str, surrounding: str) -> Markup:
    """The `lang` attribute of a part that is written in another language than what surrounds it."""
    return Markup(' lang="{}"').format(language) if language != surrounding else Markup("")


def _wrapped(text: str) -> str:
    """Paragraphs and lines folded to a width that plain-text readers like; addresses stay whole."""
    fold = textwrap.TextWrapper(_WIDTH, break_long_words=False, break_on_hyphens=False).fill
    return "\n".join(fold(line) for line in text.strip().splitlines())


def _underlined(title: str, character: str) -> str:
    folded = _wrapped(title)
    return f"{folded}\n{character * min(max(map(len, folded.splitlines()), default=0), _WIDTH)}"
