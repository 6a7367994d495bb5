"""What a setting is, and what the checks of settings share."""

from __future__ import annotations

import re
from dataclasses import dataclass

Check = tuple[bool, str]  # whether a value is well, and the cure if it is not; its first word is the setting

ENCODE = "Special characters in a password must be percent-encoded."


@dataclass(frozen=True)
class Field:
    """One environment variable: its default as text and what it means."""

    name: str
    default: str
    meaning: str


def is_mail_address(text: str) -> bool:
    """Whether it is one plain address of ASCII characters."""
    return text.isascii() and re.fullmatch(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+", text) is not None


def is_port(text: str) -> bool:
    """Whether it is the number of a port, or nothing."""
    return not text or (text.isdigit() and 1 <= int(text) <= 65535)
