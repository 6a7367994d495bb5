"""What `doctor` says of mail, and the mail with which an operator tries it out."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from infra.mail import InvalidMail, Result, mailbox
from infra.mail.inspection import Seen, inspect
from infra.mail.trial import send_trial
from infra.settings import Settings, load
from tests.infra.mail.certificates import certificate
from tests.infra.mail.sink import Sink, busy


def settings(url: str, **changes: str) -> Settings:
    environ = {"LOTSE_MAIL_FROM": "news@mail.hilfe.example", "LOTSE_SMTP_URL": url, **changes}
    return load({"LOTSE_DEMO": "1", **environ})


async def seen_of(url: str, **changes: str) -> list[Seen]:
    return await inspect(settings(url, **changes))


async def test_a_server_that_takes_us_in_is_well_and_tells_what_it_offers(trusted: ssl.SSLContext) -> None:
    sink = Sink(extensions=("AUTH PLAIN", "PIPELINING", "SMTPUTF8"), tls=trusted, starttls=True)
    async with sink.listening():
        seen = await seen_of(f"smtp+starttls://u:p@127.0.0.1:{sink.port}")
    assert seen[0].well
    assert seen[0].name == f"mail server 127.0.0.1:{sink.port} (TLSv1.3, signed in; PIPELINING, SMTPUTF8, 8BITMIME)"
    assert sink.received == []


@pytest.mark.parametrize(
    ("scheme", "sink", "cure"),
    [
        ("smtp+starttls", Sink(), "it offers not what is asked for"),
        ("smtps", Sink(), "it cannot be spoken to"),
        ("smtp", Sink(busy("535 5.7.8 no", "AUTH"), ("AUTH PLAIN",)), "it refuses user or password: 535"),
        ("smtp", Sink(busy("550 5.7.1 not you", "MAIL"), ("AUTH PLAIN",)), "it refuses our sender news@"),
        ("smtp", Sink(busy("drop", "MAIL"), ("AUTH PLAIN",)), "it cannot be spoken to"),
    ],
)
async def test_what_keeps_a_server_from_taking_mail_is_named_with_its_cure(scheme: str, sink: Sink, cure: str) -> None:
    async with sink.listening():
        seen = await seen_of(f"{scheme}://u:p@127.0.0.1:{sink.port}")
    assert not seen[0].well
    assert seen[0].cure.startswith(cure), seen[0].cure


async def test_a_stranger_certificate_and_nobody_there_are_told_apart(tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    async with Sink(tls=context).listening() as sink:
        [strange, *_] = await seen_of(f"smtps://127.0.0.1:{sink.port}")
    [nobody, *_] = await seen_of(f"smtps://127.0.0.1:{sink.port}")
    [unknown, *_] = await seen_of("smtp://nowhere.invalid")
    assert "its certificate is not trusted: self-signed certificate" in strange.cure
    assert "nobody answers there" in nobody.cure
    assert "its name is unknown" in unknown.cure


async def test_what_crosses_a_network_goes_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sink().listening() as sink:
        monkeypatch.setattr("infra.mail.inspection._LOCAL", ())
        [server, *_] = await seen_of(f"smtp://127.0.0.1:{sink.port}")
    assert (server.well, server.cure) == (
        False,
        "mails go there in clear. Use smtp+starttls:// or smtps:// in LOTSE_SMTP_URL.",
    )


async def test_the_records_to_publish_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = {"LOTSE_DKIM_KEY": str(path), "LOTSE_DKIM_SELECTOR": "s1"}
    _, dkim, sender, _ = await seen_of("smtp://relay.invalid", LOTSE_DKIM_DOMAIN="hilfe.example", **key)
    assert dkim.well
    assert dkim.notes[1].startswith('s1._domainkey.hilfe.example. IN TXT "v=DKIM1; k=ed25519; p=')
    assert sender.notes[1:] == (
        'mail.hilfe.example. IN TXT "v=spf1 mx a:relay.invalid ~all"',
        '_dmarc.mail.hilfe.example. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@mail.hilfe.example"',
    )
    _, other, _, _ = await seen_of("smtp://relay.invalid", LOTSE_DKIM_DOMAIN="anders.example", **key)
    assert "DMARC counts that as unsigned" in other.cure
    key["LOTSE_DKIM_KEY"] = str(tmp_path / "absent.pem")
    _, absent, _, _ = await seen_of("smtp://relay.invalid", **key)
    assert "cannot be read" in absent.cure
    _, left, _, _ = await seen_of("smtp://relay.invalid")
    assert left.well
    assert await seen_of("") == []


async def test_a_trial_goes_over_each_server_by_itself() -> None:
    async with Sink().listening() as first, Sink(busy("451 4.3.2 later")).listening() as second:
        chosen = settings(f"{first.url},{second.url}")
        answers = [(way, outcome.result) async for way, outcome in send_trial(chosen, "chef@hilfe.example")]
    ports = (f"127.0.0.1:{first.port}", f"127.0.0.1:{second.port}")
    assert answers == [(ports[0], Result.ACCEPTED), (ports[1], Result.TEMPORARY)]
    [mail] = first.received
    assert (mail.sender, mail.recipient) == ("news@mail.hilfe.example", "chef@hilfe.example")
    assert ports[0].encode() in mail.content


async def test_without_a_server_the_trial_lies_in_the_local_mailbox(tmp_path: Path) -> None:
    chosen = settings("", LOTSE_DATA_DIR=str(tmp_path))
    assert [way async for way, _ in send_trial(chosen, "chef@hilfe.example")] == ["local mailbox"]
    [mail] = await mailbox(chosen).newest()
    assert mail.recipient == "chef@hilfe.example"
    with pytest.raises(InvalidMail):
        _ = [way async for way, _ in send_trial(chosen, "kein Empfänger")]


async def test_it_is_told_whether_anybody_reads_what_comes_back() -> None:
    async with Sink().listening() as sink:
        nowhere = (await seen_of(sink.url))[-1]
        unread = (await seen_of(sink.url, LOTSE_BOUNCE_ADDRESS="bounces@hilfe.example"))[-1]
        way = {"LOTSE_BOUNCE_HTTP_KEY": "a key of twenty or so".replace(" ", "-")}
        well = (await seen_of(sink.url, LOTSE_BOUNCE_ADDRESS="bounces@hilfe.example", **way))[-1]
    assert "come back to news@mail.hilfe.example" in nowhere.notes[0]
    assert "name no way in" in unread.notes[0]
    assert (well.well, well.notes) == (True, ())
