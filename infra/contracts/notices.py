"""What a service says when people with an account should be told of something by mail: one shape for all services.

Whom it concerns is named by ids, a role or a network; who wants to be told, how often, in which language and at which
address is known to contacts alone. So nothing here may be personal, and no word of what only some may read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.contracts.registry import Event

# What can be told. Each kind can be switched off on its own, so that a new cause deserves a kind of its own.
ISSUE_WAITING = "issue-waiting"  # an issue waits for a second person
ISSUE_PROPOSED = "issue-proposed"  # a draft was proposed for the coming quarter
ISSUE_REMINDER = "issue-reminder"  # a draft is due soon
ISSUE_SENT = "issue-sent"  # an issue has gone out
ISSUE_TROUBLE = "issue-trouble"  # an issue needs attention while it is sent
ARTICLE_WAITING = "article-waiting"  # an article waits for review
TOPIC_REPLY = "topic-reply"  # somebody answered in a topic one wrote in
OFFER_EXPIRING = "offer-expiring"  # an offer of the own network ends soon
OFFER_EXPIRED = "offer-expired"  # an offer of the own network has ended
KINDS = (
    ISSUE_WAITING,
    ISSUE_PROPOSED,
    ISSUE_REMINDER,
    ISSUE_SENT,
    ISSUE_TROUBLE,
    ARTICLE_WAITING,
    TOPIC_REPLY,
    OFFER_EXPIRING,
    OFFER_EXPIRED,
)


@dataclass(frozen=True, kw_only=True)
class NoticeWanted(Event):
    """People should be told that something of `kind` happened to the thing `id`, in its `version`.

    The same kind, id and version is told once, however often it is said; an earlier version not after a later one.
    Told are the holders of `accounts` (ids), all with `role` and the coordinators of `network` (slug), but those in
    `but` (ids). `path` is the German path of the page it leads to. `words` is what the mail may name, such as
    "title" and "title_en": only what every recipient may read, else nothing, and the mail says that there is
    something new.
    """

    kind: str
    accounts: list[str] = field(default_factory=list)
    role: str = ""
    network: str = ""
    but: list[str] = field(default_factory=list)
    path: str = ""
    words: dict[str, str] = field(default_factory=dict)
