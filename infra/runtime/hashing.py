"""Passwords for RabbitMQ's definitions, hashed as RabbitMQ documents it; standard library only, for `make env`."""

from __future__ import annotations

import base64
import hashlib
import secrets

HASHING = "rabbit_password_hashing_sha256"
_SALT_BYTES = 4


def hash_password(password: str) -> str:
    """The salted hash of a password (https://www.rabbitmq.com/docs/passwords#computing-password-hash).

    Four bytes of salt are what RabbitMQ prescribes; the passwords that Lotse makes are long and random.
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.sha256(salt + password.encode()).digest()
    return base64.b64encode(salt + digest).decode("ascii")
