"""Rules of the forum that need no database: what may be written, who manages a space, and the texts Lotse writes."""

from __future__ import annotations

import re
from collections.abc import Collection
from uuid import UUID

from infra.characters import DIRECTION, FORBIDDEN
from infra.contracts.addresses import path
from infra.contracts.contacts import OfferPublished
from infra.contracts.roles import ADMIN, COORDINATOR, MODERATOR
from infra.errors import FieldError, Invalid, Text
from infra.ids import slugify

OPEN, TRANSPARENT, CLOSED = "open", "transparent", "closed"
PUBLIC = "public"
TITLE_MIN, TITLE_MAX = 3, 160
BODY_MAX = 20_000
QUOTE_MAX = 1_500
SLUG_MAX = 200
NAME_MAX = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")
_EMPTY = Text("Bitte schreiben Sie einen Text.", "Please write a text.")
_WITHDRAWN = "*Dieses Angebot wurde zurückgezogen, das Thema ist geschlossen. / This offer has been withdrawn.*"


def manages(roles: Collection[str], networks: Collection[str], network: str) -> bool:
    """Whether somebody may moderate and set up the space of `network`: its coordinators, moderators, admins."""
    return bool({MODERATOR, ADMIN} & set(roles)) or (COORDINATOR in roles and network in networks)


def clean_topic(title: str, body: str) -> tuple[str, str]:
    """Title (one line, single spaces) and body as they will be stored.

    Raises:
        Invalid: with everything wrong in `title` and `body` at once.
    """
    line, text = " ".join(title.split()), _normal(body)
    errors = [*_title_errors(title, line), *_body_errors(text)]
    if errors:
        raise Invalid(fields=errors)
    return line, text


def clean_body(body: str) -> str:
    """The Markdown of a post as it will be stored. Raises Invalid with the field `body`."""
    text = _normal(body)
    errors = _body_errors(text)
    if errors:
        raise Invalid(fields=errors)
    return text


def empty_body() -> Invalid:
    """The error for a text of which nothing can be seen."""
    return Invalid(fields=[FieldError("body", _EMPTY)])


def topic_slug(title: str, topic_id: UUID) -> str:
    """The address of a topic: words of its title and the random end of its id. It never changes later."""
    return f"{slugify(title, 60) or 'thema'}-{topic_id.hex[-8:]}"


def offer_topic_slug(offer: str) -> str:
    """The address of the topic of an offer (slug)."""
    return f"angebot-{offer}"


def visible_to(access: str, space_id: UUID) -> str:
    """Who may find a space's topics by search: everybody, or the members of the space."""
    return PUBLIC if access == OPEN else str(space_id)


def quote(body: str, number: int, slug: str) -> str:
    """Post `number` of the topic `slug` as a Markdown quotation, without what it quoted itself and without a name."""
    own = [line for line in body.splitlines() if not line.lstrip().startswith(">")]
    text = "\n".join(own).strip()
    if len(text) > QUOTE_MAX:
        text = text[:QUOTE_MAX].rstrip() + " …"
    quoted = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
    return f"> [Beitrag {number}]({path('topic', slug)}#beitrag-{number}):\n>\n{quoted}\n\n"


def offer_body(offer: OfferPublished) -> str:
    """The first post of an offer's topic: what it is, for when, by whom, and where to read more."""
    lines = [escaped(offer.summary or offer.description)]
    if offer.provider_name:
        lines.append(f"**Anbieter:** {escaped(offer.provider_name)}")
    period = _period(offer.valid_from, offer.valid_to)
    if period:
        lines.append(f"**Zeitraum:** {period}")
    lines.append(f"[Zum Angebot]({path('offer', offer.slug)})")
    if offer.title_en or offer.summary_en:
        title = f"**{escaped(offer.title_en or offer.title)}**"
        lines.append(f"{title}: {escaped(offer.summary_en)}" if offer.summary_en else title)
    lines.append(f"[View this offer in English]({path('offer', offer.slug, 'en')})")
    return "\n\n".join(line for line in lines if line)


def withdrawn_body(body: str) -> str:
    """The first post of an offer's topic once the offer is no longer public."""
    return body if body.startswith(_WITHDRAWN) else f"{_WITHDRAWN}\n\n{body}"


def escaped(text: str) -> str:
    """Plain `text` as Markdown that shows exactly these words on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(_CONTROL.sub(" ", text).split()))


def _period(start: str, end: str) -> str:
    first, last = _day(start), _day(end)
    if first and last:
        return f"{first} – {last}"
    if first:
        return f"ab {first}"
    return f"bis {last}" if last else ""


def _day(iso: str) -> str:
    """An ISO day as Germans write it; anything less exact as it is."""
    parts = iso.split("-")
    return ".".join(reversed(parts)) if len(parts) == 3 else escaped(iso)


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _title_errors(title: str, line: str) -> list[FieldError]:
    if _CONTROL.search(title) or DIRECTION.search(title):
        return [FieldError("title", FORBIDDEN)]
    if not TITLE_MIN <= len(line) <= TITLE_MAX:
        text = Text(
            f"Bitte geben Sie einen Titel mit {TITLE_MIN} bis {TITLE_MAX} Zeichen an.",
            f"Please give a title of {TITLE_MIN} to {TITLE_MAX} characters.",
        )
        return [FieldError("title", text)]
    return []


def _body_errors(text: str) -> list[FieldError]:
    if not text:
        return [FieldError("body", _EMPTY)]
    if _CONTROL.search(text):
        return [FieldError("body", FORBIDDEN)]
    if len(text) > BODY_MAX:
        message = Text(
            f"Bitte kürzen Sie den Text auf höchstens {BODY_MAX} Zeichen (jetzt {len(text)}).",
            f"Please shorten the text to at most {BODY_MAX} characters (now {len(text)}).",
        )
        return [FieldError("body", message)]
    return []
