"""The forum's pages: read, write with a preview, edit, delete, moderate — all without JavaScript."""

from __future__ import annotations

import httpx2

from tests.gateway.conftest import Opener
from tests.gateway.world import COORDINATOR, EDITOR, MEMBER, MODERATOR, NETWORK, Browser, World, heading, hidden_fields

NEW = f"/forum/{NETWORK}/neu"
TITLE = "Wer kennt einen Alphakurs?"


async def _begin(browser: Browser) -> httpx2.Response:
    page = await browser.get(NEW)
    return await browser.submit(page, NEW, title=TITLE, body="Am besten **vormittags**.", action="send")


async def test_spaces_and_topics_can_be_read_by_everybody(open_browser: Opener) -> None:
    visitor = await open_browser()
    spaces = await visitor.get("/forum")
    assert heading(spaces) == "Forum"
    assert "Weitere Einträge" in spaces.text
    space = await visitor.get(f"/forum/{NETWORK}")
    assert "Zum Mitschreiben bitte anmelden." in space.text
    assert "Thema beginnen" not in space.text
    topic = await visitor.get("/forum/themen/demo-sprachkurs-kinderbetreuung")
    assert topic.text.count('<article class="post"') == topic.text.count('<h2 class="kern-title" id="kopf-') == 4
    assert "Ihre Antwort" not in topic.text
    assert (await visitor.get("/forum/gibt-es-nicht")).status_code == 404
    assert (await visitor.get("/forum/themen/gibt-es-nicht")).status_code == 404


async def test_a_topic_with_preview_and_reply(open_browser: Opener) -> None:
    member, colleague = await open_browser(MEMBER), await open_browser(COORDINATOR)
    page = await member.get(NEW)
    preview = await member.submit(page, NEW, title=TITLE, body="Am besten **vormittags**.", action="preview")
    assert preview.status_code == 200
    assert "<strong>vormittags</strong>" in preview.text
    assert f'value="{TITLE}"' in preview.text
    begun = await member.submit(preview, NEW, title=TITLE, body="Am besten **vormittags**.", action="send")
    path = begun.url.path
    assert heading(begun) == TITLE

    assert "1 ungelesen" in _entry(await colleague.get(f"/forum/{NETWORK}"))
    seen = await colleague.get(path)
    assert '<span class="new">neu</span>' in seen.text
    assert "1 ungelesen" not in _entry(await colleague.get(f"/forum/{NETWORK}"))
    replied = await colleague.submit(seen, path, body="<script>alert(1)</script> In Halle.", action="send")
    assert replied.url.path == path
    assert "Beitrag 2 von" in replied.text
    assert "<script>alert" not in replied.text


def _entry(listed: httpx2.Response) -> str:
    """The topic's own entry; others may have begun topics meanwhile."""
    return listed.text.split(TITLE, 1)[1].split("</article>", 1)[0]


async def test_a_quoted_reply_names_the_post_it_answers(open_browser: Opener) -> None:
    member = await open_browser(MEMBER)
    topic = await _begin(member)
    path = topic.url.path
    post = topic.text.split("/forum/beitraege/", 1)[1].split("/", 1)[0]
    page = await member.get(f"{path}?nummer=1&antwort={post}")
    assert "&gt; Am besten" in page.text
    replied = await member.submit(page, path, body="> Am besten\n\nGenau.", action="send")
    assert "Antwort auf Beitrag 1" in replied.text
    link = await member.get(f"/forum/beitraege/{post}")
    assert link.url.path == path


async def test_empty_texts_are_refused_at_their_fields(open_browser: Opener) -> None:
    member = await open_browser(MEMBER)
    answer = await member.submit(await member.get(NEW), NEW, title=" ", body="", action="send")
    assert answer.status_code == 422
    assert 'href="#field-title"' in answer.text
    assert 'href="#field-body"' in answer.text
    preview = await member.submit(answer, NEW, title="Ein Titel", body="", action="preview")
    assert preview.status_code == 422
    assert 'value="Ein Titel"' in preview.text
    topic = await _begin(member)
    path = topic.url.path
    empty = await member.submit(topic, path, body="", action="send")
    assert empty.status_code == 422
    assert 'href="#field-body"' in empty.text


async def test_a_post_is_edited_and_who_was_overtaken_sees_the_other_text(open_browser: Opener) -> None:
    member, second_tab = await open_browser(MEMBER), await open_browser(MEMBER)
    topic = await _begin(member)
    path = "/forum/beitraege/" + topic.text.split("/forum/beitraege/", 1)[1].split('"', 1)[0]
    first, second = await member.get(path), await second_tab.get(path)
    edited = await member.submit(first, path, body="Nachmittags.", action="send")
    assert "Nachmittags." in edited.text
    assert "geändert" in edited.text
    earlier = await member.get(path.replace("/bearbeiten", "/fassungen"))
    assert heading(earlier).startswith("Frühere Fassungen")
    assert "Fassung 1" in earlier.text
    overtaken = await second_tab.submit(second, path, body="Abends.", action="send")
    assert overtaken.status_code == 422
    assert "So steht der Beitrag jetzt da" in overtaken.text
    assert "Nachmittags." in overtaken.text
    assert "Abends.</textarea>" in overtaken.text
    settled = await second_tab.submit(overtaken, path, body="Nachmittags oder abends.", action="send")
    assert "Nachmittags oder abends." in settled.text


async def test_only_the_author_and_moderators_change_a_post(open_browser: Opener) -> None:
    member, colleague, moderator = (
        await open_browser(MEMBER),
        await open_browser(EDITOR),
        await open_browser(MODERATOR),
    )
    topic = await _begin(member)
    post = "/forum/beitraege/" + topic.text.split("/forum/beitraege/", 1)[1].split("/", 1)[0]
    seen = await colleague.get(topic.url.path)
    assert f"{post}/bearbeiten" not in seen.text
    page = await colleague.get(f"{post}/bearbeiten")
    refused = await colleague.submit(page, f"{post}/bearbeiten", body="Fremd", action="send")
    assert refused.status_code == 403
    asked = await moderator.get(f"{post}/loeschen")
    assert heading(asked) == "Beitrag 1 löschen?"
    gone = await moderator.submit(asked, f"{post}/loeschen")
    # It was the only post: the topic is gone and the way leads back to the space.
    assert gone.url.path == f"/forum/{NETWORK}"
    assert (await member.get(topic.url.path)).status_code == 404


async def test_moderators_lock_pin_and_remove(open_browser: Opener, world: World) -> None:
    member, moderator = await open_browser(MEMBER), await open_browser(MODERATOR)
    topic = await _begin(member)
    path = topic.url.path
    assert "Moderation" not in topic.text.split("<main", 1)[1]
    page = await moderator.get(path)
    locked = await moderator.submit(page, f"{path}/sperren")
    assert "gesperrt: keine Antworten mehr möglich" in locked.text
    assert "Ihre Antwort" not in (await member.get(path)).text
    pinned = await moderator.submit(locked, f"{path}/anheften")
    assert "angeheftet" in pinned.text
    loosened = await moderator.submit(pinned, f"{path}/loesen")
    opened = await moderator.submit(loosened, f"{path}/oeffnen")
    assert "Ihre Antwort" in opened.text
    token = hidden_fields((await member.get(path)).text, path)
    refused = await member.http.post(f"{path}/sperren", data=token, headers={"sec-fetch-site": "same-origin"})
    assert refused.status_code == 403
    asked = await moderator.get(f"{path}/loeschen")
    removed = await moderator.submit(asked, f"{path}/loeschen")
    assert removed.url.path == f"/forum/{NETWORK}"
    await world.tell()
    assert TITLE not in (await member.get("/suche?q=Alphakurs")).text.split("<main", 1)[1].split("entries", 1)[-1]


async def test_writing_needs_a_person(open_browser: Opener) -> None:
    visitor = await open_browser()
    asked = await visitor.http.get(NEW)
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/anmelden")
    assert (await visitor.http.get("/forum/themen/demo-willkommen/sperren")).status_code == 405


async def test_a_visitor_cannot_reply_even_with_a_form_of_their_own(open_browser: Opener) -> None:
    visitor = await open_browser()
    path = "/forum/themen/demo-willkommen"
    token = hidden_fields((await visitor.get("/newsletter")).text, "/newsletter")
    answer = await visitor.http.post(path, data={**token, "body": "Hallo"}, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 401


async def test_unknown_actions_and_addresses_of_topics(open_browser: Opener) -> None:
    moderator = await open_browser(MODERATOR)
    path = "/forum/themen/demo-willkommen"
    token = hidden_fields((await moderator.get(path)).text, path)
    odd = await moderator.http.post(f"{path}/tanzen", data=token, headers={"sec-fetch-site": "same-origin"})
    assert odd.status_code == 404
    assert (await moderator.get(f"{path}?nummer=viele&cursor=kaputt")).status_code == 422


async def test_a_space_is_set_up_by_those_who_manage_it(open_browser: Opener) -> None:
    path = f"/forum/{NETWORK}/einstellungen"
    coordinator, member, visitor = await open_browser(COORDINATOR), await open_browser(MEMBER), await open_browser()
    assert (await member.get(path)).status_code == 403
    assert path not in (await member.get(f"/forum/{NETWORK}")).text
    assert path in (await coordinator.get(f"/forum/{NETWORK}")).text
    page = await coordinator.get(path)
    assert (await coordinator.submit(page, path, access="falsch")).status_code == 422
    saved = await coordinator.submit(page, path, access="closed")
    assert saved.url.path == f"/forum/{NETWORK}"
    assert (await visitor.get(f"/forum/{NETWORK}")).status_code == 404
    overtaken = await coordinator.submit(page, path, access="open", offer_topics="yes")
    assert overtaken.status_code == 422
    again = await coordinator.submit(overtaken, path, access="open", offer_topics="yes")
    assert again.status_code == 200
    assert (await visitor.get(f"/forum/{NETWORK}")).status_code == 200
