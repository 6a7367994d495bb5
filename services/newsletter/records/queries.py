"""Gathers what is held about one address, from every table that names it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count

from infra.errors import FieldError, Invalid, NotFound, Text
from infra.web.cursors import MomentKey, decode_cursor, encode_cursor, moment_key, moment_of
from services.newsletter.alerts.domain import CONSENT_TEXTS as ALERT_TEXTS
from services.newsletter.alerts.models import AlertSubscription
from services.newsletter.bounces.models import Reply, ReturnedMail
from services.newsletter.context import current
from services.newsletter.deliveries.models import Delivery
from services.newsletter.issues.models import Issue
from services.newsletter.records.schemas import (
    Figures,
    Held,
    HeldAlert,
    HeldDelivery,
    HeldLetter,
    HeldReturn,
    OwnRecord,
    ProofLine,
    Subscription,
    SuppressedEntry,
    SuppressionPage,
    SuppressionQuery,
    SuppressionView,
)
from services.newsletter.subscribers.addresses import BAD_ADDRESS, writable_address
from services.newsletter.subscribers.domain import ACTIVE, CONSENT_TEXTS, EVERY, PENDING, Purpose
from services.newsletter.subscribers.models import Consent, ConsentText, Subscriber, Suppression
from services.newsletter.subscribers.queries import hash_of, owned, subscriber_of, token_for

_NOTHING = Text(
    "Zu dieser Adresse ist nichts mehr gespeichert.",
    "Nothing is stored about this address any more.",
)
_OWN_TEXTS: Mapping[str, Text] = {**CONSENT_TEXTS, **ALERT_TEXTS}
_HASH_SHOWN = 12


def typed_address(typed: str) -> str:
    """An address as it is stored. Raises Invalid."""
    address = writable_address(typed, demo=current().settings.demo)
    if not address:
        raise Invalid(fields=[FieldError("email", BAD_ADDRESS)])
    return address


async def own_record(token: str) -> OwnRecord:
    """What the holder of an owner's token may see: everything. Raises Invalid, NotFound."""
    address = await address_of(subscriber_of(Purpose.OWNER, token))
    reader = await Subscriber.get_or_none(address_hash=hash_of(address), status=ACTIVE)
    record = OwnRecord(await held(address))
    if reader is not None:
        record.preferences_token = token_for(Purpose.PREFERENCES, reader.id)
        record.unsubscribe_token = token_for(Purpose.UNSUBSCRIBE, reader.id)
    return record


async def address_of(owner: UUID) -> str:
    """The address that an owner's token stands for, as long as it is stored somewhere. Raises NotFound."""
    row = await Subscriber.filter(**owned(owner)).first() or await AlertSubscription.filter(**owned(owner)).first()
    if row is None:
        raise NotFound(_NOTHING)
    return row.address


async def held(address: str) -> Held:
    """All that is held about an address."""
    hashed = hash_of(address)
    reader = await Subscriber.get_or_none(address_hash=hashed)
    alerts = await AlertSubscription.filter(address_hash=hashed).order_by("asked_at", "id")
    suppression = await Suppression.get_or_none(address_hash=hashed)
    return Held(
        address=address,
        address_hash=hashed,
        subscription=_subscription(reader) if reader else None,
        alerts=[_alert(row) for row in alerts],
        deliveries=await _deliveries(reader.id) if reader else [],
        returned=[
            HeldReturn(row.kind, _iso(row.at), row.status)
            for row in await ReturnedMail.filter(address_hash=hashed).order_by("at")
        ],
        letters=[
            HeldLetter(row.subject, row.text, _iso(row.received_at))
            for row in await Reply.filter(sender__iexact=address).order_by("received_at")
        ],
        suppression=SuppressionView(suppression.reason, _iso(suppression.at)) if suppression else None,
        proof=await proof(hashed),
    )


async def proof(address_hash: str) -> list[ProofLine]:
    """The ledger of an address, oldest line first, also from before somebody moved here, not from after they left.

    A mailbox may get another reader, whom it does not concern what the one before does at a new address.
    """
    here = await Consent.filter(address_hash=address_hash).order_by("at").values_list("subscriber_id", "at")
    until = dict(here)  # the last line of each person at this address
    every = await Consent.filter(Q(address_hash=address_hash) | Q(subscriber_id__in=list(until))).order_by("at", "id")
    lines = [line for line in every if line.at <= until[line.subscriber_id]]
    imported = {line.text_version for line in lines} - set(_OWN_TEXTS)
    kept = dict(await ConsentText.filter(version__in=list(imported)).values_list("version", "text"))
    return [_line(line, kept) for line in lines]


async def suppressed(query: SuppressionQuery) -> SuppressionPage:
    """A page of the addresses that must not be written to. Raises Invalid (cursor)."""
    rows = await Suppression.all().annotate(n=Count("address_hash")).group_by("reason").values("reason", "n")
    counts = {row["reason"]: int(row["n"]) for row in rows}
    entries = Suppression.filter(reason=query.reason) if query.reason else Suppression.all()
    if query.cursor:
        key, after = decode_cursor(query.cursor, tuple[MomentKey, str])
        at = moment_of(key)
        entries = entries.filter(Q(at__lt=at) | Q(at=at, address_hash__gt=after[:64]))
    found = await entries.order_by("-at", "address_hash").limit(query.limit + 1)
    shown, more = found[: query.limit], len(found) > query.limit
    return SuppressionPage(
        [SuppressedEntry(row.address_hash[:_HASH_SHOWN], row.reason, _iso(row.at)) for row in shown],
        counts.get(query.reason, 0) if query.reason else sum(counts.values()),
        counts,
        encode_cursor((moment_key(shown[-1].at), shown[-1].address_hash)) if more else None,
    )


async def figures(now: datetime) -> Figures:
    """How many read the newsletter."""
    groups = Subscriber.filter(status=ACTIVE).annotate(n=Count("id"))
    languages = await groups.group_by("language").values("language", "n")
    frequencies = await groups.group_by("frequency").values("frequency", "n")
    by_language = {row["language"]: int(row["n"]) for row in languages}
    return Figures(
        active=sum(by_language.values()),
        pending=await Subscriber.filter(status=PENDING).count(),
        paused=await Subscriber.filter(status=ACTIVE, paused_until__gt=now.date()).count(),
        languages=by_language,
        frequencies={row["frequency"]: int(row["n"]) for row in frequencies},
    )


async def _deliveries(subscriber_id: UUID) -> list[HeldDelivery]:
    quarters = dict(await Issue.all().values_list("id", "quarter"))
    # by the issues as well, since that is how the rows are indexed
    rows = await Delivery.filter(issue_id__in=list(quarters), subscriber_id=subscriber_id).order_by("created_at")
    return [_delivery(row, quarters[row.issue_id]) for row in rows]


def _delivery(row: Delivery, quarter: str) -> HeldDelivery:
    return HeldDelivery(quarter, row.status, _iso(row.changed_at), row.reply_code, row.reply)


def _subscription(reader: Subscriber) -> Subscription:
    return Subscription(
        status="active" if reader.status == ACTIVE else "pending",
        language="en" if reader.language == "en" else "de",
        districts=reader.districts,
        topics=reader.topics,
        frequency="every" if reader.frequency == EVERY else "news",
        paused_until=reader.paused_until,
        asked_at=_iso(reader.asked_at),
        confirmed_at=_iso(reader.confirmed_at),
    )


def _alert(row: AlertSubscription) -> HeldAlert:
    return HeldAlert(
        label=row.label,
        path=row.path,
        frequency=row.frequency,
        language=row.language,
        status=row.status,
        asked_at=_iso(row.asked_at),
        confirmed_at=_iso(row.confirmed_at),
    )


def _line(line: Consent, kept: Mapping[str, str]) -> ProofLine:
    text = _OWN_TEXTS.get(line.text_version)
    return ProofLine(
        act=line.act,
        at=_iso(line.at),
        way=line.way,
        form=line.form,
        text_version=line.text_version,
        wording=text.get(line.language) if text else kept.get(line.text_version, ""),
        language=line.language,
        message_id=line.message_id,
        about=line.about,
        note=line.note,
    )


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
