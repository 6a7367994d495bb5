"""The report of a dispatch: pausing, going on, calling off, sending again, and the table for a spreadsheet."""

from __future__ import annotations

import csv
import io

from infra.ids import new_id
from services.newsletter.deliveries.models import Delivery
from tests.gateway.api_client import Program
from tests.gateway.conftest import Opener
from tests.gateway.test_editorial import _begin as begin
from tests.gateway.world import COORDINATOR, EDITOR, SECOND_EDITOR, Browser, World, heading


async def _sent(editor: Browser, second: Browser) -> str:
    """An issue on its way; its desk's page."""
    path = await begin(editor)
    section = f"{path}/abschnitte/editorial"
    await editor.submit(await editor.get(section), section, text_de="Guten Tag", text_en="Hello")
    await second.submit(await second.get(path), f"{path}/freigeben")
    await editor.submit(await editor.get(f"{path}/versenden"), f"{path}/versenden")
    return path


async def test_an_issue_is_paused_goes_on_and_is_accounted_for(
    open_browser: Opener, api: Program, world: World
) -> None:
    editor, second = await open_browser(EDITOR), await open_browser(SECOND_EDITOR)
    path = await _sent(editor, second)
    here = f"{path}/versand"
    paused = await editor.submit(await editor.get(here), f"{here}/anhalten")
    assert "angehalten" in paused.text
    assert "Versand begonnen:" in paused.text
    assert f'action="{here}/anhalten"' not in paused.text
    again = await editor.submit(await editor.get(here), f"{here}/fortsetzen")
    assert "wird versendet" in again.text
    program = await api.signed_in(EDITOR)
    issue = (await program.get(f"/issues/{path.rsplit('/', 1)[1]}")).json()
    await world.kit.services["newsletter"].jobs.run("send_batch", issue["id"])
    one = await Delivery.filter(issue_id=issue["id"]).first()
    assert one is not None
    await Delivery.filter(id=one.id).update(status="uncertain", reply="connection closed")
    report = await editor.get(here)
    assert "Bei 1 E-Mail ist unklar, ob sie angekommen ist" in report.text
    assert "beratung.harz@example.org" in report.text
    english = await editor.get(f"/en{here}")
    assert "With 1 e-mail it is uncertain" in english.text
    resent = await editor.submit(report, f"{here}/unklare")
    assert "wird versendet" in resent.text
    late = await editor.submit(report, f"{here}/unklare")
    assert late.status_code == 422, "as it was shown it is no more"
    table = await editor.get(f"{here}/tabelle")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:2] == ["Adresse", "Stand"]
    assert len(rows) == 1 + issue["counts"]["audience"]


async def test_an_issue_is_called_off_after_asking(open_browser: Opener) -> None:
    editor, second = await open_browser(EDITOR), await open_browser(SECOND_EDITOR)
    path = await _sent(editor, second)
    asked = await editor.get(f"{path}/versand/absagen")
    assert heading(asked) == "Ausgabe absagen?"
    off = await editor.submit(asked, f"{path}/versand/absagen")
    assert "abgesagt" in off.text
    assert "Ausgabe abgesagt" in off.text


async def test_only_who_releases_may_do_any_of_it(open_browser: Opener) -> None:
    coordinator = await open_browser(COORDINATOR)
    for path in ("versand", "versand/tabelle", "versand/absagen"):
        assert (await coordinator.get(f"/redaktion/ausgaben/2018-01/{path}")).status_code == 403
    editor = await open_browser(EDITOR)
    assert (await editor.get(f"/redaktion/ausgaben/{new_id()}/versand")).status_code == 404
