"""Settings: every value the installation can choose, read from `LOTSE_*` environment variables once.

`FIELDS` is the one table: name, default, meaning. The README and the runbook print it, `doctor` checks it,
and a wrong value is reported with its cure, all wrong ones at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.addresses import address_of, differs, well_formed

DEMO_SECRET = "lotse-demo-secret-only-for-trying-out-0000"  # noqa: S105 - public on purpose, refused outside the demo
IMPRINT_TEMPLATE = (
    "Vorlage – bitte vor dem Betrieb ersetzen (LOTSE_IMPRINT) | Name des Trägers | Straße Hausnummer, PLZ Ort | "
    "Vertreten durch: Name | E-Mail: kontakt@lotse.example.org | Telefon: –"
)
SERVICES = "services.contacts,services.forum,services.newsletter,services.search"


@dataclass(frozen=True)
class Field:
    """One environment variable: its default as text and what it means."""

    name: str
    default: str
    meaning: str


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
    Field("LOTSE_SMTP_URL", "", "smtp://user:password@host:port, smtps:// or smtp+starttls://; empty = local mailbox"),
    Field("LOTSE_MAIL_FROM", "newsletter@lotse.example.org", "sender address of all mail"),
    Field("LOTSE_IMPRINT", IMPRINT_TEMPLATE, "legal notice in mails and on the imprint page (§ 5 DDG), parted by |"),
    Field("LOTSE_NEWSLETTER_EMPTY", "0", "1 = an issue also goes to subscribers for whom it holds nothing"),
    Field("LOTSE_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
    Field("LOTSE_START_SECONDS", "60", "seconds that a process waits at its start for a database or broker to answer"),
    Field("LOTSE_RETENTION_DAYS", "90", "days that published events stay in the outbox log"),
)


class SettingsError(Exception):
    """One or more settings are wrong; `problems` names each with its cure, its first word being the setting.

    `rest`, if given, has the defaults in place of the wrong values, so that the others can be looked at further.
    """

    def __init__(self, problems: list[str], rest: Settings | None = None) -> None:
        self.problems = problems
        self.rest = rest
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Settings:
    """All settings, checked. `port` is None when no port was asked for."""

    demo: bool
    host: str
    port: int | None
    data_dir: Path
    base_url: str
    secret: str
    database_url: str
    broker_url: str
    jobs_url: str
    services: tuple[str, ...]
    gateway: str
    service_urls: str
    meili_url: str
    meili_key: str
    meili_search_key: str
    smtp_url: str
    mail_from: str
    imprint: tuple[str, ...]
    newsletter_empty: bool
    log_level: str
    start_seconds: int
    retention_days: int

    @property
    def imprint_is_template(self) -> bool:
        """Whether nobody has set the legal notice yet; fine for a demo only."""
        return self.imprint == _lines(IMPRINT_TEMPLATE)

    @property
    def embedded_broker(self) -> bool:
        """Whether the broker lives in this process."""
        return self.broker_url.startswith("memory://")

    @property
    def apart(self) -> bool:
        """Whether the services run as processes of their own: database and broker are servers."""
        return bool(self.database_url) and not self.embedded_broker

    def database(self, service: str) -> str:
        """The database URL of one service; "" when there are pairs and none is its own."""
        if self.database_url:
            return address_of(self.database_url, service)
        return f"sqlite://{(self.data_dir / f'{service}.sqlite3').as_posix()}"

    def broker(self, service: str) -> str:
        """The broker URL of one service; "" when there are pairs and none is its own."""
        return address_of(self.broker_url, service)

    def jobs(self, service: str) -> str:
        """The URL of the broker for one service's jobs; "" when there are pairs and none is its own."""
        return address_of(self.jobs_url, service)

    def service_url(self, service: str) -> str:
        """Base URL of a service that runs in a process of its own; "" when the settings name none."""
        return address_of(self.service_urls, service).rstrip("/")


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check all settings.

    Raises:
        SettingsError: with every problem found, each with its cure.
    """
    env = os.environ if environ is None else environ
    values = {field.name: env.get(field.name, field.default).strip() for field in FIELDS}
    problems = _problems(values)
    if problems:
        named = {problem.split()[0] for problem in problems}
        defaults = {field.name: field.default for field in FIELDS if field.name in named}
        raise SettingsError(problems, _settings({**values, **defaults}))
    return _settings(values)


def _settings(values: Mapping[str, str]) -> Settings:
    """The settings of values that are well."""
    return Settings(
        demo=values["LOTSE_DEMO"] == "1",
        host=values["LOTSE_HOST"],
        port=int(values["LOTSE_PORT"]) if values["LOTSE_PORT"] else None,
        data_dir=Path(values["LOTSE_DATA_DIR"]).resolve(),
        base_url=values["LOTSE_BASE_URL"].rstrip("/"),
        secret=values["LOTSE_SECRET"] or DEMO_SECRET,
        database_url=values["LOTSE_DATABASE_URL"],
        broker_url=values["LOTSE_BROKER_URL"],
        jobs_url=values["LOTSE_JOBS_URL"] or values["LOTSE_BROKER_URL"],
        services=tuple(name.strip() for name in values["LOTSE_SERVICES"].split(",") if name.strip()),
        gateway=values["LOTSE_GATEWAY"],
        service_urls=values["LOTSE_SERVICE_URLS"],
        meili_url=values["LOTSE_MEILI_URL"].rstrip("/"),
        meili_key=values["LOTSE_MEILI_KEY"],
        meili_search_key=values["LOTSE_MEILI_SEARCH_KEY"],
        smtp_url=values["LOTSE_SMTP_URL"],
        mail_from=values["LOTSE_MAIL_FROM"],
        imprint=_lines(values["LOTSE_IMPRINT"]),
        newsletter_empty=values["LOTSE_NEWSLETTER_EMPTY"] == "1",
        log_level=values["LOTSE_LOG_LEVEL"].upper(),
        start_seconds=int(values["LOTSE_START_SECONDS"]),
        retention_days=int(values["LOTSE_RETENTION_DAYS"]),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("|") if line.strip())


def _problems(values: Mapping[str, str]) -> list[str]:
    """What is wrong with the values, each with its cure; empty when all are well."""
    checks = (*_value_checks(values), *_address_checks(values))
    return [cure for well, cure in checks if not well] + _secret_problems(values)


def _value_checks(values: Mapping[str, str]) -> tuple[tuple[bool, str], ...]:
    days = values["LOTSE_RETENTION_DAYS"]
    return (
        (values["LOTSE_DEMO"] in ("0", "1"), "LOTSE_DEMO must be 0 or 1."),
        (values["LOTSE_NEWSLETTER_EMPTY"] in ("0", "1"), "LOTSE_NEWSLETTER_EMPTY must be 0 or 1."),
        (bool(values["LOTSE_IMPRINT"].strip("| ")), "LOTSE_IMPRINT must hold the legal notice, lines parted by |."),
        (_is_mail_address(values["LOTSE_MAIL_FROM"]), "LOTSE_MAIL_FROM must be one plain e-mail address."),
        (_is_port(values["LOTSE_PORT"]), "LOTSE_PORT must be empty or a number from 1 to 65535."),
        (days.isdigit() and int(days) > 0, "LOTSE_RETENTION_DAYS must be a whole number of days, at least 1."),
        (values["LOTSE_START_SECONDS"].isdigit(), "LOTSE_START_SECONDS must be a whole number of seconds."),
        (
            values["LOTSE_LOG_LEVEL"].upper() in ("DEBUG", "INFO", "WARNING", "ERROR"),
            "LOTSE_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.",
        ),
        (bool(values["LOTSE_SERVICES"].strip(", ")), "LOTSE_SERVICES must name at least one service."),
        (bool(values["LOTSE_GATEWAY"]), "LOTSE_GATEWAY must name the gateway's package."),
    )


def _address_checks(values: Mapping[str, str]) -> tuple[tuple[bool, str], ...]:
    database, smtp, base = values["LOTSE_DATABASE_URL"], values["LOTSE_SMTP_URL"], values["LOTSE_BASE_URL"]
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
            f"contacts=asyncpg://…,forum=asyncpg://…, since every service has a database of its own. {_ENCODE}",
        ),
        (
            not smtp or smtp.startswith(("smtp://", "smtps://", "smtp+starttls://")),
            "LOTSE_SMTP_URL must begin with smtp://, smtps:// or smtp+starttls://.",
        ),
        (not base or base.startswith(("http://", "https://")), "LOTSE_BASE_URL must begin with http:// or https://."),
        *_meili_checks(values),
        (
            not services or (differs(services) and well_formed(services, ("http", "https"))),
            "LOTSE_SERVICE_URLS must be one URL with {service} in it, or pairs such as contacts=http://127.0.0.1:8101 "
            "joined by commas.",
        ),
    )


def _meili_checks(values: Mapping[str, str]) -> tuple[tuple[bool, str], ...]:
    url, key, search_key = (values[f"LOTSE_MEILI_{name}"] for name in ("URL", "KEY", "SEARCH_KEY"))
    return (
        (
            not url or (well_formed(url, ("http", "https")) and not differs(url) and not set(url) & {"@", ","}),
            "LOTSE_MEILI_URL must be one URL like http://meilisearch:7700, without a key in it.",
        ),
        (bool(url) or not (key or search_key), "LOTSE_MEILI_URL must be set where a key of Meilisearch is."),
    )


_ENCODE = "Special characters in a password must be percent-encoded."
_BROKER_FORMS = (
    "memory:// or like amqp://user:password@host/vhost (or amqps://), for all services, with {service} in it or as "
    f"pairs contacts=amqp://…,forum=amqp://…. {_ENCODE}"
)


def _is_broker(text: str) -> bool:
    return text == "memory://" or well_formed(text, ("amqp", "amqps"))


def _secret_problems(values: Mapping[str, str]) -> list[str]:
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


def _is_mail_address(text: str) -> bool:
    return text.isascii() and re.fullmatch(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+", text) is not None


def _is_port(text: str) -> bool:
    return not text or (text.isdigit() and 1 <= int(text) <= 65535)
