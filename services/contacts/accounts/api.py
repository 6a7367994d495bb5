"""Routes of sessions: sign in, resolve a token, sign out, see and revoke one's own sessions."""

from __future__ import annotations

from infra.db import transaction
from infra.errors import NotFound, Text, Unauthenticated
from infra.ids import as_id
from infra.web.api import Api, Call
from services.contacts.accounts import commands, passwords, queries
from services.contacts.accounts.models import Account
from services.contacts.accounts.schemas import SessionOpened, SessionResolved, Sessions, SignIn, Token

api = Api("contacts: sessions")
_WRONG = Text("E-Mail-Adresse oder Passwort stimmt nicht.", "The e-mail address or the password is wrong.")


@api.post("/sessions", summary="Sign in", body=SignIn, returns=SessionOpened, status=201)
async def sign_in(call: Call) -> SessionOpened:
    """An unknown address and a wrong password take the same time and give the same answer."""
    account = await queries.account_by_email(call.body.email)
    fits = await passwords.matches(account.password_hash if account else None, call.body.password)
    if account is None or not fits:
        raise Unauthenticated(_WRONG)
    renewed = await _renewed_hash(account, call.body.password)
    async with transaction("contacts") as tx:
        if renewed:
            await commands.renew_hash(tx, account, renewed)
        token, session = await commands.open_session(tx, account, call.body.replaces)
    view = await queries.view_of(account)
    return SessionOpened(token, str(session.id), session.expires_at.isoformat(), view)


async def _renewed_hash(account: Account, password: str) -> str:
    return await passwords.hashed(password) if passwords.outdated(account.password_hash) else ""


@api.post("/sessions/resolve", summary="Whose session a token is", body=Token, returns=SessionResolved)
async def resolve(call: Call) -> SessionResolved:
    """401 when the session is unknown, expired, revoked, or its account was closed."""
    session = await queries.live_session(call.body.token)
    if session is None:
        raise Unauthenticated
    if commands.needs_touch(session):
        async with transaction("contacts") as tx:
            await commands.touch(tx, session)
    return SessionResolved(str(session.id), await queries.view_of(session.account))


@api.post("/sessions/end", summary="Sign out", body=Token)
async def sign_out(call: Call) -> None:
    """Ends the session; the same answer when there was none."""
    async with transaction("contacts") as tx:
        await commands.end_session(tx, call.body.token)


@api.get("/me/sessions", summary="One's own sessions", returns=Sessions)
async def own_sessions(call: Call) -> Sessions:
    """All live sessions of the person who asks."""
    call.identity.require_account()
    return Sessions(await queries.sessions_of(call.identity.account))


@api.delete("/me/sessions/{id}", summary="End one of one's own sessions")
async def revoke(call: Call) -> None:
    """404 for sessions of others, as if they did not exist."""
    call.identity.require_account()
    session_id = as_id(call.path["id"])
    if session_id is None:
        raise NotFound
    async with transaction("contacts") as tx:
        await commands.revoke_session(tx, call.identity.account, session_id)
