"""What a person reads in the terminal when the all-in-one is up: German first, then English in short."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence

from infra.errors import Text
from infra.settings import Settings


def base_url(host: str, sock: socket.socket) -> str:
    """The address of this installation as a browser on this machine reaches it."""
    port = sock.getsockname()[1]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def welcome(settings: Settings, notes: Sequence[Text] = ()) -> str:
    """The lines that say where Lotse is, who can sign in (`notes`), where its mails are and how to stop it."""
    lines = [f"Lotse läuft: {settings.base_url}/", f"Lotse is running: {settings.base_url}/en/"]
    if settings.demo:
        lines += _demo(settings, notes)
    else:
        lines += _still_to_set(settings)
    lines += ["", "Beenden mit Strg+C / stop with Ctrl+C"]
    return "\n".join(lines)


def _still_to_set(settings: Settings) -> list[str]:
    """What an installation outside the demo should not be without."""
    lines = []
    if not settings.smtp_url:
        lines += [
            "",
            f"Ohne LOTSE_SMTP_URL bleiben alle Mails im Ordner {settings.data_dir}.",
            f"Without LOTSE_SMTP_URL all mails stay in the folder {settings.data_dir}.",
        ]
    if settings.imprint_is_template:
        lines += [
            "",
            "LOTSE_IMPRINT enthält noch die Vorlage: In Mails und im Impressum fehlt, wer verantwortlich ist.",
            "LOTSE_IMPRINT still holds the template: mails and the imprint page do not say who is responsible.",
        ]
    return lines


def _demo(settings: Settings, notes: Sequence[Text]) -> list[str]:
    mailbox = [] if settings.smtp_url else ["", f"Postfach / mailbox: {settings.base_url}/dev/mail"]
    return [
        "",
        "Dies ist eine Vorführung: erfundene Konten, öffentliche Passwörter, nur auf diesem Rechner erreichbar.",
        "This is a demo: made-up accounts, public passwords, reachable from this machine only.",
        "",
        *(f"  {note.de}" for note in notes),
        "",
        *(f"  {note.en}" for note in notes),
        *mailbox,
    ]


def print_welcome(settings: Settings, notes: Sequence[Text]) -> None:
    """Print the welcome; the only thing the all-in-one writes to standard output."""
    sys.stdout.write("\n" + welcome(settings, notes) + "\n\n")
    sys.stdout.flush()
