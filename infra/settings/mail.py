"""The settings of mail: where it is handed over, whose name it bears, how it is signed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.settings.fields import Check, Field, is_mail_address
from infra.settings.smtp import Server, parse_rates, parse_urls

IMPRINT_TEMPLATE = (
    "Vorlage – bitte vor dem Betrieb ersetzen (LOTSE_IMPRINT) | Name des Trägers | Straße Hausnummer, PLZ Ort | "
    "Vertreten durch: Name | E-Mail: kontakt@lotse.example.org | Telefon: –"
)

FIELDS = (
    Field(
        "LOTSE_SMTP_URL",
        "",
        "smtp://user:password@host:port, smtps:// or smtp+starttls://; several joined by commas, the best first; "
        "?connections=10&rate=600 after one = so many connections of a process, so many mails a minute; "
        "empty = local mailbox",
    ),
    Field(
        "LOTSE_SMTP_DOMAIN_RATES",
        "",
        "mails a minute to one domain of recipients, like gmx.net=100,web.de=100,*=0; * = every other, 0 = no limit",
    ),
    Field("LOTSE_MAIL_FROM", "newsletter@lotse.example.org", "sender address of all mail"),
    Field("LOTSE_DKIM_KEY", "", "PEM file of the key that signs mails (RSA or Ed25519); empty = the mail server signs"),
    Field("LOTSE_DKIM_SELECTOR", "", "name of that key in DNS: SELECTOR._domainkey.DOMAIN"),
    Field("LOTSE_DKIM_DOMAIN", "", "domain that signs; empty = that of LOTSE_MAIL_FROM"),
    Field("LOTSE_IMPRINT", IMPRINT_TEMPLATE, "legal notice in mails and on the imprint page (§ 5 DDG), parted by |"),
    Field("LOTSE_NEWSLETTER_EMPTY", "0", "1 = an issue also goes to subscribers for whom it holds nothing"),
    Field(
        "LOTSE_NEWSLETTER_SCHEDULE",
        "quarterly",
        "quarterly = on the first day of the last month of each quarter a draft is proposed and its editors are "
        "reminded of it; off = editors begin each issue themselves",
    ),
    Field("LOTSE_NEWSLETTER_DISPOSABLE", "0", "1 = throw-away addresses may sign up for the newsletter and for alerts"),
    Field("LOTSE_NEWSLETTER_PROOF_YEARS", "3", "how long the proof of a consent is kept after it ended, in years"),
    Field(
        "LOTSE_NEWSLETTER_UNCERTAIN",
        "leave",
        "mails of an issue that were handed over without the server's answer being heard: leave = named in the report "
        "for the editors, resend = sent again with the same Message-ID",
    ),
)

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """What mail needs to know. `dkim_key` is the path of a file; `dkim_domain` is never empty."""

    smtp_url: str
    smtp_domain_rates: str
    mail_from: str
    dkim_key: str
    dkim_selector: str
    dkim_domain: str
    imprint: tuple[str, ...]
    newsletter_empty: bool
    newsletter_schedule: bool
    newsletter_disposable: bool
    newsletter_proof_years: int
    newsletter_uncertain: str

    @property
    def imprint_is_template(self) -> bool:
        """Whether nobody has set the legal notice yet; fine for a demo only."""
        return self.imprint == _lines(IMPRINT_TEMPLATE)

    @property
    def smtp_servers(self) -> tuple[Server, ...]:
        """The mail servers in the order of preference; none = local mailbox."""
        return parse_urls(self.smtp_url)

    @property
    def domain_rates(self) -> Mapping[str, int]:
        """Mails a minute by domain of recipients; `*` stands for all others, 0 for no limit."""
        return parse_rates(self.smtp_domain_rates)


def read(values: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `MailSettings` for values that are well."""
    return {
        "smtp_url": values["LOTSE_SMTP_URL"],
        "smtp_domain_rates": values["LOTSE_SMTP_DOMAIN_RATES"],
        "mail_from": values["LOTSE_MAIL_FROM"],
        "dkim_key": values["LOTSE_DKIM_KEY"],
        "dkim_selector": values["LOTSE_DKIM_SELECTOR"],
        "dkim_domain": values["LOTSE_DKIM_DOMAIN"] or values["LOTSE_MAIL_FROM"].rpartition("@")[2],
        "imprint": _lines(values["LOTSE_IMPRINT"]),
        "newsletter_empty": values["LOTSE_NEWSLETTER_EMPTY"] == "1",
        "newsletter_schedule": values["LOTSE_NEWSLETTER_SCHEDULE"] == "quarterly",
        "newsletter_disposable": values["LOTSE_NEWSLETTER_DISPOSABLE"] == "1",
        "newsletter_proof_years": int(values["LOTSE_NEWSLETTER_PROOF_YEARS"]),
        "newsletter_uncertain": values["LOTSE_NEWSLETTER_UNCERTAIN"],
    }


def checks(values: Mapping[str, str]) -> tuple[Check, ...]:
    """What must hold of the values, each with its cure."""
    selector, domain = values["LOTSE_DKIM_SELECTOR"], values["LOTSE_DKIM_DOMAIN"]
    return (
        (values["LOTSE_NEWSLETTER_EMPTY"] in ("0", "1"), "LOTSE_NEWSLETTER_EMPTY must be 0 or 1."),
        (
            values["LOTSE_NEWSLETTER_SCHEDULE"] in ("quarterly", "off"),
            "LOTSE_NEWSLETTER_SCHEDULE must be quarterly or off.",
        ),
        (values["LOTSE_NEWSLETTER_DISPOSABLE"] in ("0", "1"), "LOTSE_NEWSLETTER_DISPOSABLE must be 0 or 1."),
        (
            re.fullmatch("[1-9][0-9]?", values["LOTSE_NEWSLETTER_PROOF_YEARS"]) is not None,
            "LOTSE_NEWSLETTER_PROOF_YEARS must be a whole number of years from 1 to 99.",
        ),
        (
            values["LOTSE_NEWSLETTER_UNCERTAIN"] in ("leave", "resend"),
            "LOTSE_NEWSLETTER_UNCERTAIN must be leave or resend.",
        ),
        (bool(values["LOTSE_IMPRINT"].strip("| ")), "LOTSE_IMPRINT must hold the legal notice, lines parted by |."),
        (is_mail_address(values["LOTSE_MAIL_FROM"]), "LOTSE_MAIL_FROM must be one plain e-mail address."),
        *_server_checks(values),
        (
            not values["LOTSE_DKIM_KEY"] or _NAME.fullmatch(selector) is not None,
            "LOTSE_DKIM_SELECTOR must name the key of LOTSE_DKIM_KEY: letters, digits, hyphens, dots.",
        ),
        (not domain or _NAME.fullmatch(domain) is not None, "LOTSE_DKIM_DOMAIN must be a domain (IDNA: xn--…)."),
    )


def _server_checks(values: Mapping[str, str]) -> tuple[Check, ...]:
    return (
        (
            _parses(parse_urls, values["LOTSE_SMTP_URL"]),
            "LOTSE_SMTP_URL must be like smtp+starttls://user:password@host:587 (or smtp://, smtps://), several joined "
            "by commas, each perhaps with ?connections=10&rate=600. Special characters in a password, commas too, "
            "must be percent-encoded.",
        ),
        (
            _parses(parse_rates, values["LOTSE_SMTP_DOMAIN_RATES"]),
            "LOTSE_SMTP_DOMAIN_RATES must be like gmx.net=100,web.de=100,*=0: whole numbers of mails a minute.",
        ),
    )


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("|") if line.strip())
