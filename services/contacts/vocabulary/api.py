"""The route of the controlled vocabularies."""

from __future__ import annotations

from starlette.responses import Response

from infra.web.api import Api, Call
from services.contacts.answers import conditional
from services.contacts.vocabulary import queries
from services.contacts.vocabulary.schemas import VocabularyView

api = Api("contacts: vocabulary")


@api.get("/vocabulary", summary="All controlled vocabularies", returns=VocabularyView)
async def show_vocabulary(call: Call) -> Response:
    """Changes with imports only: send `If-None-Match`."""
    return conditional(call, await queries.vocabulary())
