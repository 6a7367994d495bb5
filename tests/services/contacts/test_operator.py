"""`add-account`: how the first people of an installation without a demo get in, by the running process or beside it."""

from __future__ import annotations

import asyncio

from infra.runtime.__main__ import parser
from infra.runtime.control import ControlSocket, ask
from infra.runtime.operator import Operator
from services.contacts.service import service
from tests.infra.mail.reading import messages
from tests.services.contacts.world import NORTH, Contacts

COMMAND = ["add-account", "nora@example.org", "Nora Nord", "--role", "coordinator", "--role", "editor"]


async def test_an_account_added_through_the_control_socket_signs_in(small: Contacts) -> None:
    settings = small.kit.settings
    control = ControlSocket(settings.data_dir, Operator(settings, [service]))
    await control.start()
    options = vars(parser().parse_args([*COMMAND, "--network", NORTH]))
    said: list[str] = []
    assert await asyncio.to_thread(ask, settings.data_dir, options.pop("command"), options, said.append) == 0
    await control.stop(1)

    password = said[0].rpartition(" ")[2]
    answer = await small.post("/sessions", {"email": "nora@example.org", "password": password})
    assert answer.status == 201
    account = answer.json()["account"]
    assert (account["roles"], account["networks"]) == (["coordinator", "editor"], [NORTH])
    assert account["mail"] == "unconfirmed"
    await service.jobs.run("send_access_mails")
    [mail] = messages(settings)
    assert (mail["To"], mail["Subject"]) == ("nora@example.org", "Bitte bestätigen Sie Ihre E-Mail-Adresse")


async def test_what_is_wrong_with_an_account_is_told_by_field(small: Contacts) -> None:
    operator = Operator(small.kit.settings, [service])
    said: list[str] = []
    wrong = {"email": "nora@example.org", "name": "Nora Nord", "roles": ["kaiser"], "networks": ["netz-west"]}
    assert await operator.run("add-account", wrong, said.append) == 1
    assert [line.split()[0] for line in said[1:]] == ["roles:", "networks:"]


async def test_without_a_service_that_keeps_accounts_that_is_said(small: Contacts) -> None:
    said: list[str] = []
    assert await Operator(small.kit.settings, []).run("add-account", {}, said.append) == 1
    assert said == ["No service here keeps accounts."]
