"""What the newsletter needs from its process: the settings and a way to hand over mail, there while it is hosted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from infra.contracts import addresses
from infra.mail import Mailer, open_mailer
from infra.settings import Settings
from infra.tokens import derive_key


@dataclass(frozen=True)
class Context:
    """The settings and the mailer of the hosting process."""

    settings: Settings
    mailer: Mailer

    @property
    def base_url(self) -> str:
        """The public address without a slash at its end."""
        settings = self.settings
        return settings.base_url or f"http://{settings.host}:{settings.port or 8000}"

    @property
    def mail_domain(self) -> str:
        """The domain that mails come from; names the list and the messages."""
        return self.settings.mail_from.rpartition("@")[2]

    def key(self, purpose: str) -> bytes:
        """A key for one purpose of the newsletter, so that no token passes for another."""
        return key_for(self.settings, purpose)

    def url(self, kind: str, slug: str, language: str) -> str:
        """The full address of a page (see `infra.contracts.addresses`)."""
        return self.base_url + addresses.path(kind, slug, language)


def key_for(settings: Settings, purpose: str) -> bytes:
    """The same without a hosted newsletter."""
    return derive_key(settings.secret, f"newsletter-{purpose}")


_hosted: list[Context] = []


def current() -> Context:
    """The context of this process. Raises RuntimeError outside `hosted`."""
    if not _hosted:
        raise RuntimeError("the newsletter is not hosted here: enter services.newsletter.context.hosted first")
    return _hosted[-1]


@asynccontextmanager
async def hosted(settings: Settings) -> AsyncIterator[None]:
    """Opens the mailer for as long as this process hosts the newsletter."""
    async with open_mailer(settings) as mailer:
        _hosted.append(Context(settings, mailer))
        try:
            yield
        finally:
            _hosted.pop()
