"""Messages: what goes into them comes out again, and nothing breaks out of its header."""

from __future__ import annotations

import email
from dataclasses import fields
from email import policy

import pytest

from infra.mail import InvalidMail, Mail, build, envelope_address

MAIL = Mail(
    sender="newsletter@lotse.example.org",
    sender_name="Lotse, der „Newsletter“",
    recipient="anna@bücher.example",
    subject="Größere Übersicht über Änderungen " * 6,
    text="Grüße\n.\nFrom hier an\n" + "x" * 3000 + "\n",
    html='<!DOCTYPE html>\n<html lang="de"><body><p>Grüße</p></body></html>\n',
    message_id="<0190a1b2-0000-7000-8000-000000000000@lotse.example.org>",
    headers={
        "List-Unsubscribe": f"<https://lotse.example.org/newsletter/abmelden/{'a' * 90}>",
        "Precedence": "bulk",
    },
)


HEADER_FIELDS = (
    "sender",
    "sender_name",
    "envelope_sender",
    "reply_to",
    "recipient",
    "subject",
    "message_id",
    "language",
)


def _usual(field: str) -> str:
    return getattr(MAIL, field) or "b+1@lotse.example.org"


def changed(**values: object) -> Mail:
    return Mail(**{**MAIL.__dict__, **values})


def test_what_is_built_parses_without_a_defect_and_says_the_same() -> None:
    raw = build(MAIL).as_bytes()
    message = email.message_from_bytes(raw, policy=policy.default)
    assert not message.defects
    assert not [defect for part in message.walk() for defect in part.defects]
    assert not [defect for _, value in message.items() for defect in value.defects]
    assert message["Subject"] == MAIL.subject.strip() or message["Subject"] == MAIL.subject
    assert message["To"].addresses[0].addr_spec == "anna@xn--bcher-kva.example"
    assert message["From"].addresses[0].display_name == "Lotse, der „Newsletter“"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html is not None and html.get_content().replace("\r\n", "\n") == MAIL.html
    assert message.get_content_type() == "multipart/alternative"
    assert message["Content-Language"] == "de"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_lines_are_short_enough_for_smtp_and_the_address_to_unsubscribe_stays_in_one_piece() -> None:
    lines = build(MAIL).as_bytes().split(b"\r\n")
    assert max(map(len, lines)) < 998
    unsubscribe = f"List-Unsubscribe: {MAIL.headers['List-Unsubscribe']}"
    assert unsubscribe.encode() in lines
    assert unsubscribe in build(MAIL).as_string().splitlines()


@pytest.mark.parametrize(
    "breaker",
    [
        "\r\nBcc: x@example.org",
        "\nX: y",
        "\r",
        "\x00",
        "\x0b",
        "\u2028",
        "\x85",
        "\x7f",
        " =?utf-8?q?a=0d=0aBcc:_x=40example.org?=",
        "=?utf-8?b?YQ0KQmNjOiB4?=",
        "\ud800",
    ],
)
@pytest.mark.parametrize("field", HEADER_FIELDS)
def test_no_field_can_break_out_of_its_header(field: str, breaker: str) -> None:
    for value in (f"{_usual(field)}{breaker}", f"{breaker}{_usual(field)}"):
        with pytest.raises(InvalidMail):
            build(changed(**{field: value}))


def test_every_field_that_becomes_a_header_is_among_those() -> None:
    """Whoever adds a field to `Mail` says here what it is."""
    assert {field.name for field in fields(Mail)} == {*HEADER_FIELDS, "headers", "text", "html", "sent_at"}


@pytest.mark.parametrize("breaker", ["\r\n.\r\nMAIL FROM:<eve@example.org>\r\n", "\r\n\r\n--===", "\x00", "\ud800"])
@pytest.mark.parametrize("field", ["text", "html"])
def test_no_text_can_end_its_part_or_the_mail(field: str, breaker: str) -> None:
    """Bodies may hold anything that can be written; it stays within its part."""
    value = f"{getattr(MAIL, field)}{breaker}Ende"
    try:
        raw = build(changed(**{field: value})).as_bytes()
    except InvalidMail:
        assert breaker == "\ud800"
        return
    message = email.message_from_bytes(raw, policy=policy.default)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    part = message.get_body(("plain" if field == "text" else "html",))
    assert part is not None
    assert part.get_content().replace("\r\n", "\n").strip() == value.replace("\r\n", "\n").strip()
    assert [name for name in message if name in ("Bcc", "MAIL FROM")] == []


@pytest.mark.parametrize(
    ("given", "ascii_form"),
    [
        ("anna@Bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@straße.example", "anna@xn--strae-oqa.example"),  # not strasse: that is somebody else's (IDNA 2008)
        ("anna@EXAMPLE.org", "anna@example.org"),
        ("Anna.B+c@example.org", "Anna.B+c@example.org"),
        ("jürgen@müller.example", "jürgen@xn--mller-kva.example"),
        ("x@" + "a" * 63 + ".de", "x@" + "a" * 63 + ".de"),
    ],
)
def test_domains_are_written_as_the_net_knows_them(given: str, ascii_form: str) -> None:
    assert envelope_address(given) == ascii_form
    raw = build(changed(recipient=given, reply_to=given)).as_bytes().decode()
    assert f"\r\nTo: {ascii_form}\r\n" in raw
    assert f"\r\nReply-To: {ascii_form}\r\n" in raw


def test_only_an_address_beyond_ascii_makes_a_mail_so() -> None:
    assert build(MAIL).as_bytes().isascii()
    assert not build(changed(recipient="jürgen@example.org")).as_bytes().isascii()


@pytest.mark.parametrize(
    ("html", "begins"),
    [
        ("<html><body>x</body></html>", '<html lang="de"><body>'),
        ('<!DOCTYPE html>\n<HTML dir="ltr">x</HTML>', '<!DOCTYPE html>\n<HTML lang="de" dir="ltr">'),
        ('<html lang="en"><p>x</p></html>', '<html lang="en">'),
        ("<p>x</p>", '<!DOCTYPE html>\n<html lang="de"><head><meta charset="utf-8"><title>A &lt;b&gt;'),
    ],
)
def test_html_says_in_which_language_it_is(html: str, begins: str) -> None:
    part = build(changed(html=html, subject="A <b>")).get_body(("html",))
    assert part is not None
    assert part.get_content().replace("\r\n", "\n").startswith(begins)


@pytest.mark.parametrize("headers", [{"List-Id": "a\r\nBcc: b@example.org"}, {"X-Evil\r\nBcc": "b@example.org"}])
def test_no_extra_header_can_break_out(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidMail):
        build(changed(headers=headers))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "a@b, c@d",
        "a@b c@d",
        "<a@b>",
        "a@b>",
        "a b@c",
        '"a"@b',
        "a@" + "x" * 70 + ".de",
        "a@b@c",
        "=?utf-8?q?x?=@example.org",
        "=?utf-8?q?eve=40evil.example=2C?=@example.org",
    ],
)
def test_a_recipient_is_one_plain_address(address: str) -> None:
    with pytest.raises(InvalidMail):
        build(changed(recipient=address))
