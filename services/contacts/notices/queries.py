"""Whom a notice concerns, how often they want to be told, and the tokens that end it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from infra.contracts.notices import NoticeWanted
from infra.errors import FieldError, Invalid, Text
from infra.ids import as_id
from infra.tokens import make_token, read_token
from services.contacts.accounts.models import Account
from services.contacts.accounts.queries import coordinators_of, holders_of, mail_state
from services.contacts.context import current
from services.contacts.notices.domain import DIGEST, KINDS, STOP
from services.contacts.notices.models import NoticeChoice
from services.contacts.notices.schemas import KindView, NoticesView
from services.contacts.notices.wording import WORDS

_NO_LINK = Text("Dieser Link ist ungültig oder unvollständig.", "This link is invalid or incomplete.")


async def recipients(wanted: NoticeWanted) -> list[UUID]:
    """The accounts that a wish is about and that mail reaches, each once."""
    named = await Account.filter(id__in=[each for each in map(as_id, wanted.accounts) if each], active=True)
    people = [
        *named,
        *(await holders_of(wanted.role) if wanted.role else ()),
        *(await coordinators_of(wanted.network) if wanted.network else ()),
    ]
    left_out = set(wanted.but)
    return list(dict.fromkeys(each.id for each in people if str(each.id) not in left_out and mail_state(each) == "ok"))


async def chosen(accounts: Iterable[UUID], kind: str) -> dict[UUID, str]:
    """How often each of `accounts` is told of a kind: as chosen, else in the kind's own rhythm."""
    usual = KINDS[kind].rhythm
    rhythms = dict.fromkeys(accounts, usual)
    for choice in await NoticeChoice.filter(account_id__in=list(rhythms), kind=kind):
        rhythms[choice.account_id] = choice.rhythm
    return rhythms


async def choices_of(account: UUID) -> dict[str, str]:
    """How often an account is told of each kind."""
    own = {choice.kind: choice.rhythm for choice in await NoticeChoice.filter(account_id=account)}
    return {kind: own.get(kind, rule.rhythm) for kind, rule in KINDS.items()}


async def view_of(account: Account, roles: Iterable[str], language: str) -> NoticesView:
    """What a person with these roles can be told of and has chosen, and whether mail reaches them."""
    rhythms, held = await choices_of(account.id), set(roles)
    return NoticesView(
        email=account.email,
        mail=mail_state(account),
        language=account.language,
        kinds=[
            KindView(kind, WORDS[kind].name.get(language), WORDS[kind].cause.get(language), rhythms[kind])
            for kind, rule in KINDS.items()
            if rule.concerns(held)
        ],
    )


def stop_token(account: UUID, kind: str) -> str:
    """A token that lets its holder end the mails of one kind (or all that come in the digest), and nothing else."""
    return f"{kind}.{make_token(_key(kind), account, datetime.now(UTC))}"


def stopped_by(token: str) -> tuple[UUID, str]:
    """The account and the kind that a token ends. Raises Invalid."""
    kind, _, signed = token.partition(".")
    if kind not in KINDS and kind != DIGEST:
        raise Invalid(_NO_LINK, [FieldError("token", _NO_LINK)])
    return read_token(_key(kind), signed, datetime.now(UTC)).subject, kind


def _key(kind: str) -> bytes:
    return current().key(f"{STOP}-{kind}")
