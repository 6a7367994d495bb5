"""Takes in what services want people to be told, puts what is due into mails, and keeps what people have chosen.

Rows are locked in one order: notices by id, then their mails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from infra.contracts.addresses import path as path_of
from infra.contracts.forum import TopicChanged
from infra.contracts.notices import TOPIC_REPLY, NoticeWanted
from infra.db import Transaction
from infra.errors import FieldError, Invalid, Text
from infra.mail.alerts import NEWS_FOR
from infra.mail.posting.domain import WAITING
from infra.mail.posting.rounds import forget_settled, new_posting
from services.contacts.accounts.models import Account
from services.contacts.context import current
from services.contacts.jobs import SEND_NOTICES, jobs
from services.contacts.notices.domain import (
    DAILY,
    DIGEST,
    KEEP,
    KINDS,
    OFF,
    due_at,
    notice_id,
    own_path,
)
from services.contacts.notices.models import Notice, NoticeChoice, NoticeMail
from services.contacts.notices.queries import choices_of, chosen, recipients, stopped_by

_PUBLIC = "public"
_TOGETHER = 200  # accounts whose mails are made in one transaction
_UNKNOWN = Text("Diese Art von Mitteilungen gibt es nicht.", "There is no such kind of notice.")


async def take(tx: Transaction, wanted: NoticeWanted, told_at: str) -> None:
    """Note what a wish is about for everybody whom it concerns and who wants to be told of its kind.

    The same said again changes nothing. Ignored is what was said a week ago, and a kind that only newer programs know.
    """
    now = datetime.now(UTC)
    if wanted.kind not in KINDS or now - datetime.fromisoformat(told_at) >= NEWS_FOR:
        return
    rhythms = await chosen(await recipients(wanted), wanted.kind)
    told = {account: rhythm for account, rhythm in rhythms.items() if rhythm != OFF}
    news = [row for row in await _locked(tx, wanted, list(told), now) if wanted.version > row.version]
    waiting = await _waiting_mails(tx, news)
    for row in news:
        _note(row, wanted, told[row.account_id], in_mail=row.mail_id in waiting, now=now)
    if news:
        await Notice.bulk_update(news, _CHANGED, using_db=tx.connection)
        tx.after_commit(jobs.later(SEND_NOTICES))


def _note(row: Notice, wanted: NoticeWanted, rhythm: str, *, in_mail: bool, now: datetime) -> None:
    """Put a newer occasion into a row: together with what still waits, else to be told anew."""
    together = in_mail or row.due_at is not None
    row.times = row.times + 1 if together else 1
    row.version, row.changed_at = wanted.version, now
    row.path, row.words = own_path(wanted.path), dict(wanted.words)
    if not together:
        row.daily, row.mail_id = rhythm == DAILY, None
        row.due_at = due_at(rhythm, row.mailed_at, now)


_CHANGED = ("times", "version", "changed_at", "path", "words", "daily", "mail_id", "due_at")


async def _locked(tx: Transaction, wanted: NoticeWanted, accounts: Sequence[UUID], now: datetime) -> list[Notice]:
    """The rows about a thing for some accounts, there and locked."""
    about = {"kind": wanted.kind, "about": wanted.id}
    rows = [
        Notice(id=notice_id(account, wanted.kind, wanted.id), account_id=account, changed_at=now, **about)
        for account in accounts
    ]
    rows.sort(key=lambda row: row.id)  # two that insert the same rows wait for one another in one order
    await Notice.bulk_create(rows, ignore_conflicts=True, using_db=tx.connection)
    mine = Notice.filter(id__in=[row.id for row in rows]).using_db(tx.connection)
    return await mine.order_by("id").select_for_update()


async def _waiting_mails(tx: Transaction, rows: Sequence[Notice]) -> set[UUID]:
    """Those of the rows' mails that no worker has in hand, locked, so that none takes them before this is done."""
    ids = [row.mail_id for row in rows if row.mail_id is not None]
    mails = NoticeMail.filter(id__in=ids, status=WAITING).using_db(tx.connection)
    return {mail.id for mail in await mails.order_by("id").select_for_update()} if ids else set()


async def gather(tx: Transaction, now: datetime) -> int:
    """Put what is due into mails: one for each account and kind, one for all of its digest; returns how many."""
    due = Notice.filter(due_at__lte=now).using_db(tx.connection)
    accounts = await due.order_by("account_id").distinct().limit(_TOGETHER).values_list("account_id", flat=True)
    rows = await due.filter(account_id__in=list(accounts)).order_by("id").select_for_update() if accounts else []
    mails: dict[tuple[UUID, str], NoticeMail] = {}
    for row in rows:
        key = (row.account_id, "" if row.daily else row.kind)
        if key not in mails:
            mails[key] = new_posting(NoticeMail, current(), now, account_id=key[0], kind=key[1])
        row.mail_id, row.due_at, row.mailed_at = mails[key].id, None, now
    if rows:
        await NoticeMail.bulk_create(mails.values(), using_db=tx.connection)
        await Notice.bulk_update(rows, ("mail_id", "due_at", "mailed_at"), using_db=tx.connection)
    return len(mails)


async def choose(tx: Transaction, account: UUID, rhythms: Mapping[str, str], language: str = "") -> None:
    """Tell an account of the named kinds as often as it says, and in its language ("" leaves that). Raises Invalid."""
    unknown = [FieldError(f"rhythms.{kind}", _UNKNOWN) for kind in rhythms if kind not in KINDS]
    if unknown:
        raise Invalid(fields=unknown)
    rows = [
        NoticeChoice(id=notice_id(account, kind, "choice"), account_id=account, kind=kind, rhythm=rhythm)
        for kind, rhythm in rhythms.items()
    ]
    await NoticeChoice.bulk_create(rows, on_conflict=["id"], update_fields=["rhythm"], using_db=tx.connection)
    if language:
        await Account.filter(id=account).using_db(tx.connection).update(language=language)


async def stop(tx: Transaction, token: str) -> str:
    """End the mails of the kind that a token is for; of a digest all that come in it. Returns the kind.

    Raises Invalid (bad token).
    """
    account, kind = stopped_by(token)
    ended = [kind]
    if kind == DIGEST:
        ended = [each for each, rhythm in (await choices_of(account)).items() if rhythm == DAILY]
    if await Account.filter(id=account).using_db(tx.connection).exists():
        await choose(tx, account, dict.fromkeys(ended, OFF))
    return kind


async def follow_topic(tx: Transaction, topic: TopicChanged) -> None:
    """Forget the title of a topic that only some may read now, in what is still to be told of it, and its address."""
    if topic.visible_to != _PUBLIC:
        about = Notice.filter(kind=TOPIC_REPLY, about=topic.id).using_db(tx.connection)
        await about.update(words={}, path=path_of("topic", topic.id))


async def drop(tx: Transaction, kind: str, about: str) -> None:
    """Tell nothing more of a thing that is gone."""
    gone = Notice.filter(kind=kind, about=about).using_db(tx.connection)
    await gone.update(due_at=None, mail_id=None)


async def forget(tx: Transaction, now: datetime) -> int:
    """Delete notices and mails that were dealt with a month ago; returns how many."""
    told = Notice.filter(changed_at__lt=now - KEEP, due_at=None).using_db(tx.connection)
    return await told.delete() + await forget_settled(tx, NoticeMail, now - KEEP)
