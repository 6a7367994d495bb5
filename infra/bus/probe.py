"""Asks the broker whether this user may connect and declare what a role needs; a refusal is put into words."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from amqp.exceptions import AccessRefused, NotAllowed, PreconditionFailed

from infra.bus.connection import BROKER_ERRORS, Link
from infra.bus.topology import Topology, declare
from infra.errors import Text, Trouble


async def broker_trouble(url: str, topologies: Sequence[Topology] = ()) -> Trouble | None:
    """Why the broker behind an `amqp://` address cannot be used for `topologies`; None when it can.

    Declares them, as the roles themselves would: that changes nothing where they exist.
    """
    return await asyncio.to_thread(_trouble, url, topologies)


def _trouble(url: str, topologies: Sequence[Topology]) -> Trouble | None:
    try:
        link = Link(url, name="probe")
    except (AccessRefused, NotAllowed) as error:
        return _no_entry(url, error)
    except BROKER_ERRORS as error:
        return _silent(url, error)
    try:
        for topology in topologies:
            declare(link.channel(), topology)
    except AccessRefused as error:
        return _no_permission(url, error)
    except PreconditionFailed as error:
        return _other_arguments(error)
    except BROKER_ERRORS as error:
        return _silent(url, error)
    finally:
        link.close()
    return None


def _no_entry(url: str, error: AccessRefused | NotAllowed) -> Trouble:
    user, vhost = urlsplit(url).username or "guest", _vhost(url)
    if isinstance(error, AccessRefused):
        return Trouble(
            Text(
                f"RabbitMQ lässt den Benutzer {user} nicht ein: Name oder Passwort sind falsch.",
                f"RabbitMQ does not let the user {user} in: name or password is wrong.",
            ),
            Text(
                f"Berichtigen Sie die Adresse, oder setzen Sie das Passwort neu: rabbitmqctl change_password {user}",
                f"Correct the address, or set the password anew: rabbitmqctl change_password {user}",
            ),
        )
    grant = f"rabbitmqctl set_permissions -p {vhost} {user} CONFIGURE WRITE READ"
    return Trouble(
        Text(
            f"Den vhost {vhost} gibt es in RabbitMQ nicht, oder der Benutzer {user} darf nicht hinein.",
            f"RabbitMQ has no vhost {vhost}, or the user {user} may not enter it.",
        ),
        Text(
            f"Laden Sie die Definitionen in RabbitMQ, oder: rabbitmqctl add_vhost {vhost}; {grant}",
            f"Load the definitions into RabbitMQ, or: rabbitmqctl add_vhost {vhost}; {grant}",
        ),
    )


def _no_permission(url: str, error: AccessRefused) -> Trouble:
    user = urlsplit(url).username or "guest"
    return Trouble(
        Text(
            f"Dem Benutzer {user} fehlt in RabbitMQ ein Recht: {error.reply_text}.",
            f"The user {user} lacks a permission in RabbitMQ: {error.reply_text}.",
        ),
        Text(
            "Laden Sie die Definitionen dieser Version in RabbitMQ (Benutzer und Rechte).",
            "Load the definitions of this version into RabbitMQ (users and permissions).",
        ),
    )


def _other_arguments(error: PreconditionFailed) -> Trouble:
    return Trouble(
        Text(
            f"Eine Warteschlange ist in RabbitMQ anders angelegt: {error.reply_text}",
            f"A queue exists in RabbitMQ with other arguments: {error.reply_text}",
        ),
        Text(
            "Löschen Sie sie, wenn sie leer ist (rabbitmqctl delete_queue); was fehlt, holt Lotse aus den Logs nach.",
            "Delete it when it is empty (rabbitmqctl delete_queue); Lotse hears again from the logs what is missing.",
        ),
    )


def _silent(url: str, error: Exception) -> Trouble:
    parts = urlsplit(url)
    if isinstance(error, socket.gaierror):
        reason = Text(f"Den Namen {parts.hostname} gibt es nicht.", f"The name {parts.hostname} is unknown.")
    else:
        where = f"{parts.hostname}:{parts.port or (5671 if parts.scheme == 'amqps' else 5672)}"
        reason = Text(
            f"Unter {where} antwortet RabbitMQ nicht ({type(error).__name__}).",
            f"RabbitMQ does not answer at {where} ({type(error).__name__}).",
        )
    cure = Text(
        "Starten Sie RabbitMQ, öffnen Sie die Firewall oder berichtigen Sie die Adresse.",
        "Start RabbitMQ, open the firewall or correct the address.",
    )
    return Trouble(reason, cure, passing=True)


def _vhost(url: str) -> str:
    return unquote(urlsplit(url).path.removeprefix("/")) or "/"
