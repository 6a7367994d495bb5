"""Forms, dates, languages and maps by themselves."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from gateway import forms, i18n, maps
from gateway.forms import Form
from gateway.limits import Limits
from gateway.pages import offers
from gateway.problems import FieldMessage, Refused, refused
from gateway.sessions import Sessions
from gateway.visit import Site, Visit
from gateway.vocabulary import VocabularyCache
from infra.errors import Forbidden
from infra.settings import load
from infra.web.client import Answer, InProcess, ServiceClient

SECRET = "s" * 32


def a_visit() -> Visit:
    """A visit for what needs only a language."""
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    settings = load({"LOTSE_DEMO": "1"})
    client = ServiceClient(InProcess({}), settings.secret)
    return Visit(Request(scope), Site(settings, client, Limits(), VocabularyCache(client), Sessions(client)), "de")


def test_form_values() -> None:
    form = Form({"a": ["  x "], "many": ["1", "", " 2"], "text": ["eins\n\n zwei "]})
    assert form.text("a") == "x"
    assert form.raw("a") == "  x "
    assert form.text("missing") == ""
    assert form.texts("many") == ["1", "2"]
    assert form.lines("text") == ["eins", "zwei"]
    assert form.has("many", "1")
    assert not form.refused
    assert Form.of({"a": "x", "b": ["y"], "c": None}).values == {"a": ["x"], "b": ["y"], "c": []}


def test_refusals_stand_at_their_fields() -> None:
    form = Form()
    form.refuse(Refused(422, "invalid", "Bitte prüfen", (FieldMessage("districts.0", "A"), FieldMessage("x[1]", "B"))))
    assert form.errors == {"districts": ["A"], "x": ["B"]}
    assert form.title == "Bitte prüfen"
    assert form.refused


def test_tokens_belong_to_one_session_and_secret() -> None:
    token = forms.make_token(SECRET, "session")
    forms.check_token(token, SECRET, "session")
    for wrong in (
        ("x" + token, SECRET, "session"),
        (token, "t" * 32, "session"),
        (token, SECRET, ""),
        ("", SECRET, ""),
    ):
        with pytest.raises(Forbidden):
            forms.check_token(*wrong)


def test_an_answer_that_is_no_problem_document_says_nothing_of_its_content() -> None:
    problem = refused(Answer(502, {"content-type": "text/html"}, b"<h1>proxy</h1>"), "en")
    assert problem.down
    assert "proxy" not in problem.title


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        ("2020", "2020", "2020"),
        ("2020-02", "Februar 2020", "February 2020"),
        ("2020-02-03", "3. Februar 2020", "3 February 2020"),
        ("2026-11-22T10:00:00+00:00", "22. November 2026", "22 November 2026"),
        ("2026-Q4", "4. Quartal 2026", "4th quarter 2026"),
        ("2026-Q5", "2026-Q5", "2026-Q5"),
        ("", "", ""),
        ("Sommer 2019", "Sommer 2019", "Sommer 2019"),
    ],
)
def test_dates_are_as_exact_as_known(value: str, german: str, english: str) -> None:
    assert i18n.show_date(value, "de") == german
    assert i18n.show_date(value, "en") == english


def test_times_are_those_of_germany() -> None:
    assert i18n.show_time("2026-07-01T10:00:00Z", "de") == "1. Juli 2026, 12:00"
    assert i18n.show_time("2026-01-01T10:00:00Z", "en") == "1 January 2026, 11:00"
    assert i18n.show_time("", "de") == ""


def test_languages() -> None:
    assert i18n.split("/en/suche/") == ("en", "/suche")
    assert i18n.split("/en") == ("en", "/")
    assert i18n.split("/england") == ("de", "/england")
    assert i18n.language_name("uk", "de") == "Ukrainisch"
    assert i18n.language_name("uk", "en") == "Ukrainian"
    assert i18n.language_name("zz-nonsense-", "de") == "zz-nonsense-"
    assert i18n.show_number(12.5, "de") == "12,5"


@pytest.mark.parametrize(
    ("lowest", "highest", "words"),
    [("A1", "B1", "A1 bis B1"), ("A1", "A1", "A1"), ("A1", "", "ab A1"), ("", "B1", "bis B1"), ("", "", "")],
)
def test_language_levels(lowest: str, highest: str, words: str) -> None:
    assert offers.language_levels(a_visit(), lowest, highest) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [("2026-01", "2026-02", "Januar 2026 bis Februar 2026"), ("2026", "", "ab 2026"), ("", "2026", "bis 2026")],
)
def test_periods(start: str, end: str, words: str) -> None:
    assert offers.period(a_visit(), start, end) == words


def test_references_without_a_page_have_no_address() -> None:
    assert a_visit().refer(None) == ""
    assert a_visit().refer({"kind": "source", "slug": "x"}) == ""
    assert a_visit().refer({"kind": "network", "slug": "ä b"}) == "/netzwerke/%C3%A4%20b"


def test_maps_are_complete_and_small() -> None:
    germany = maps.germany()
    assert len(germany.shapes) == 16
    assert sum(len(shape.outline) for shape in germany.shapes) < 40_000
    districts = [maps.land(shape.slug) for shape in germany.shapes]
    assert sum(len(drawing.shapes) for drawing in districts if drawing) == 400
    assert maps.land("nirgendwo") is None


def test_places_lie_inside_the_drawing() -> None:
    drawing = maps.land("sachsen-anhalt")
    assert drawing is not None
    across, down = drawing.frame.point(11.63, 52.13)  # Magdeburg
    assert 0 < across < maps.WIDTH + 2 * maps.MARGIN
    assert 0 < down < drawing.frame.height + 2 * maps.MARGIN
    north = drawing.frame.point(11.63, 52.9)
    assert north[1] < down
