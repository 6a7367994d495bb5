"""Routes for everybody who reads articles and for the editors who write them."""

from __future__ import annotations

from infra.contracts.roles import EDITOR
from infra.db import transaction
from infra.web.api import Api, Call, Reply, etag
from services.newsletter.articles import commands, queries
from services.newsletter.articles.models import Article
from services.newsletter.articles.schemas import (
    ArticleChange,
    ArticlePage,
    ArticleRequest,
    ArticlesQuery,
    ArticleView,
    TopicCounts,
)

api = Api("newsletter")


@api.get("/articles", summary="Articles, newest first", query=ArticlesQuery, returns=ArticlePage)
async def list_articles(call: Call) -> ArticlePage:
    """Published articles; editors see those in other states too."""
    return await queries.page(call.query, call.identity)


@api.post("/articles", summary="Begin an article", body=ArticleRequest, returns=ArticleView, status=201)
async def create_article(call: Call) -> Reply:
    """Creates a draft, which may still lack what publication needs."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        row = await commands.create(tx, call.identity, call.body)
    reply = await _reply(call, row)
    return Reply(reply.value, 201, {**reply.headers, "location": f"/articles/{row.slug}"})


@api.get("/article-topics", summary="Topics of published articles", returns=TopicCounts)
async def list_topics(_call: Call) -> TopicCounts:
    """How many articles there are of each topic, and which topics have a page of their own."""
    return await queries.topics()


@api.get("/articles/{id}", summary="One article", returns=ArticleView)
async def show_article(call: Call) -> Reply:
    """An article with all its texts; editors see what they may do with it."""
    return await _reply(call, await queries.visible(call.path["id"], call.identity))


@api.patch("/articles/{id}", summary="Change an article", body=ArticleChange, returns=ArticleView)
async def change_article(call: Call) -> Reply:
    """Changes an article, also a published one, which must stay complete; needs If-Match."""
    call.identity.require_role(EDITOR)
    version = call.required_version()
    async with transaction("newsletter") as tx:
        row = await commands.change(tx, call.identity, call.path["id"], version, call.body)
    return await _reply(call, row)


@api.post("/articles/{id}/submit", summary="Ask others to look at a draft", returns=ArticleView)
async def submit_article(call: Call) -> Reply:
    """Tells the other editors that an article waits for a second look, which is not compulsory."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        row = await commands.submit(tx, call.identity, call.path["id"], call.if_match())
    return await _reply(call, row)


@api.post("/articles/{id}/publish", summary="Publish an article", returns=ArticleView)
async def publish_article(call: Call) -> Reply:
    """Lets everybody read an article, also one that was withdrawn; says all that is missing."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        row = await commands.publish(tx, call.identity, call.path["id"], call.if_match())
    return await _reply(call, row)


@api.post("/articles/{id}/withdraw", summary="Withdraw an article", returns=ArticleView)
async def withdraw_article(call: Call) -> Reply:
    """Takes an article back; it stays in the editors' list."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        row = await commands.withdraw(tx, call.identity, call.path["id"], call.if_match())
    return await _reply(call, row)


@api.delete("/articles/{id}", summary="Delete a draft that was never published")
async def delete_article(call: Call) -> None:
    """Deletes a draft; what was public once can only be withdrawn."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        await commands.delete(tx, call.path["id"], call.if_match())


async def _reply(call: Call, row: Article) -> Reply:
    return Reply(await queries.view(row, call.identity), headers=etag(row.version))
