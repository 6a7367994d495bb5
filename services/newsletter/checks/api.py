"""The route to what the checks found."""

from __future__ import annotations

from infra.contracts.roles import EDITOR, PUBLISHER
from infra.web.api import Api, Call
from services.newsletter.checks import queries
from services.newsletter.checks.schemas import ChecksView
from services.newsletter.issues.queries import visible

api = Api("newsletter")


@api.get("/issues/{id}/checks", summary="What the checks of an issue found", returns=ChecksView)
async def show_checks(call: Call) -> ChecksView:
    """Accessibility, headers and size of its mails, missing translations, leftovers, and the links as last asked."""
    call.identity.require_role(EDITOR, PUBLISHER)
    return await queries.view(await visible(call.path["id"], call.identity), call.language)
