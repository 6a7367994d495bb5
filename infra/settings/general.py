"""The settings of the installation as a whole: where it listens, what it stores its data in, whom it talks to."""

from __future__ import annotations

from collections.abc import Mapping

from infra.addresses import differs, well_formed
from infra.settings.fields import ENCODE, Check, Field, is_port

DEMO_SECRET = "lotse-demo-secret-only-for-trying-out-0000"  # noqa: S105 - public on purpose, refused outside the demo
SERVICES = "services.contacts,services.forum,services.newsletter,services.search"

FIELDS = (
    Field("LOTSE_DEMO", "0", "1 = demo mode: demo accounts, mailbox at /dev/mail, binds 127.0.0.1 only"),
    Field("LOTSE_HOST", "127.0.0.1", "address to listen on (demo mode allows only 127.0.0.1)"),
    Field(
        "LOTSE_PORT",
        "",
        "port to listen on; empty = 8000 or the next free one (background, worker, beat: /livez, /readyz and /metrics "
        "on that port, empty = none)",
    ),
    Field("LOTSE_DATA_DIR", "data", "folder of databases, search index and local mailbox"),
    Field(
        "LOTSE_BASE_URL",
        "",
        "public address, for links in mails; empty = http://host:port (all-in-one and demo only)",
    ),
    Field("LOTSE_SECRET", "", "key for tokens, at least 32 characters; required outside demo mode"),
    Field(
        "LOTSE_DATABASE_URL",
        "",
        "asyncpg://lotse_{service}:password@host/lotse_{service}, or contacts=asyncpg://…,forum=…; "
        "empty = SQLite files",
    ),
    Field(
        "LOTSE_BROKER_URL",
        "memory://",
        "memory:// or amqp://lotse_{service}:password@host/lotse, or contacts=amqp://…,forum=…",
    ),
    Field(
        "LOTSE_JOBS_URL",
        "",
        "broker of background jobs, best a vhost of its own, in the same forms; empty = LOTSE_BROKER_URL",
    ),
    Field("LOTSE_SERVICES", SERVICES, "services to run, by dotted name"),
    Field("LOTSE_GATEWAY", "gateway", "package of the gateway, by dotted name"),
    Field(
        "LOTSE_SERVICE_URLS",
        "",
        "where services answer when each runs in a process of its own: http://host-{service}:8000, or contacts=http://…,forum=…",
    ),
    Field("LOTSE_MEILI_URL", "", "http://host:7700 of a Meilisearch; empty = the search engine built into the process"),
    Field("LOTSE_MEILI_KEY", "", "its key for indexing (docs/runbook.md says what it must allow)"),
    Field("LOTSE_MEILI_SEARCH_KEY", "", "its key for searching only; empty = LOTSE_MEILI_KEY"),
)
RUNNING = (
    Field("LOTSE_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
    Field("LOTSE_START_SECONDS", "60", "seconds that a process waits at its start for a database or broker to answer"),
    Field("LOTSE_RETENTION_DAYS", "90", "days that published events stay in the outbox log"),
)


def checks(values: Mapping[str, str]) -> tuple[Check, ...]:
    """What must hold of the values, each with its cure."""
    return (*_value_checks(values), *_address_checks(values))


def _value_checks(values: Mapping[str, str]) -> tuple[Check, ...]:
    days = values["LOTSE_RETENTION_DAYS"]
    return (
        (values["LOTSE_DEMO"] in ("0", "1"), "LOTSE_DEMO must be 0 or 1."),
        (is_port(values["LOTSE_PORT"]), "LOTSE_PORT must be empty or a number from 1 to 65535."),
        (days.isdigit() and int(days) > 0, "LOTSE_RETENTION_DAYS must be a whole number of days, at least 1."),
        (values["LOTSE_START_SECONDS"].isdigit(), "LOTSE_START_SECONDS must be a whole number of seconds."),
        (
            values["LOTSE_LOG_LEVEL"].upper() in ("DEBUG", "INFO", "WARNING", "ERROR"),
            "LOTSE_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.",
        ),
        (bool(values["LOTSE_SERVICES"].strip(", ")), "LOTSE_SERVICES must name at least one service."),
        (bool(values["LOTSE_GATEWAY"]), "LOTSE_GATEWAY must name the gateway's package."),
    )


def _address_checks(values: Mapping[str, str]) -> tuple[Check, ...]:
    database, base = values["LOTSE_DATABASE_URL"], values["LOTSE_BASE_URL"]
    services = values["LOTSE_SERVICE_URLS"]
    return (
        (_is_broker(values["LOTSE_BROKER_URL"]), f"LOTSE_BROKER_URL must be {_BROKER_FORMS}"),
        (
            not values["LOTSE_JOBS_URL"] or _is_broker(values["LOTSE_JOBS_URL"]),
            f"LOTSE_JOBS_URL must be empty, {_BROKER_FORMS}",
        ),
        (
            not database or well_formed(database, ("asyncpg",), with_path=True),
            "LOTSE_DATABASE_URL must be like asyncpg://user:password@host/database, with {service} in it or as pairs "
            f"contacts=asyncpg://…,forum=asyncpg://…, since every service has a database of its own. {ENCODE}",
        ),
        (not base or base.startswith(("http://", "https://")), "LOTSE_BASE_URL must begin with http:// or https://."),
        *_meili_checks(values),
        (
            not services or (differs(services) and well_formed(services, ("http", "https"))),
            "LOTSE_SERVICE_URLS must be one URL with {service} in it, or pairs such as contacts=http://127.0.0.1:8101 "
            "joined by commas.",
        ),
    )


def _meili_checks(values: Mapping[str, str]) -> tuple[Check, ...]:
    url, key, search_key = (values[f"LOTSE_MEILI_{name}"] for name in ("URL", "KEY", "SEARCH_KEY"))
    return (
        (
            not url or (well_formed(url, ("http", "https")) and not differs(url) and not set(url) & {"@", ","}),
            "LOTSE_MEILI_URL must be one URL like http://meilisearch:7700, without a key in it.",
        ),
        (bool(url) or not (key or search_key), "LOTSE_MEILI_URL must be set where a key of Meilisearch is."),
    )


_BROKER_FORMS = (
    "memory:// or like amqp://user:password@host/vhost (or amqps://), for all services, with {service} in it or as "
    f"pairs contacts=amqp://…,forum=amqp://…. {ENCODE}"
)


def _is_broker(text: str) -> bool:
    return text == "memory://" or well_formed(text, ("amqp", "amqps"))


def secret_problems(values: Mapping[str, str]) -> list[str]:
    """What is wrong with the secret, or in demo mode with where it listens."""
    if values["LOTSE_DEMO"] == "1":
        if values["LOTSE_HOST"] not in ("127.0.0.1", "localhost", "::1"):
            return ["LOTSE_HOST must be 127.0.0.1 in demo mode, since the demo passwords are public."]
        return []
    if values["LOTSE_SECRET"] == DEMO_SECRET or len(values["LOTSE_SECRET"]) < 32:
        return [
            "LOTSE_SECRET must be a secret of your own with at least 32 characters. Make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))' — or set LOTSE_DEMO=1 to try Lotse out."
        ]
    return []
