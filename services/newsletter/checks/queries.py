"""All checks of an issue: its texts, its links as they were last asked, and its mails as they would go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from infra.errors import Conflict, FieldError, Text
from infra.mail import Mail, build
from infra.settings import Settings
from services.newsletter.checks import accessibility, content, messages
from services.newsletter.checks.domain import Finding, error, warning
from services.newsletter.checks.links import Link, key_of, outward
from services.newsletter.checks.models import LinkState
from services.newsletter.checks.probe import State
from services.newsletter.checks.schemas import ChecksView, FindingView, LinkView
from services.newsletter.context import current
from services.newsletter.issues.content import content_of, kept
from services.newsletter.issues.domain import Content
from services.newsletter.issues.mails import list_headers
from services.newsletter.issues.models import Issue
from services.newsletter.issues.reading import Language, rendered
from services.newsletter.rendering.letters import Tokens
from services.newsletter.rendering.wording import NAME

VALID = timedelta(days=7)  # after that a link counts as not asked; beat asks much sooner
# As long as real ones: their length decides about lines and sizes.
_TOKENS = Tokens("p" * 64, "u" * 64)


async def findings(issue: Issue) -> list[Finding]:
    """What is wrong with an issue as it stands now, errors first."""
    settings, says = current().settings, await content_of(issue)
    states = await link_states(says)
    found = [*content.check(says, settings), *_links(states)]
    for language in ("de", "en"):
        found += await _mail(issue.slug, says, language)
    found = [_for_demo(finding, settings) for finding in dict.fromkeys(found)]
    return sorted(found, key=lambda finding: finding.severity != "error")


async def require_passed(issue: Issue) -> None:
    """Raises Conflict with the list of what must be mended before the issue can be approved, scheduled or sent."""
    errors = [finding for finding in await findings(issue) if finding.severity == "error"]
    if errors:
        text = Text(
            "Diese Ausgabe besteht die Prüfungen noch nicht. Bitte beheben Sie zuerst, was unten steht.",
            "This issue does not pass the checks yet. Please mend what is listed below first.",
        )
        raise Conflict(text, [FieldError(finding.place or finding.kind, finding.text) for finding in errors])


async def view(issue: Issue, language: str) -> ChecksView:
    """The findings and the links of an issue, in words of `language`."""
    found = await findings(issue)
    states = await link_states(await content_of(issue))
    return ChecksView(
        passed=not any(finding.severity == "error" for finding in found),
        findings=[FindingView(f.kind, f.severity, f.place, f.text.get(language)) for f in found],
        links=[_link_view(link, state) for link, state in states],
    )


async def link_states(says: Content) -> list[tuple[Link, LinkState | None]]:
    """The links of an issue that lead elsewhere, each with what it answered lately (None: nothing yet)."""
    links = outward(says, current().base_url)
    keys = {link: key_of(link.url) for link in links}
    since = datetime.now(UTC) - VALID
    known = {row.key: row for row in await LinkState.filter(key__in=set(keys.values()), checked_at__gt=since)}
    return [(link, known.get(key)) for link, key in keys.items()]


async def _mail(slug: str, says: Content, language: Language) -> list[Finding]:
    """The mail of a reader whom everything concerns, as the longest one, under the eyes of all rules."""
    context = current()
    chosen = [entry.id for entry in kept(says)]
    mail = await rendered(slug, says, chosen, language, _TOKENS, districts=())
    message = Mail(
        sender=context.settings.mail_from,
        sender_name=NAME.get(language),
        recipient=context.settings.mail_from,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        message_id=f"<{slug}@{context.mail_domain}>",
        language=language,
        headers=list_headers(slug, context.url("subscription_unsubscribe", _TOKENS.unsubscribe, language)),
    )
    return [*accessibility.check(mail.html, language), *messages.check(build(message).as_bytes())]


def _links(states: Sequence[tuple[Link, LinkState | None]]) -> list[Finding]:
    found = []
    for link, state in states:
        url, status = link.url, f" ({state.status})" if state and state.status else ""
        if state is None:
            de, en = f"{url} wird gerade geprüft.", f"{url} is being checked just now."
            found.append(error("links", link.place, de, en))
        elif state.state == State.GONE:
            de, en = f"Unter {url} ist nichts mehr{status}.", f"There is nothing at {url} any more{status}."
            found.append(error("links", link.place, de, en))
        elif state.state == State.REFUSED:
            de, en = f"{url} ist nicht öffentlich erreichbar.", f"{url} cannot be reached by the public."
            found.append(error("links", link.place, de, en))
        elif state.state == State.AWAY:
            de = f"{url} antwortet gerade nicht wie erwartet{status}. Bitte sehen Sie selbst nach."
            en = f"{url} does not answer as expected{status}. Please look yourself."
            found.append(warning("links", link.place, de, en))
    return found


def _link_view(link: Link, state: LinkState | None) -> LinkView:
    if state is None:
        return LinkView(link.url, link.place, "", 0, "")
    checked_at = state.checked_at.isoformat(timespec="seconds")
    return LinkView(link.url, link.place, State(state.state).value, state.status, checked_at)


def _for_demo(finding: Finding, settings: Settings) -> Finding:
    """A demo has neither a provider nor a certificate, and sends to nobody: it is only told."""
    lenient = settings.demo and finding.kind == "installation"
    return replace(finding, severity="warning") if lenient else finding
