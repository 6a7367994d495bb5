"""A running Lotse and Chromium, started once for all browser tests; without Chromium they are skipped."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.instance import PASSWORD, Instance

CHROMIUM = os.environ.get("LOTSE_TEST_CHROMIUM") or shutil.which("chromium") or ""
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="no chromium on this machine (LOTSE_TEST_CHROMIUM names one)"))


@pytest.fixture(scope="session")
def lotse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running all-in-one with demo content."""
    instance = Instance(tmp_path_factory.mktemp("browser"))
    with asyncio.Runner() as runner:
        runner.run(instance.__aenter__())
        try:
            yield instance.url
        finally:
            runner.run(instance.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def chromium(lotse: str) -> Iterator[Browser]:
    """One Chromium. Its loop counts as running as long as it is open, so Lotse starts before and stops after it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, lotse: str) -> Iterator[OpenPage]:
    """Opens windows: `width`, `email` to sign in first, further options as Playwright's contexts take them."""
    with ExitStack() as stack:

        def opened(width: int = 1280, email: str = "", **options: Any) -> Page:
            context = chromium.new_context(
                viewport={"width": width, "height": 900}, base_url=lotse, locale="de-DE", **options
            )
            stack.callback(context.close)
            page = context.new_page()
            if email:
                sign_in(page, email)
            return page

        yield opened


def sign_in(page: Page, email: str) -> None:
    """Sign in by the form."""
    page.goto("/anmelden")
    page.fill("#field-email", email)
    page.fill("#field-password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/konto")


def mailed(page: Page, address: str, part: str) -> str:
    """The first link with `part` in the newest mail to an address; waits until a mail has one."""
    for _attempt in range(100):
        mails = page.request.get("/dev/mail.json", params={"recipient": address}).json()["items"]
        texts: list[str] = [each["content"] for mail in mails for each in mail["parts"] if each["type"] == "text/plain"]
        found: list[str] = [link for text in texts for link in re.findall(r"https?://\S+", text) if part in link]
        if found:
            return found[0]
        page.wait_for_timeout(100)
    raise AssertionError(f"no mail to {address} with {part}")
