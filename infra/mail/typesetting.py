"""What sets mails: templates with the filters they use, and styles put into the elements.

Mail programs drop style sheets, so styles go into the elements; what must stay a rule (dark mode) is kept in the head.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import css_inline
import jinja2
from markupsafe import Markup

_WIDTH = 76
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


class Press:
    """The templates of some packages, the first that has one giving it."""

    def __init__(self, *packages: str) -> None:
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
        self._templates = environment

    def page(self, name: str, values: Mapping[str, Any]) -> str:
        """The template `name`.html with `values` put in, as mail programs show it."""
        return _inliner.inline(self._templates.get_template(f"{name}.html").render(values))

    def text(self, name: str, values: Mapping[str, Any]) -> str:
        """The template `name`.txt with `values` put in."""
        return self._templates.get_template(f"{name}.txt").render(values).strip() + "\n"


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
