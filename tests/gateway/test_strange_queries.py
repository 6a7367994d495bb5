"""No query string, however strange, is more than a service can say no to."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from infra.web.api import Api, Operation
from services.contacts.api import api as contacts
from services.forum.api import api as forum
from services.newsletter.api import api as newsletter
from services.search.api import api as search
from tests.gateway.world import NETWORK, World
from tests.kit import identity

STRANGE = (
    "x" * 5000,
    "9" * 5000,
    "-1",
    "\xb2",
    "NaN",
    "1e400",
    "\u202e",
    "',)--%_*",
    ",".join(["x"] * 2000),
    "W251bGxd",
    "99999999-99-99",
)
NAMES = {"regions": "sachsen-anhalt", "networks": NETWORK, "spaces": NETWORK, "issues": "2018-01", "archive": "2018-01"}
ADMIN = identity("00000000-0000-7000-8000-000000000001", "admin")


def read_operations(api: Api) -> Iterator[tuple[str, Operation]]:
    """The GET routes that read a query, each with a path that leads to something."""
    for operation in api.operations:
        if operation.method == "GET" and operation.query is not None:
            parts = operation.path.split("/")
            known = [NAMES.get(parts[place - 1], "x") if "{" in part else part for place, part in enumerate(parts)]
            yield "/".join(known), operation


@pytest.mark.parametrize(
    "api", [contacts, forum, newsletter, search], ids=["contacts", "forum", "newsletter", "search"]
)
async def test_no_filter_value_is_a_fault(world: World, api: Api) -> None:
    service = api.title.partition(":")[0]
    asked = 0
    for path, operation in read_operations(api):
        assert operation.query is not None
        for item in msgspec.structs.fields(operation.query):
            for value in STRANGE:
                answer = await world.kit.get(service, path, query={item.encode_name: value}, identity=ADMIN)
                assert answer.status < 500, (path, item.encode_name, value[:20])
                asked += 1
    assert asked >= len(STRANGE)
