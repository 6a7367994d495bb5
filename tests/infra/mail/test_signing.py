"""DKIM: what we sign others verify, what somebody changes they do not; keys that cannot be used say so.

Verified with dkimpy. What it lacks for Ed25519 (PyNaCl) is lent to it from `cryptography`.
"""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from infra.mail import build, signer_of
from infra.mail.signing import Signer, SigningKeyError, read_key, zone_line
from infra.settings import load
from tests.infra.mail.test_message import MAIL

DOMAIN, SELECTOR = "lotse.example.org", "lotse1"
ONE_CLICK = replace(
    MAIL,
    subject="Grüße aus  der   Nachbarschaft",
    headers={**MAIL.headers, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "List-Id": "L <l.example.org>"},
)


class _Key:
    """`nacl.signing.VerifyKey`, as far as dkimpy asks for it."""

    def __init__(self, text: bytes, encoder: object) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(text))

    def verify(self, digest: bytes, signature: bytes) -> None:
        self._key.verify(signature, digest)


@pytest.fixture(scope="module")
def rsa_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(params=["rsa", "ed25519"])
def signer(request: pytest.FixtureRequest, rsa_key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch) -> Signer:
    lent = SimpleNamespace(
        signing=SimpleNamespace(VerifyKey=_Key),
        encoding=SimpleNamespace(Base64Encoder=None),
        exceptions=SimpleNamespace(BadSignatureError=InvalidSignature, ValueError=ValueError),
    )
    monkeypatch.setattr(dkim, "nacl", lent, raising=False)
    return Signer(rsa_key if request.param == "rsa" else Ed25519PrivateKey.generate(), DOMAIN, SELECTOR)


def verified(signer: Signer, message: bytes) -> bool:
    """What a receiver finds who reads our record in DNS."""
    name, text = signer.dns_record()

    def look_up(asked: bytes, timeout: float = 0) -> bytes:
        assert asked.decode().rstrip(".") == name
        return text.encode()

    return bool(dkim.verify(message, dnsfunc=look_up))


def test_others_verify_what_we_sign(signer: Signer) -> None:
    message = build(ONE_CLICK).as_bytes()
    signed = signer.sign(message)
    assert signed.endswith(message)
    assert verified(signer, signed)
    assert max(map(len, signed.partition(b"\r\n\r\n")[0].split(b"\r\n"))) < 998


def test_an_address_beyond_ascii_is_signed_as_well(signer: Signer) -> None:
    assert verified(signer, signer.sign(build(replace(ONE_CLICK, recipient="jürgen@example.org")).as_bytes()))


@pytest.mark.parametrize(
    "body", [b"", b"\r\n\r\n", b"a\tb  c \r\n \r\n\r\n", b"no end", b"  lead\r\ntail \t\r\n", b" \r\nx\r\n"]
)
def test_bodies_with_odd_spaces_are_signed_as_others_read_them(signer: Signer, body: bytes) -> None:
    message = b"From: a@lotse.example.org\r\nSubject:  two\r\n\tlines \r\nsubject: again\r\n\r\n" + body
    assert verified(signer, signer.sign(message))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Gr=C3=BC=C3=9Fe\r\n", b"Gr=C3=BC=C3=9Fx\r\n"),
        (b"List-Unsubscribe: <https://lotse", b"List-Unsubscribe: <https://eve"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click", b"List-Unsubscribe-Post: List-Unsubscribe=No"),
        (b"To: anna@", b"To: eve@"),
        (b"\r\nFrom: ", b"\r\nFrom: eve@example.org\r\nFrom: "),
        (b"\r\nSubject: ", b"\r\nSubject: Gewonnen\r\nSubject: "),
        (b"MIME-Version: 1.0", b"MIME-Version: 1.0\r\nReply-To: eve@example.org"),
    ],
)
def test_what_is_changed_on_the_way_is_noticed(signer: Signer, old: bytes, new: bytes) -> None:
    signed = signer.sign(build(ONE_CLICK).as_bytes())
    assert old in signed
    assert not verified(signer, signed.replace(old, new, 1))


def test_spaces_and_folding_that_a_relay_changes_do_no_harm(signer: Signer) -> None:
    signed = signer.sign(build(ONE_CLICK).as_bytes())
    assert verified(signer, signed.replace(b"To: anna", b"to:\t anna", 1).replace(b"Precedence: bulk\r\n", b""))


def test_the_key_of_the_settings_signs(tmp_path: Path, rsa_key: RSAPrivateKey) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    environ = {"LOTSE_DEMO": "1", "LOTSE_MAIL_FROM": f"news@{DOMAIN}", "LOTSE_DKIM_SELECTOR": SELECTOR}
    signer = signer_of(load({**environ, "LOTSE_DKIM_KEY": str(path)}))
    assert signer is not None
    assert verified(signer, signer.sign(build(ONE_CLICK).as_bytes()))
    assert signer_of(load(environ)) is None


def test_a_long_record_is_written_in_strings_that_dns_takes(rsa_key: RSAPrivateKey) -> None:
    name, text = Signer(rsa_key, DOMAIN, SELECTOR).dns_record()
    line = zone_line(name, text)
    assert line.startswith(f'{SELECTOR}._domainkey.{DOMAIN}. IN TXT "v=DKIM1; k=rsa; p=')
    strings = line.split('"')[1::2]
    assert "".join(strings) == text
    assert max(map(len, strings)) <= 255 < len(text)


@pytest.mark.parametrize("kind", ["absent", "text", "short", "elliptic"])
def test_a_key_that_cannot_sign_says_why(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "key.pem"
    keys: dict[str, Any] = {
        "short": lambda: generate_private_key(65537, 1024),
        "elliptic": lambda: ec.generate_private_key(ec.SECP256R1()),
    }
    if kind in keys:
        path.write_bytes(keys[kind]().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    elif kind == "text":
        path.write_text("no key")
    with pytest.raises(SigningKeyError, match=r"key\.pem"):
        read_key(path)


def test_signing_costs_little(signer: Signer) -> None:
    """Of a 35-kB mail; measured 0.4 ms (RSA) and 0.2 ms (Ed25519) beside 10 ms of dkimpy."""
    message = build(
        replace(ONE_CLICK, html=f'<html lang="de">{"<p>Guten Tag aus dem Ort</p> " * 1200}</html>')
    ).as_bytes()
    begun = time.process_time()
    for _ in range(50):
        signer.sign(message)
    assert (time.process_time() - begun) / 50 < 0.003
