"""The forum's routes. Topics and spaces are found by id or slug, posts by id."""

from __future__ import annotations

from infra.db import transaction
from infra.errors import Forbidden
from infra.markup import to_html
from infra.web.api import Api, Call, Reply, etag
from services.forum import commands, queries, spaces, views
from services.forum.domain import clean_body, manages
from services.forum.models import Post, Topic
from services.forum.schemas import (
    AllTopicsQuery,
    EditedPost,
    History,
    NewPost,
    NewTopic,
    PageQuery,
    PostDetail,
    Preview,
    PreviewBody,
    Quote,
    ReadMark,
    ReadState,
    SpaceList,
    SpaceQuery,
    SpaceSettings,
    SpaceView,
    TopicList,
    TopicPageQuery,
    TopicState,
    TopicView,
)

SERVICE = "forum"
api = Api("forum")


@api.get("/spaces", summary="The spaces the reader may know of", query=SpaceQuery, returns=SpaceList)
async def list_spaces(call: Call) -> SpaceList:
    """By name; content figures only where the reader may read."""
    wanted: SpaceQuery = call.query
    page = await queries.spaces_page(
        queries.spaces(call.identity, mine=wanted.mine, region=wanted.region), wanted.cursor, wanted.limit
    )
    return await views.space_list(call.identity, page)


@api.get("/spaces/{space}", summary="One space", returns=SpaceView)
async def show_space(call: Call) -> Reply:
    """With its ETag for changing settings."""
    space = await queries.space_to_see(call.identity, call.path["space"])
    return Reply(await views.space_view(call.identity, space), headers=etag(space.version))


@api.patch("/spaces/{space}", summary="Change a space's settings", body=SpaceSettings, returns=SpaceView)
async def change_space(call: Call) -> Reply:
    """For the network's coordinators, moderators and administrators; needs If-Match."""
    call.identity.require_account()
    key, version = call.path["space"], call.required_version()
    async with transaction(SERVICE) as tx:
        space = await spaces.change_settings(tx, call.identity, key, version, call.body)
    return Reply(await views.space_view(call.identity, space), headers=etag(space.version))


@api.get("/spaces/{space}/topics", summary="The topics of a space", query=PageQuery, returns=TopicList)
async def list_space_topics(call: Call) -> TopicList:
    """Pinned ones first, then by newest post."""
    space = await queries.space_to_read(call.identity, call.path["space"])
    topics = queries.readable_topics(call.identity).filter(space_id=space.id)
    page = await queries.topics_page(topics, call.query.cursor, call.query.limit, pinned_first=True)
    return await views.topic_list(call.identity, page)


@api.post("/spaces/{space}/topics", summary="Open a topic", body=NewTopic, returns=TopicState, status=201)
async def open_topic(call: Call) -> Reply:
    """The topic and its first post."""
    call.identity.require_account()
    key, new = call.path["space"], call.body
    async with transaction(SERVICE) as tx:
        topic = await commands.open_topic(tx, call.identity, key, new.title, new.body)
    return Reply(views.topic_state(topic), 201, {"location": f"/topics/{topic.slug}", **etag(topic.version)})


@api.get("/topics", summary="The newest topics the reader may read", query=AllTopicsQuery, returns=TopicList)
async def list_topics(call: Call) -> TopicList:
    """Of all spaces, of one network or of one offer, by newest post."""
    wanted: AllTopicsQuery = call.query
    topics = queries.topics(call.identity, offer=wanted.offer, network=wanted.network)
    page = await queries.topics_page(topics, wanted.cursor, wanted.limit, pinned_first=False)
    return await views.topic_list(call.identity, page)


@api.get("/topics/{topic}", summary="A topic with a page of its posts", query=TopicPageQuery, returns=TopicView)
async def show_topic(call: Call) -> TopicView:
    """Reading marks nothing as read; that is what POST …/read is for."""
    wanted: TopicPageQuery = call.query
    topic = await queries.topic_to_read(call.identity, call.path["topic"])
    page = await queries.posts_page(topic, wanted.cursor, wanted.number, wanted.limit)
    return await views.topic_view(call.identity, topic, page)


@api.delete("/topics/{topic}", summary="Remove a topic", status=204)
async def delete_topic(call: Call) -> Reply:
    """For those who manage its space."""
    call.identity.require_account()
    async with transaction(SERVICE) as tx:
        await commands.delete_topic(tx, call.identity, call.path["topic"])
    return Reply(status=204)


@api.post("/topics/{topic}/posts", summary="Reply to a topic", body=NewPost, returns=PostDetail, status=201)
async def reply(call: Call) -> Reply:
    """Takes the next number; 409 when the topic is locked."""
    call.identity.require_account()
    key, new = call.path["topic"], call.body
    async with transaction(SERVICE) as tx:
        post = await commands.reply(tx, call.identity, key, new.body, new.reply_to)
    return await _post_answer(call, post, 201)


@api.post("/topics/{topic}/read", summary="Mark a topic as read up to a number", body=ReadMark, returns=ReadState)
async def mark_read(call: Call) -> ReadState:
    """Never goes back: the highest number counts."""
    call.identity.require_account()
    key, number = call.path["topic"], call.body.number
    async with transaction(SERVICE) as tx:
        topic = await commands.mark_read(tx, call.identity, key, number)
    return await views.read_state(call.identity, topic)


@api.post("/topics/{topic}/lock", summary="Lock a topic", returns=TopicState)
async def lock(call: Call) -> TopicState:
    """Nobody can reply then."""
    return await _set(call, locked=True)


@api.post("/topics/{topic}/unlock", summary="Unlock a topic", returns=TopicState)
async def unlock(call: Call) -> TopicState:
    """People can reply again."""
    return await _set(call, locked=False)


@api.post("/topics/{topic}/pin", summary="Pin a topic to the top of its space", returns=TopicState)
async def pin(call: Call) -> TopicState:
    """Pinned topics come first."""
    return await _set(call, pinned=True)


@api.post("/topics/{topic}/unpin", summary="Unpin a topic", returns=TopicState)
async def unpin(call: Call) -> TopicState:
    """It stands among the others again."""
    return await _set(call, pinned=False)


async def _set(call: Call, *, locked: bool | None = None, pinned: bool | None = None) -> TopicState:
    call.identity.require_account()
    key = call.path["topic"]
    async with transaction(SERVICE) as tx:
        topic: Topic = await commands.moderate_topic(tx, call.identity, key, locked=locked, pinned=pinned)
    return views.topic_state(topic)


@api.get("/posts/{post}", summary="One post by its permalink, with its Markdown", returns=PostDetail)
async def show_post(call: Call) -> Reply:
    """Says where it stands, so that links can lead there; 404 unless the reader may read its topic."""
    post = await queries.post_to_read(call.identity, call.path["post"])
    return Reply(views.post_detail(call.identity, post), headers=etag(post.version))


@api.patch("/posts/{post}", summary="Change the words of a post", body=EditedPost, returns=PostDetail)
async def edit_post(call: Call) -> Reply:
    """For its author; needs If-Match; the earlier text stays in its history."""
    call.identity.require_account()
    key, version = call.path["post"], call.required_version()
    async with transaction(SERVICE) as tx:
        post = await commands.edit_post(tx, call.identity, key, call.body.body, version)
    return await _post_answer(call, post, 200)


@api.delete("/posts/{post}", summary="Delete a post", status=204)
async def delete_post(call: Call) -> Reply:
    """For its author and those who manage the space. Its place stays; with its last post a topic goes too."""
    call.identity.require_account()
    async with transaction(SERVICE) as tx:
        await commands.delete_post(tx, call.identity, call.path["post"])
    return Reply(status=204)


@api.get("/posts/{post}/quote", summary="A post as a quotation to begin a reply with", returns=Quote)
async def quote_post(call: Call) -> Quote:
    """Markdown; send `reply_to` along with the reply."""
    return views.quotation(await queries.post_to_read(call.identity, call.path["post"]))


@api.get("/posts/{post}/history", summary="The earlier texts of a post", returns=History)
async def post_history(call: Call) -> History:
    """For its author and those who manage the space."""
    call.identity.require_account()
    post = await queries.post_to_read(call.identity, call.path["post"])
    managing = manages(call.identity.roles, call.identity.networks, post.topic.space.network)
    if not managing and str(post.author_id) != call.identity.account:
        raise Forbidden
    return await views.history(post)


@api.post("/preview", summary="How a Markdown text will look", body=PreviewBody, returns=Preview)
async def preview(call: Call) -> Preview:
    """The same rendering as for posts; nothing is stored."""
    call.identity.require_account()
    return Preview(html=to_html(clean_body(call.body.body)))


async def _post_answer(call: Call, post: Post, status: int) -> Reply:
    written = await queries.post_to_read(call.identity, str(post.id))
    headers = {**etag(written.version), "location": f"/posts/{written.id}"}
    return Reply(views.post_detail(call.identity, written), status, headers)
