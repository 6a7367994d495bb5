"""Messages: what goes into them comes out again, and nothing breaks out of its header."""

from __future__ import annotations

import email
from email import policy

import pytest

from infra.mail import InvalidMail, Mail, build

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
@pytest.mark.parametrize("field", ["sender", "sender_name", "recipient", "subject", "message_id", "language"])
def test_no_field_can_break_out_of_its_header(field: str, breaker: str) -> None:
    with pytest.raises(InvalidMail):
        build(changed(**{field: f"{getattr(MAIL, field)}{breaker}"}))


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
