"""What a mail is, read from the mail alone, whatever its maker did wrong."""

from __future__ import annotations

import base64
import quopri
import time
from uuid import UUID

import pytest

from infra.ids import new_id
from infra.mail.return_path import bounce_address, read_bounce_address, read_reply_address, reply_address
from infra.settings import Settings, SettingsError, load
from infra.settings.bounces import parse_account
from services.newsletter.bounces.domain import LONGEST_TEXT, MEGABYTE, READ_BYTES, Kind
from services.newsletter.bounces.intake import read_safely
from services.newsletter.bounces.reading import Incoming, Reading, read
from tests.services.newsletter.bounce_desk import BOUNCES, letter, report

POSTING = UUID("0192f3a0-0000-7000-8000-000000000001")


@pytest.fixture
def settings() -> Settings:
    return load({"LOTSE_DEMO": "1", "LOTSE_BOUNCE_ADDRESS": BOUNCES})


def reading(settings: Settings, raw: bytes, sender: str | None = None) -> Reading:
    return read(settings, Incoming("lmtp", raw[:READ_BYTES], len(raw), (), sender))


def global_report(status: str, encoding: str = "8bit") -> bytes:
    """A report about an internationalised address (RFC 6533)."""
    fields = "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: utf-8; jörg@müller.example\r\nAction: failed\r\n"
    raw = (
        f"To: {BOUNCES}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=global-delivery-status; boundary="g"\r\n\r\n'
        "--g\r\nContent-Type: text/plain\r\n\r\nNein.\r\n"
        f"--g\r\nContent-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode()
    content = f"{fields}Status: {status}\r\nDiagnostic-Code: smtp; 550 {status} Empfänger unbekannt\r\n".encode()
    if encoding == "base64":
        content = base64.encodebytes(content)
    if encoding == "quoted-printable":
        content = quopri.encodestring(content)
    rest = "\r\n--g\r\nContent-Type: message/global-headers\r\n\r\nMessage-ID: <a@lotse.example.org>\r\n--g--\r\n"
    return raw + content + rest.encode()


@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_reports_about_internationalised_addresses(settings: Settings, encoding: str) -> None:
    found = reading(settings, global_report("5.1.1", encoding))
    assert found.report is not None
    assert (found.kind, found.report.status, found.report.domain) == (Kind.HARD, "5.1.1", "xn--mller-kva.example")
    assert "Empfänger unbekannt" in found.diagnostic


def block(action: str, status: str, recipient: str = "a@gone.example") -> str:
    return f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"


@pytest.mark.parametrize(
    ("blocks", "kind"),
    [
        (block("failed", "5.1.1") + "\r\n" + block("failed", "5.1.1", "b@gone.example"), Kind.HARD),
        (block("failed", "5.1.1") + "\r\n" + block("delivered", "2.0.0", "b@gone.example"), Kind.SOFT),
        (block("failed", "5.1.1") + "\r\n" + block("failed", "5.2.2", "b@gone.example"), Kind.SOFT),
        (block("delayed", "4.4.1"), Kind.NOTE),
        (block("delivered", "2.0.0"), Kind.NOTE),
        ("Final-Recipient: rfc822; a@gone.example\r\nStatus: 5.1.1\r\n", Kind.HARD),  # forgets the action
        ("X-Nothing: here\r\n", Kind.NOTE),
    ],
)
def test_an_alias_lives_while_one_of_its_recipients_does(settings: Settings, blocks: str, kind: Kind) -> None:
    assert reading(settings, report(BOUNCES, blocks=blocks)).kind == kind


QMAIL = (
    "From: MAILER-DAEMON@old.example\r\nTo: {to}\r\nSubject: failure notice\r\nReturn-Path: <>\r\n\r\n"
    "Hi. This is the qmail-send program at old.example.\r\nI'm afraid I wasn't able to deliver your message to the "
    "following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
    "<weg@old.example>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
    "--- Below this line is a copy of the message.\r\n\r\nReturn-Path: <{to}>\r\n"
)


def test_servers_without_a_standard_form_are_understood(settings: Settings) -> None:
    address = bounce_address(settings, "newsletter", POSTING)
    found = reading(settings, QMAIL.format(to=address).encode())
    assert (found.kind, found.posting) == (Kind.HARD, ("newsletter", POSTING))


@pytest.mark.parametrize(
    ("raw", "sender", "kind"),
    [
        (letter(BOUNCES, "Bin im Urlaub", Auto_Submitted="auto-replied (vacation)"), None, Kind.AUTO_REPLY),
        (letter(BOUNCES, "Bin im Urlaub", "Automatische Antwort: Newsletter"), None, Kind.AUTO_REPLY),
        (letter(BOUNCES, "Bin im Urlaub", Precedence="bulk"), None, Kind.AUTO_REPLY),
        (letter(BOUNCES, "Bin im Urlaub", Return_Path="<>"), None, Kind.AUTO_REPLY),
        (letter(BOUNCES, "Bin im Urlaub"), "", Kind.AUTO_REPLY),
        (letter(BOUNCES, "Gelesen").replace(b"text/plain", b"multipart/report"), None, Kind.AUTO_REPLY),
        (letter(BOUNCES, "Eine Frage", Auto_Submitted="no"), "frau@example.net", Kind.REPLY),
        (letter(BOUNCES, "Eine Frage", Precedence="list", List_Id="<newsletter.example.org>"), None, Kind.REPLY),
        (letter(BOUNCES, "Eine Frage").replace(b"From: Frau Beispiel <frau@example.net>\r\n", b""), None, Kind.REPLY),
        (letter(BOUNCES, "x").replace(b"frau@example.net", b"newsletter@lotse.example.org"), None, Kind.LOOP),
        (b"Received: from a by b; x\r\n" * 51 + letter(BOUNCES, "x"), None, Kind.LOOP),
    ],
)
def test_programs_are_told_from_people(settings: Settings, raw: bytes, sender: str | None, kind: Kind) -> None:
    assert reading(settings, raw, sender).kind == kind


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        letter(BOUNCES, "x", "=?x-no-such-charset?B?////?= =?utf-8?q?=ff=fe?="),
        letter(BOUNCES, "x").replace(b"charset=utf-8", b"charset=nothing-like-that"),
        letter(BOUNCES, "x").replace(b"utf-8\r\n", b"utf-8\r\nContent-Transfer-Encoding: base64\r\n") + b"!!!!=",
        letter("(" * 4000 + BOUNCES, "x"),
        "From: Jörg <j@müller.example>\nSubject: Grüße\xa0\n\nHallo".encode(),
        report(BOUNCES).replace(b"Final-Recipient: rfc822; ", b"Final-Recipient: \xff\xfe"),
        global_report("5.1.1", "base64").replace(b"UmVw", b"U=w"),
        report(BOUNCES, recipient="a@" + "x" * 70),
        report(BOUNCES)[:-400],
        report(BOUNCES).replace(b'boundary="grenze"', b""),
    ],
)
def test_broken_mails_are_read_or_named_unreadable(raw: bytes) -> None:
    found = read_safely(load({"LOTSE_DEMO": "1", "LOTSE_BOUNCE_ADDRESS": BOUNCES}), Incoming("lmtp", raw, len(raw)))
    assert found.kind in (Kind.REPLY, Kind.UNREADABLE, Kind.NOTE, Kind.HARD, Kind.AUTO_REPLY)


def nested(levels: int) -> bytes:
    """Parts inside one another."""
    heads = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(levels)
    )
    return b"From: a@example.net\r\nSubject: Matrjoschka\r\nMIME-Version: 1.0\r\n" + heads + b"\r\nx\r\n"


BOMBS = {
    "30 MB of text": lambda: letter(BOUNCES, "a" * 30 * MEGABYTE),
    "empty lines": lambda: letter(BOUNCES, "\r\n" * (READ_BYTES // 2)),
    "parts inside one another": lambda: nested(20_000),
    "mails inside one another": lambda: b"From: a@example.net\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 30_000,
    "parts beside one another": lambda: (
        b'From: a@example.net\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\n" * 120_000
    ),
    "headers without end": lambda: b"From: a@example.net\r\n" + b"X-A: b\r\n" * 130_000,
    "one header": lambda: b"From: a@example.net\r\nSubject: " + b"=?utf-8?q?a?= " * 70_000,
    "tags": lambda: letter(BOUNCES, "<b>" * 300_000).replace(b"text/plain", b"text/html"),
    "comments": lambda: letter(BOUNCES, "<!--" * 250_000).replace(b"text/plain", b"text/html"),
    "breaks without end": lambda: letter(BOUNCES, "<br" * 70_000).replace(b"text/plain", b"text/html"),
    "boxes inside one another": lambda: letter(BOUNCES, "<div>" * 40_000).replace(b"text/plain", b"text/html"),
    "an alphabet of host names": lambda: letter(BOUNCES, "a" * 500_000 + "-" + "z9" * 200_000).replace(
        b"utf-8", b"punycode"
    ),
    "parts parted by CR": lambda: (
        b'From: a@example.net\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"\r--b\r\r" * 150_000
    ),
}
# What programs write about a delivery is looked at in other ways.
REPORT_BOMBS = {
    "lines": lambda: letter(BOUNCES, " \n" * (READ_BYTES // 2)),
    "brackets": lambda: letter(BOUNCES, "Delivery has failed\r\n" + "[" * (READ_BYTES // 2)),
    "statuses": lambda: (
        b'From: a@example.net\r\nContent-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: message/delivery-status\r\n\r\n" + b"\n" * READ_BYTES
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_mail_takes_long_or_much(settings: Settings, name: str) -> None:
    raw = BOMBS[name]()
    started = time.process_time()
    found = reading(settings, raw)
    assert time.process_time() - started < 2.0
    assert found.letter is not None
    assert len(found.letter.text) <= LONGEST_TEXT


@pytest.mark.parametrize("name", REPORT_BOMBS)
def test_no_report_takes_long(settings: Settings, name: str) -> None:
    raw = REPORT_BOMBS[name]()
    started = time.process_time()
    found = reading(settings, raw, sender="")
    assert time.process_time() - started < 2.0
    assert found.kind is Kind.AUTO_REPLY


def test_a_letter_is_shown_as_plain_text_without_what_hides_in_it(settings: Settings) -> None:
    rich = (
        "<style>p{}</style><p>Guten Tag,</p><script>alert(1)</script><p>ich habe eine <b>Frage</b> &amp; eine Bitte."
        "\u202e\x07</p>"
    )
    raw = letter(BOUNCES, rich, "=?utf-8?q?Gr=C3=BC=C3=9Fe=0D=0ABcc:_x?=").replace(b"text/plain", b"text/html")
    found = reading(settings, raw).letter
    assert found is not None
    assert found.text == "Guten Tag,\nich habe eine Frage & eine Bitte."
    assert found.subject == "Grüße Bcc: x"
    assert (found.sender, found.sender_name) == ("frau@example.net", "Frau Beispiel")


def test_who_asks_to_leave_in_words_is_pointed_out_but_not_unsubscribed(settings: Settings) -> None:
    asks = reading(settings, letter(BOUNCES, "Bitte melden Sie mich ab: abmelden!\r\n> Abmelden: https://…"))
    quotes = reading(settings, letter(BOUNCES, "Danke für das Heft!\r\n\r\n> Sie können sich hier abmelden."))
    assert asks.letter is not None
    assert quotes.letter is not None
    assert (asks.kind, asks.letter.hint, quotes.letter.hint) == (Kind.REPLY, "leave", "")


def test_addresses_say_what_they_were_made_for_and_nothing_else(settings: Settings) -> None:
    bounce, leave = bounce_address(settings, "newsletter", POSTING), reply_address(settings, "unsubscribe", POSTING)
    longest = load({"LOTSE_DEMO": "1", "LOTSE_BOUNCE_ADDRESS": "elf.zeichen@bounces.example.org"})
    assert len(reply_address(longest, "unsubscribe", POSTING).partition("@")[0]) == 64
    assert read_bounce_address(settings, bounce.upper()) == ("newsletter", POSTING)
    assert read_reply_address(settings, leave) == ("unsubscribe", POSTING)
    assert read_bounce_address(settings, leave) is None
    assert read_reply_address(settings, bounce) is None
    assert read_bounce_address(longest, bounce) is None
    assert all(read_bounce_address(settings, text) is None for text in ("", "@", "a@b", "bounces+@x", f"x{bounce}"))
    assert bounce_address(load({"LOTSE_DEMO": "1"}), "newsletter", new_id()) == ""
    other = load({"LOTSE_SECRET": "another-secret-of-more-than-32-characters", "LOTSE_BOUNCE_ADDRESS": BOUNCES})
    assert read_bounce_address(other, bounce) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOTSE_BOUNCE_ADDRESS", "a-name-too-long@example.org"),
        ("LOTSE_BOUNCE_ADDRESS", "a+b@example.org"),
        ("LOTSE_BOUNCE_MAILBOX", "imap://user:password@mail.example.org"),
        ("LOTSE_BOUNCE_MAILBOX", "pop3s://user:password@mail.example.org/INBOX"),
        ("LOTSE_BOUNCE_MAILBOX", "imaps://mail.example.org"),
        ("LOTSE_BOUNCE_MAILBOX", "imaps://u:p@mail.example.org?move=inbox"),
        ("LOTSE_BOUNCE_MAILBOX", "imaps://user:p@mail.example.org?delete=1"),
        ("LOTSE_BOUNCE_MAILBOX", "imaps://u:p@mail.example.org/R%C3%BCck"),
        ("LOTSE_LMTP_LISTEN", "0.0.0.0:24"),
        ("LOTSE_LMTP_LISTEN", "192.0.2.1"),
        ("LOTSE_LMTP_LISTEN", "8.8.8.8:24"),
        ("LOTSE_BOUNCE_HTTP_KEY", "short"),
    ],
)
def test_settings_that_would_do_harm_are_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({"LOTSE_DEMO": "1", name: value})
    assert refused.value.problems[0].startswith(name)


def test_a_mailbox_is_named_by_an_address(settings: Settings) -> None:
    account = parse_account("imap+starttls://bounces%40example.org:p%2Fw@mail.example.org/In%20Box?move=Done")
    assert (account.protocol, account.security, account.port) == ("imap", "starttls", 143)
    assert (account.user, account.password) == ("bounces@example.org", "p/w")
    assert (account.folder, account.move_to) == ("In Box", "Done")
    assert [parse_account(f"{scheme}://u:p@localhost").security for scheme in ("imaps", "pop3")] == ["tls", "none"]
    assert "p/w" not in repr(account)
    assert settings.bounce_account is None
