"""References with names to show: slugs of a whole page are looked up at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.contacts.directory.models import Network, Organisation, Source
from services.contacts.directory.schemas import Link
from services.contacts.entry import Entry
from services.contacts.lookup import named
from services.contacts.places.models import Region

KINDS: dict[str, type[Entry]] = {
    "organisation": Organisation,
    "network": Network,
    "region": Region,
    "source": Source,
}
_SINGLE = (
    "region",
    "source",
    "parent",
    "lead",
    "organisation",
    "network",
    "provider",
    "issuer",
    "organiser",
    "publisher",
)
_SEVERAL = ("also_in", "members", "partners", "participants", "districts")


class Links:
    """What is known about some slugs."""

    def __init__(self, known: Mapping[str, Link]) -> None:
        self._known = known

    def of(self, slug: str) -> Link:
        """The link of a slug; one without a kind when the slug leads nowhere."""
        return self._known.get(slug) or Link(slug, slug)

    def maybe(self, slug: str) -> Link | None:
        """The link of a slug, None for ""."""
        return self.of(slug) if slug else None

    def name(self, slug: str) -> str:
        """The name to show for a slug, "" for ""."""
        return self.of(slug).name

    def all(self, slugs: Iterable[str]) -> list[Link]:
        """The links of several slugs, in their order."""
        return [self.of(slug) for slug in slugs]


async def links_of(rows: Iterable[Entry]) -> Links:
    """The links of everything that `rows` refer to, in one statement."""
    return await resolve({slug for row in rows for slug in _references(row)}, KINDS)


async def resolve(slugs: Iterable[str], kinds: Mapping[str, type[Entry]]) -> Links:
    """The links of `slugs`, looked up among `kinds`; of several entries with one slug the last kind counts."""
    return links_from(await named(kinds, slugs))


def links_from(names: Mapping[str, Mapping[str, str]]) -> Links:
    """The links of what was found: names by kind and slug."""
    return Links({slug: Link(slug, name, kind) for kind, found in names.items() for slug, name in found.items()})


def _references(row: Entry) -> Iterable[str]:
    for attribute in _SINGLE:
        yield getattr(row, attribute, "") or ""
    for attribute in _SEVERAL:
        yield from getattr(row, attribute, None) or ()
