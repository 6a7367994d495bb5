"""Sets letters and notices as HTML and as plain text, each from its own template, with styles inlined.

Mail programs drop style sheets, so styles go into the elements; what must stay a rule (dark mode) is kept in the
head. Programs cut mails off at about 102 kB: `MAX_HTML_BYTES` is where an editor is warned.
"""

from __future__ import annotations

import textwrap
from functools import cache

import css_inline
import jinja2
from markupsafe import Markup

from services.newsletter.rendering.letters import Letter, Notice, Rendered
from services.newsletter.rendering.wording import FRAME

MAX_HTML_BYTES = 100_000
_WIDTH = 76
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def letter(content: Letter, subject: str) -> Rendered:
    """An issue as a mail."""
    return _render("letter", subject, content)


def notice(content: Notice) -> Rendered:
    """A mail about the subscription itself."""
    return _render("notice", content.subject, content)


def _render(name: str, subject: str, content: Letter | Notice) -> Rendered:
    words = {key: text.get(content.language) for key, text in FRAME.items()}
    values = {"mail": content, "words": words, "subject": subject}
    page = _environment().get_template(f"{name}.html").render(values)
    text = _environment().get_template(f"{name}.txt").render(values)
    return Rendered(subject, _inliner.inline(page), text.strip() + "\n")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("services.newsletter", "templates"),
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
