"""The mail with one or more notices, as it is sent: read anew for each try, so that it says what still holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.mail import Mail
from infra.mail.lists import day_in_words, list_headers
from infra.mail.message import one_line
from infra.mail.stationery import Stationery
from services.contacts.accounts.models import Account
from services.contacts.context import current
from services.contacts.notices.domain import DIGEST, KINDS, MAX_WORD, OFF
from services.contacts.notices.models import Notice, NoticeMail
from services.contacts.notices.queries import choices_of, stop_token
from services.contacts.notices.wording import FRAME, WORDS

_paper = Stationery("services.contacts.notices")
_MOST = 50  # notices in one mail; the pages show the rest


@dataclass(frozen=True)
class Line:
    """One notice: what it says and where it leads. `title`, at its end, may be in another language than the rest."""

    said: str
    title: str
    language: str
    url: str

    @property
    def text(self) -> str:
        """All of it."""
        return self.said + self.title


@dataclass(frozen=True)
class Group:
    """The notices of one kind, and how to get no more of them."""

    name: str
    stop: str
    stop_url: str
    lines: list[Line]


async def mail_of(row: NoticeMail) -> Mail | None:
    """The mail that a row stands for; None when nothing of it is wanted any more, or nobody is reached."""
    account = await Account.get_or_none(id=row.account_id, active=True, email_confirmed=True, mail_trouble="")
    if account is None:
        return None
    rhythms = await choices_of(account.id)
    wanted = [kind for kind, rhythm in rhythms.items() if rhythm != OFF]
    notices = await Notice.filter(mail_id=row.id, kind__in=wanted).order_by("changed_at", "id").limit(_MOST)
    return _mail(row, account, notices) if notices else None


def _mail(row: NoticeMail, account: Account, notices: list[Notice]) -> Mail:
    office, language = current(), account.language
    words = {key: text.get(language) for key, text in FRAME.items()}
    groups = _groups(account, notices, language)
    subject = _subject(groups, words, digest=not row.kind)
    stop_url = office.url("notice_stop", stop_token(account.id, row.kind or DIGEST), language)
    letter = {
        "language": language,
        "groups": groups,
        "one": len(notices) == 1,
        "why": _why(row.kind, words, language),
        "settings_url": office.url("notices", "", language),
        "imprint": office.settings.imprint,
    }
    rendered = _paper.render("told", subject, mail=letter, words=words)
    return Mail(
        sender=office.settings.mail_from,
        sender_name=FRAME["name"].get(language),
        recipient=account.email,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=row.message_id,
        language=language,
        headers=list_headers(office, "notices", stop_url=stop_url, feedback=row.kind or DIGEST),
    )


def _why(kind: str, words: Mapping[str, str], language: str) -> str:
    return words["because"].format(cause=WORDS[kind].cause.get(language)) if kind else words["why"]


def _subject(groups: list[Group], words: Mapping[str, str], *, digest: bool) -> str:
    count = sum(len(group.lines) for group in groups)
    if count == 1:
        return groups[0].lines[0].text
    return words["digest" if digest else "several"].format(count=count)


def _groups(account: Account, notices: list[Notice], language: str) -> list[Group]:
    office, found = current(), dict.fromkeys(kind for kind in KINDS if any(each.kind == kind for each in notices))
    return [
        Group(
            name=WORDS[kind].name.get(language),
            stop=FRAME["stop"].get(language).format(name=WORDS[kind].name.get(language)),
            stop_url=office.url("notice_stop", stop_token(account.id, kind), language),
            lines=[_line(each, language) for each in notices if each.kind == kind],
        )
        for kind in found
    ]


def _line(notice: Notice, language: str) -> Line:
    words, said = WORDS[notice.kind], notice.words
    written = "en" if language == "en" and said.get("title_en") else "de"
    title = one_line(said.get("title_en" if written == "en" else "title", ""), MAX_WORD)
    form = words.untitled if not title else words.one if notice.times < 2 else words.many
    text = form.get(language).format(title="", times=notice.times, day=day_in_words(said.get("day", ""), language))
    prefix = "/en" if language == "en" else ""
    return Line(text, title, written, f"{current().base_url}{prefix}{notice.path or '/'}")
