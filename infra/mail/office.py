"""The mail office of a service: its settings and mailer, there while a process hosts it, and what its mails name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from infra.contracts import addresses
from infra.mail import open_mailer
from infra.mail.limits import Gate, Limits, Window
from infra.mail.message import Mailer
from infra.settings import Settings
from infra.tokens import derive_key


@dataclass(frozen=True)
class Office:
    """The settings and the mailer of the process that hosts `service`; `limits` for who sends past the mailer."""

    service: str
    settings: Settings
    mailer: Mailer
    limits: Limits

    @property
    def base_url(self) -> str:
        """The public address without a slash at its end."""
        settings = self.settings
        return settings.base_url or f"http://{settings.host}:{settings.port or 8000}"

    @property
    def mail_domain(self) -> str:
        """The domain that mails come from; names the lists and the messages."""
        return self.settings.mail_from.rpartition("@")[2]

    def key(self, purpose: str) -> bytes:
        """A key for one purpose of the service, so that no token passes for another."""
        return key_for(self.settings, self.service, purpose)

    def url(self, kind: str, slug: str, language: str) -> str:
        """The full address of a page (see `infra.contracts.addresses`)."""
        return self.base_url + addresses.path(kind, slug, language)


def key_for(settings: Settings, service: str, purpose: str) -> bytes:
    """The same key without an open office."""
    return derive_key(settings.secret, f"{service}-{purpose}")


class Desk:
    """Where the code of one service finds the office of its process."""

    def __init__(self, service: str, windows: type[Window]) -> None:
        self._service = service
        self._windows = windows
        self._open: list[Office] = []

    def current(self) -> Office:
        """The office of this process. Raises RuntimeError outside `hosted`."""
        if not self._open:
            raise RuntimeError(f"{self._service} is not hosted here: enter its lifespan first")
        return self._open[-1]

    @asynccontextmanager
    async def hosted(self, settings: Settings) -> AsyncIterator[None]:
        """Opens the mailer for as long as this process hosts the service."""
        limits = Limits(self._windows, settings.domain_rates)
        async with open_mailer(settings, Gate(self._service, limits)) as mailer:
            self._open.append(Office(self._service, settings, mailer, limits))
            try:
                yield
            finally:
                self._open.pop()
