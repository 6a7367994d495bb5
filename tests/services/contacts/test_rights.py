"""Who may do what: every route with every kind of person."""

from __future__ import annotations

from typing import Any

from infra.web.identity import ANONYMOUS
from services.contacts.api import api
from tests.kit import identity
from tests.services.contacts.world import (
    ADMIN,
    COORDINATOR,
    EAST,
    NORTH,
    OTHER,
    PEOPLE,
    Contacts,
    draft,
)

OPEN = dict.fromkeys(PEOPLE, 200)
SIGNED_IN = {**OPEN, "anonymous": 401}
# Who is not signed in is asked to; who has no such right is refused; the wrong network's coordinator too.
KEEPERS = {
    "anonymous": 401,
    "member": 403,
    "editor": 403,
    "moderator": 403,
    "other": 403,
    "coordinator": 200,
    "admin": 200,
}
MATRIX: dict[tuple[str, str], dict[str, int]] = {
    ("POST", "/sessions"): dict.fromkeys(PEOPLE, 401),
    ("POST", "/sessions/resolve"): dict.fromkeys(PEOPLE, 401),
    ("POST", "/sessions/end"): dict.fromkeys(PEOPLE, 204),
    ("GET", "/me/sessions"): SIGNED_IN,
    ("DELETE", "/me/sessions/{id}"): {**dict.fromkeys(PEOPLE, 404), "anonymous": 401},
    ("POST", "/offers"): {**KEEPERS, "coordinator": 201, "admin": 201},
    ("POST", "/alerts/stop"): dict.fromkeys(PEOPLE, 422),
    ("POST", "/alerts/one-click/{token}"): dict.fromkeys(PEOPLE, 422),
    ("POST", "/password-resets"): dict.fromkeys(PEOPLE, 202),
    ("POST", "/password-resets/use"): dict.fromkeys(PEOPLE, 422),
    ("POST", "/addresses/confirm"): dict.fromkeys(PEOPLE, 422),
    # only of the account that one has: these people have none here
    ("POST", "/me/address"): dict.fromkeys(PEOPLE, 401),
    ("POST", "/me/address/confirmation"): dict.fromkeys(PEOPLE, 401),
    ("GET", "/me/notices"): dict.fromkeys(PEOPLE, 401),
    ("PATCH", "/me/notices"): dict.fromkeys(PEOPLE, 401),
    ("POST", "/notices/stop"): dict.fromkeys(PEOPLE, 422),
    ("POST", "/notices/one-click/{token}"): dict.fromkeys(PEOPLE, 422),
    ("PATCH", "/offers/{slug}"): KEEPERS,
    ("POST", "/offers/{slug}/publish"): KEEPERS,
    ("POST", "/offers/{slug}/withdraw"): KEEPERS,
}
SLUGS = {
    "/regions/{slug}": "nordland",
    "/regions/{slug}/chain": "nordland",
    "/organisations/{slug}": "kammer",
    "/networks/{slug}": NORTH,
    "/documents/{slug}": "gesetz",
    "/events/{slug}": "treffen",
    "/state-profiles/{slug}": "profil-nordland",
}
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/sessions"): {"email": "wer@example.org", "password": "falsch"},
    ("POST", "/sessions/resolve"): {"token": "unbekannt"},
    ("POST", "/sessions/end"): {"token": "unbekannt"},
    ("POST", "/alerts/stop"): {"token": "unbekannt"},
    ("POST", "/password-resets"): {"email": "wer@example.org"},
    ("POST", "/password-resets/use"): {"token": "unbekannt", "password": "lang genug für uns"},
    ("POST", "/addresses/confirm"): {"token": "unbekannt"},
    ("POST", "/me/address"): {"email": "wer@example.org", "password": "falsch"},
    ("PATCH", "/me/notices"): {"language": "en"},
    ("POST", "/notices/stop"): {"token": "unbekannt"},
    ("POST", "/offers"): draft(),
    ("POST", "/offers/{slug}/withdraw"): {"reason": "Kurs fällt aus"},
}


async def test_every_route_answers_every_person_as_the_matrix_says(contacts: Contacts) -> None:
    wrong = []
    for operation in api.operations:
        route = (operation.method, operation.path)
        for name, who in PEOPLE.items():
            if operation.path == "/contact-points/{slug}":
                continue  # the small country has none; see the directory's tests
            offer = await contacts.offer()
            path = operation.path.replace("{slug}", SLUGS.get(operation.path, offer["slug"])).replace(
                "{id}", offer["id"]
            )
            body = BODIES.get(route, {"seats": 7} if operation.method == "PATCH" else None)
            answer = await contacts.kit.request(
                "contacts",
                operation.method,
                path,
                identity=who,
                body=body,
                headers={"if-match": f'"{offer["version"]}"'},
            )
            if answer.status != MATRIX.get(route, OPEN)[name]:
                wrong.append((route, name, answer.status, answer.content[:100]))
    assert wrong == []


async def test_drafts_and_withdrawn_offers_exist_only_for_their_keepers(contacts: Contacts) -> None:
    hidden = await contacts.offer(publish=False, title="Entwurf")
    withdrawn = await contacts.offer(title="Zurückgezogen")
    await contacts.post(f"/offers/{withdrawn['slug']}/withdraw", {"reason": "Interner Grund"})

    for slug in (hidden["slug"], withdrawn["slug"]):
        for name, who in PEOPLE.items():
            expected = 200 if who in (COORDINATOR, ADMIN) else 404
            assert (await contacts.get(f"/offers/{slug}", who)).status == expected, name
            if expected == 404:
                changed = await contacts.patch(f"/offers/{slug}", {"seats": 1}, who, if_match='"1"')
                assert changed.status == 404, name
                assert (await contacts.post(f"/offers/{slug}/publish", who=who)).status == 404, name
                assert (await contacts.post(f"/offers/{slug}/withdraw", {"reason": "Nein"}, who)).status == 404, name
    seen = (await contacts.get(f"/offers/{withdrawn['slug']}", COORDINATOR)).json()
    assert seen["withdrawal_reason"] == "Interner Grund"


async def test_a_coordinator_cannot_hand_an_offer_to_a_foreign_network_or_take_one(contacts: Contacts) -> None:
    slug = (await contacts.offer())["slug"]

    moved = await contacts.patch(f"/offers/{slug}", {"network": EAST}, if_match='"2"')
    taken = await contacts.patch(f"/offers/{slug}", {"network": EAST}, OTHER, if_match='"2"')
    created = await contacts.post("/offers", draft(network=EAST))
    by_admin = await contacts.patch(f"/offers/{slug}", {"network": EAST}, ADMIN, if_match='"2"')

    assert [answer.status for answer in (moved, taken, created, by_admin)] == [403, 403, 403, 200]
    assert "Koordination dieses Netzwerks" in moved.json()["title"]
    assert (await contacts.patch(f"/offers/{slug}", {"seats": 1}, if_match='"3"')).status == 403


async def test_lists_show_each_person_only_what_they_may_see(contacts: Contacts) -> None:
    public = (await contacts.offer(title="Öffentlich"))["slug"]
    hidden = (await contacts.offer(publish=False, title="Entwurf"))["slug"]
    foreign = (await contacts.offer(OTHER, publish=False, title="Fremder Entwurf", network=EAST))["slug"]

    for name, who in PEOPLE.items():
        assert set(await contacts.listed(who)) == {public, "altes-angebot"}, name
        drafts = {COORDINATOR: {hidden}, OTHER: {foreign}, ADMIN: {hidden, foreign}}.get(who, set())
        assert set(await contacts.listed(who, state="draft")) == drafts, name
    assert set(await contacts.listed(COORDINATOR, mine="true")) == {public, hidden}
    assert await contacts.listed(COORDINATOR, mine="true", state="published") == [public]
    assert set(await contacts.listed(ADMIN, mine="true")) == {public, hidden, foreign, "altes-angebot"}
    for name, who in PEOPLE.items():
        expected = 401 if who is ANONYMOUS else 200 if who in (COORDINATOR, OTHER, ADMIN) else 403
        assert (await contacts.get("/offers", who, mine="true")).status == expected, name


async def test_a_coordinator_without_a_network_keeps_nothing(contacts: Contacts) -> None:
    nobodys = identity("0190b1a0-0000-7000-8000-000000000000", "coordinator")
    await contacts.offer(publish=False)

    assert await contacts.listed(nobodys, mine="true") == []
    assert await contacts.listed(nobodys, state="draft") == []
    assert (await contacts.post("/offers", draft(), nobodys)).status == 403
