"""An issue as a mail to try out: marked as such, with links that lead nowhere personal and headers of no list."""

from __future__ import annotations

from infra.mail import Mail
from services.newsletter.context import current
from services.newsletter.directory import queries as directory
from services.newsletter.issues.content import chosen_for, content_of
from services.newsletter.issues.models import Issue
from services.newsletter.issues.reading import PREVIEW_TOKENS, as_language, rendered
from services.newsletter.release.models import TestMail
from services.newsletter.rendering.wording import NAME

MARK = "[Test]"


async def test_mail(row: TestMail) -> Mail | None:
    """The mail of a row; None when the issue has gone."""
    issue = await Issue.get_or_none(id=row.issue_id)
    if issue is None:
        return None
    content, language = await content_of(issue), as_language(row.language)
    chosen = chosen_for(content, await directory.territory(), row.districts, row.topics)
    shown = await rendered(issue.slug, content, chosen, language, PREVIEW_TOKENS, districts=row.districts)
    return Mail(
        sender=current().settings.mail_from,
        sender_name=NAME.get(language),
        recipient=row.address,
        subject=f"{MARK} {shown.subject}",
        text=shown.text,
        html=shown.html,
        message_id=row.message_id,
        language=language,
        headers={"Auto-Submitted": "auto-generated"},
    )
