"""What the demo's network in Sachsen-Anhalt offers: invented, marked as such, with dates around today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.contacts.demo.people import SACHSEN_ANHALT
from services.contacts.directory.domain import ContactPointDraft
from services.contacts.offers.domain import Draft

Day = Callable[[int], str]  # the ISO day at a distance from today
Points = Mapping[str, str]
_NOTE = "\n\n*Beispiel der Demo: Dieses Angebot ist frei erfunden.*"
_NOTE_EN = "\n\n*An example of the demo: this offer is invented.*"
_POINT_NOTE = "Beispiel der Demo, frei erfunden."


@dataclass(frozen=True)
class Story:
    """One invented entry; `key` keeps a second start from doubling it."""

    key: str
    draft: Draft
    publish: bool = True


def contact_points(today: date) -> dict[str, ContactPointDraft]:
    """Invented contact points by key."""
    stand = today.isoformat()
    return {
        "harz": ContactPointDraft(
            name="Beispiel-Beratungsstelle Harz (Demo)",
            network=SACHSEN_ANHALT,
            kind="counselling",
            districts=["landkreis-harz"],
            topics=["anerkennung", "qualifizierung"],
            languages=["de", "en", "uk", "ru"],
            description=f"Beratung zu Anerkennung und Qualifizierung. {_POINT_NOTE}",
            hours="Di und Do 9–12 Uhr, sonst nach Vereinbarung",
            accessibility="stufenlos erreichbar",
            stand=stand,
        ),
        "betriebe": ContactPointDraft(
            name="Beispiel-Ansprechstelle für Betriebe (Demo)",
            network=SACHSEN_ANHALT,
            kind="company-contact",
            districts=["stadt-magdeburg", "landkreis-boerde", "landkreis-jerichower-land"],
            topics=["fachkraeftesicherung", "arbeitsvermittlung"],
            languages=["de", "en"],
            description=f"Eine Anlaufstelle für alle Fragen der Betriebe. {_POINT_NOTE}",
            hours="Mo bis Fr 8–16 Uhr",
            stand=stand,
        ),
        "sprachmittlung": ContactPointDraft(
            name="Beispiel-Sprachmittlung Halle und Saalekreis (Demo)",
            network=SACHSEN_ANHALT,
            kind="language-mediator",
            districts=["stadt-halle-saale", "saalekreis"],
            topics=["ehrenamt", "soziale-integration"],
            languages=["de", "ar", "fa", "vi"],
            description=f"Ehrenamtliche begleiten zu Ämtern und Betrieben. {_POINT_NOTE}",
            hours="nach Vereinbarung",
            stand=stand,
        ),
    }


def offers(today: date, points: Points) -> tuple[Story, ...]:
    """Invented offers; `points` are the slugs of the contact points by key."""

    def day(distance: int) -> str:
        return (today + timedelta(days=distance)).isoformat()

    return (
        _sprachcafe_pflege(day, points),
        _anerkennung_sprechtag(day),
        _verbundkurs_metall(day, points),
        _mentoring_frauen(day, points),
        _betriebslotsen(day, points),
        _kontaktboerse_dessau(day),
    )


def _sprachcafe_pflege(day: Day, points: Points) -> Story:
    return Story(
        "sprachcafe-pflege",
        Draft(
            title="Sprachcafé Pflege in Halberstadt",
            title_en="Language café for care workers in Halberstadt",
            summary="Deutsch für den Stationsalltag: Übergabe, Dokumentation, Gespräche mit Angehörigen.",
            summary_en="German for everyday work on the ward: handover, records, talking with relatives.",
            description="Einmal in der Woche üben Pflegekräfte, was im Dienst gebraucht wird:\n\n"
            "- Übergabe und Dokumentation\n- Gespräche mit Angehörigen\n- Fachwörter\n\n"
            f"Ein Einstieg ist jederzeit möglich.{_NOTE}",
            description_en="Once a week care workers practise what they need on duty. "
            f"You can join at any time.{_NOTE_EN}",
            kind="course",
            network=SACHSEN_ANHALT,
            contact_point=points["harz"],
            stages=["language", "employment"],
            target_groups=["migrants", "women"],
            topics=["sprachfoerderung", "pflege-gesundheit"],
            districts=["landkreis-harz"],
            languages=["de"],
            language_level_from="B1",
            language_level_to="B2",
            format="on-site",
            weekly_hours=3,
            part_time=True,
            childcare=True,
            accessibility="stufenlos erreichbar",
            costs="kostenfrei",
            funding=["Land"],
            seats=14,
            open_entry=True,
            how_to_join="Anruf oder Mail genügt, am besten eine Woche vorher.",
            access="direct",
            valid_from=day(-20),
            valid_to=day(160),
        ),
    )


def _anerkennung_sprechtag(day: Day) -> Story:
    return Story(
        "anerkennung-sprechtag",
        Draft(
            title="Gemeinsamer Sprechtag Anerkennung in Stendal",
            title_en="Joint advice day on recognition in Stendal",
            summary="Kammern, Arbeitsagentur und Beratung klären an einem Tisch den Weg zur Anerkennung.",
            summary_en="Chambers, employment agency and advisers at one table clear the way to recognition.",
            description="Bitte Zeugnisse und, wenn vorhanden, Übersetzungen mitbringen. "
            f"Sprachmittlung ist auf Wunsch dabei.{_NOTE}",
            kind="service",
            network=SACHSEN_ANHALT,
            stages=["orientation", "recognition"],
            target_groups=["migrants", "refugees", "skilled-workers-abroad"],
            topics=["anerkennung", "qualifizierung"],
            districts=["landkreis-stendal", "altmarkkreis-salzwedel"],
            languages=["de", "en", "ar", "uk"],
            format="on-site",
            costs="kostenfrei",
            open_entry=False,
            how_to_join="Termin über die Beratungsstelle vereinbaren.",
            access="adviser",
            valid_from=day(18),
            valid_to=day(18),
        ),
    )


def _verbundkurs_metall(day: Day, points: Points) -> Story:
    return Story(
        "verbundkurs-metall",
        Draft(
            title="Berufssprachkurs Metall für kleine Betriebe",
            title_en="Vocational German for metal workers in small companies",
            summary="Mehrere Betriebe teilen sich einen Kurs: Deutsch in der Werkstatt, zweimal in der Woche.",
            summary_en="Several companies share one course: German in the workshop, twice a week.",
            description="Der Kurs findet reihum in den Betrieben statt und richtet sich nach den Schichten. "
            f"Betriebe mit einzelnen Beschäftigten können sich anschließen.{_NOTE}",
            kind="course",
            network=SACHSEN_ANHALT,
            contact_point=points["betriebe"],
            stages=["language", "qualification"],
            target_groups=["companies", "migrants", "apprentices"],
            topics=["sprachfoerderung", "handwerk", "laendlicher-raum"],
            districts=["landkreis-boerde", "landkreis-jerichower-land", "stadt-magdeburg"],
            languages=["de"],
            language_level_from="A2",
            language_level_to="B1",
            format="workplace",
            weekly_hours=6,
            part_time=True,
            childcare=False,
            seats=15,
            open_entry=False,
            conditions="Ab zehn Anmeldungen.",
            access="direct",
            valid_from=day(30),
            valid_to=day(120),
        ),
    )


def _mentoring_frauen(day: Day, points: Points) -> Story:
    return Story(
        "mentoring-frauen",
        Draft(
            title="Mentoring für Frauen beim Wiedereinstieg",
            title_en="Mentoring for women going back to work",
            summary="Berufserfahrene Frauen begleiten sechs Monate lang auf dem Weg in Arbeit.",
            summary_en="Experienced women accompany others into work for six months.",
            description=f"Treffen alle zwei Wochen, Zeiten nach Absprache, auch online.{_NOTE}",
            kind="project",
            network=SACHSEN_ANHALT,
            contact_point=points["sprachmittlung"],
            stages=["orientation", "placement"],
            target_groups=["women", "refugees"],
            topics=["frauen", "arbeitsvermittlung", "familie"],
            districts=["stadt-halle-saale", "saalekreis", "burgenlandkreis"],
            languages=["de", "ar", "fa", "en"],
            format="hybrid",
            part_time=True,
            childcare=True,
            costs="kostenfrei",
            seats=20,
            open_entry=True,
            access="direct",
            valid_from=day(-60),
            valid_to=day(300),
        ),
    )


def _betriebslotsen(day: Day, points: Points) -> Story:
    return Story(
        "betriebslotsen",
        Draft(
            title="Betriebslotsen: Ankommen im neuen Team",
            title_en="Workplace guides: settling into a new team",
            summary="Geschulte Kolleginnen und Kollegen helfen neuen Beschäftigten im ersten halben Jahr.",
            summary_en="Trained colleagues help new staff through their first half year.",
            description=f"Zwei Schulungstage, danach Austausch alle acht Wochen.{_NOTE}",
            kind="service",
            network=SACHSEN_ANHALT,
            contact_point=points["betriebe"],
            stages=["employment", "retention"],
            target_groups=["companies"],
            topics=["willkommenskultur", "interkulturelle-oeffnung"],
            districts=["sachsen-anhalt"],
            languages=["de"],
            format="workplace",
            access="direct",
            valid_from=day(10),
        ),
    )


def _kontaktboerse_dessau(day: Day) -> Story:
    return Story(
        "kontaktboerse-dessau",
        Draft(
            title="Kontaktbörse Ausbildung Dessau-Roßlau",
            summary="Betriebe und junge Zugewanderte lernen sich in kurzen Gesprächen kennen.",
            description=f"Noch in Planung: Der Ort steht noch nicht fest.{_NOTE}",
            kind="service",
            network=SACHSEN_ANHALT,
            stages=["placement"],
            target_groups=["apprentices", "companies"],
            topics=["ausbildung", "arbeitsvermittlung"],
            districts=["stadt-dessau-rosslau", "landkreis-wittenberg", "landkreis-anhalt-bitterfeld"],
            valid_from=day(45),
            valid_to=day(45),
        ),
        publish=False,
    )
