"""Facts told by contacts: regions, vocabulary, the directory, offers, who acts under which name and wants no mail."""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.contracts.registry import Event, event


@dataclass(frozen=True)
class Term:
    """One entry of a controlled vocabulary with its labels and everyday synonyms."""

    slug: str
    de: str
    en: str
    synonyms: list[str] = field(default_factory=list)


@event("lotse.contacts.vocabulary.published.v1")
@dataclass(frozen=True, kw_only=True)
class VocabularyPublished(Event):
    """A whole controlled vocabulary (`slug`: topics, stages …) or the groups of search synonyms."""

    slug: str
    terms: list[Term] = field(default_factory=list)
    synonym_groups: list[list[str]] = field(default_factory=list)


@event("lotse.contacts.region.published.v1")
@dataclass(frozen=True, kw_only=True)
class RegionPublished(Event):
    """A Land or district. `parent` is a region slug, `ags` the official key ("" for the federation)."""

    slug: str
    name: str
    name_full: str
    kind: str
    parent: str = ""
    ags: str = ""
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, kw_only=True)
class DirectoryEntry(Event):
    """What all entries of the directory share. `region` and `districts` are region slugs."""

    slug: str
    name: str
    short: str = ""
    aliases: list[str] = field(default_factory=list)
    kind: str = ""
    region: str = ""
    districts: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    description: str = ""
    website: str = ""
    source: str = ""
    stand: str = ""


@event("lotse.contacts.organisation.published.v1")
@dataclass(frozen=True, kw_only=True)
class OrganisationPublished(DirectoryEntry):
    """An organisation as it stands now."""

    subkind: str = ""
    languages: list[str] = field(default_factory=list)


@event("lotse.contacts.contact_point.published.v1")
@dataclass(frozen=True, kw_only=True)
class ContactPointPublished(DirectoryEntry):
    """A contact point as it stands now."""

    organisation: str = ""
    organisation_name: str = ""
    languages: list[str] = field(default_factory=list)
    lat: float | None = None
    lon: float | None = None


@event("lotse.contacts.network.published.v1")
@dataclass(frozen=True, kw_only=True)
class NetworkPublished(DirectoryEntry):
    """A network as it stands now; `lead_name` and `member_names` are display names."""

    lead: str = ""
    lead_name: str = ""
    member_names: list[str] = field(default_factory=list)
    status: str = "active"


@event("lotse.contacts.offer.published.v1")
@dataclass(frozen=True, kw_only=True)
class OfferPublished(DirectoryEntry):
    """An offer as it stands now, at publication and after each later change while published.

    Dates are ISO days or "". `network`, `provider` are slugs ("" when unknown), `…_name` display names.
    `published_at` (ISO, UTC) is "" for an offer that came with imported content and that nobody published here.
    `language_level_from` and `…_to` are levels of German (A1 to C2) or ""; null of `part_time`, `childcare` and
    `open_entry` is: not said.
    """

    title: str
    summary: str = ""
    title_en: str = ""
    summary_en: str = ""
    network: str = ""
    network_name: str = ""
    provider: str = ""
    provider_name: str = ""
    partner_names: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    target_groups: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    format: str = ""
    valid_from: str = ""
    valid_to: str = ""
    published_at: str = ""
    status: str = "active"
    description_en: str = ""
    language_level_from: str = ""
    language_level_to: str = ""
    part_time: bool | None = None
    childcare: bool | None = None
    open_entry: bool | None = None
    accessibility: str = ""
    costs: str = ""


@event("lotse.contacts.offer.withdrawn.v1")
@dataclass(frozen=True, kw_only=True)
class OfferWithdrawn(Event):
    """An offer is no longer public."""

    slug: str
    network: str = ""
    reason: str = ""


@event("lotse.contacts.document.published.v1")
@dataclass(frozen=True, kw_only=True)
class DocumentPublished(DirectoryEntry):
    """A strategy, law, agreement or study that the directory refers to."""

    issuer_name: str = ""
    date: str = ""


@event("lotse.contacts.event.published.v1")
@dataclass(frozen=True, kw_only=True)
class EventPublished(DirectoryEntry):
    """A meeting or milestone with its date (ISO, as exact as known)."""

    place: str = ""
    organiser_name: str = ""
    date_start: str = ""
    date_end: str = ""
    recurrence: str = ""


@event("lotse.contacts.state_profile.published.v1")
@dataclass(frozen=True, kw_only=True)
class StateProfilePublished(DirectoryEntry):
    """The profile of a Land; `text` is all its sections in plain words, for search."""

    text: str = ""


@event("lotse.contacts.glossary_term.published.v1")
@dataclass(frozen=True, kw_only=True)
class GlossaryTermPublished(DirectoryEntry):
    """An abbreviation (`short`) and what it stands for (`name`); `refers_to` is another entry's slug."""

    refers_to: str = ""


@event("lotse.contacts.account.changed.v1")
@dataclass(frozen=True, kw_only=True)
class AccountChanged(Event):
    """An account's public face and rights; never its e-mail address."""

    name: str
    roles: list[str] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
    active: bool = True


@event("lotse.contacts.alert.stopped.v1")
@dataclass(frozen=True, kw_only=True)
class AccountAlertStopped(Event):
    """The holder of `account` (its id) wants no more mails about the saved search `id`; the search itself stays."""

    account: str
