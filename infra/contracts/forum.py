"""Facts told by the forum: spaces and topics, with what search needs to find them and to keep them hidden."""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.contracts.notices import NoticeWanted
from infra.contracts.registry import Event, event


@event("lotse.forum.space.changed.v1")
@dataclass(frozen=True, kw_only=True)
class SpaceChanged(Event):
    """A space as it stands now; `access` is open, transparent or closed."""

    slug: str
    name: str
    network: str = ""
    access: str = "open"


@event("lotse.forum.topic.changed.v1")
@dataclass(frozen=True, kw_only=True)
class TopicChanged(Event):
    """A topic with the text of its posts; `visible_to` is "public" or a space id only members may search."""

    slug: str
    title: str
    text: str = ""
    space: str = ""
    space_name: str = ""
    network: str = ""
    region: str = ""
    topics: list[str] = field(default_factory=list)
    visible_to: str = "public"
    posts: int = 0
    last_post_at: str = ""


@event("lotse.forum.topic.removed.v1")
@dataclass(frozen=True, kw_only=True)
class TopicRemoved(Event):
    """A topic can no longer be read."""

    slug: str = ""


@event("lotse.forum.notice.wanted.v1")
@dataclass(frozen=True, kw_only=True)
class ForumNoticeWanted(NoticeWanted):
    """People should be told of a reply in a topic they wrote in; a title only where everybody may read it."""
