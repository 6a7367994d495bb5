"""The forum's events, built from rows."""

from __future__ import annotations

from infra.contracts.forum import SpaceChanged, TopicChanged, TopicRemoved
from services.forum.domain import visible_to
from services.forum.models import Space, Topic


def space_changed(space: Space) -> SpaceChanged:
    """The space as it stands now."""
    return SpaceChanged(
        id=str(space.id),
        version=space.version,
        slug=space.slug,
        name=space.name,
        network=space.network,
        access=space.access,
    )


def topic_changed(topic: Topic, text: str) -> TopicChanged:
    """The topic as it stands now; `topic.space` is loaded, `text` is the words of its visible posts."""
    space = topic.space
    return TopicChanged(
        id=str(topic.id),
        version=topic.version,
        slug=topic.slug,
        title=topic.title,
        text=text,
        space=space.slug,
        space_name=space.name,
        network=space.network,
        region=space.region,
        topics=list(topic.subjects),
        visible_to=visible_to(space.access, space.id),
        posts=topic.posts,
        last_post_at=topic.last_post_at.isoformat(),
    )


def topic_removed(topic: Topic) -> TopicRemoved:
    """The topic can no longer be read."""
    return TopicRemoved(id=str(topic.id), version=topic.version, slug=topic.slug)
