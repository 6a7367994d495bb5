"""The conversations of the demo: invented people on everyday practice, never on a real organisation's views."""

from __future__ import annotations

from dataclasses import dataclass

MEMBER = "mitglied@example.org"
COORDINATOR = "koordination@example.org"
SECOND_COORDINATOR = "koordination2@example.org"
EDITOR = "redaktion@example.org"
MODERATOR = "moderation@example.org"
NOTE = "\n\n*Beispiel aus der Demo: erfundene Personen, keine echte Anfrage.*"


@dataclass(frozen=True)
class DemoPost:
    """A post by a demo account (e-mail), so many days ago at an hour of the day; `answers` is another's number."""

    author: str
    days_ago: int
    hour: float
    body: str
    answers: int = 0


@dataclass(frozen=True)
class DemoThread:
    """A topic in the space of a network (slug); the slug keeps a second seeding from doubling it."""

    network: str
    slug: str
    title: str
    posts: tuple[DemoPost, ...]
    pinned: bool = False


THREADS = (
    DemoThread(
        "iq-landesnetzwerk-sachsen-anhalt",
        "demo-willkommen",
        "Willkommen im Bereich des Netzwerks: So nutzen wir ihn",
        (
            DemoPost(
                COORDINATOR,
                14,
                13.2,
                "Hier besprechen wir, was in der Beratung ansteht: Termine, freie Plätze, Fragen zu Abläufen.\n\n"
                "- Ein Thema je Frage, mit einem Titel, den andere wiederfinden\n"
                "- Keine Namen und keine Einzelheiten, an denen man Ratsuchende erkennt\n"
                "- Zu jedem veröffentlichten Angebot gibt es hier von selbst ein Thema",
            ),
            DemoPost(MODERATOR, 13, 10.75, "Wenn etwas schiefgeht, einfach hier melden. Ich schaue täglich vorbei."),
        ),
        pinned=True,
    ),
    DemoThread(
        "iq-landesnetzwerk-sachsen-anhalt",
        "demo-sprachkurs-kinderbetreuung",
        "Sprachkurs am Vormittag mit Kinderbetreuung: Wie organisiert ihr das?",
        (
            DemoPost(
                MEMBER,
                6,
                10.75,
                "Bei uns brechen vor allem Mütter den Kurs ab, sobald die Betreuung ausfällt. Der nächste "
                "Kurs beginnt in vier Wochen.\n\n"
                "Wer hat das schon einmal **im selben Gebäude** gelöst? Worauf muss man achten?",
            ),
            DemoPost(
                COORDINATOR,
                5,
                9.5,
                "Drei Dinge, die uns geholfen haben:\n\n"
                "1. Raum und Aufsicht zusammen mit dem Kurs planen, nicht danach\n"
                "2. Die Bringzeit eine Viertelstunde vor Kursbeginn legen\n"
                "3. Eine Vertretung benennen, bevor sie gebraucht wird",
                answers=1,
            ),
            DemoPost(MEMBER, 5, 10.75, "Die Bringzeit ist ein guter Hinweis, danke. Das probieren wir.", answers=2),
            DemoPost(
                EDITOR,
                2,
                10.75,
                "Wenn der Kurs läuft: Mögt ihr in ein paar Sätzen aufschreiben, was geklappt hat? Das passt gut in die "
                "nächste Ausgabe des Newsletters.",
            ),
        ),
    ),
    DemoThread(
        "iq-landesnetzwerk-sachsen-anhalt",
        "demo-checkliste-anerkennung",
        "Checkliste für das erste Gespräch zur Anerkennung",
        (
            DemoPost(
                COORDINATOR,
                3,
                9.5,
                "Ich sammle, welche Unterlagen beim ersten Gespräch oft fehlen. Mein Anfang:\n\n"
                "| Unterlage | häufiges Problem |\n| --- | --- |\n| Abschlusszeugnis | nur als Foto |\n"
                "| Lebenslauf | Zeiten fehlen |\n| Übersetzung | nicht beglaubigt |\n\nWas fehlt in der Liste?",
            ),
            DemoPost(
                MEMBER,
                2,
                8.25,
                "Nachweise über Berufserfahrung. Viele wissen nicht, dass auch ein formloses Schreiben hilft.",
                answers=1,
            ),
            DemoPost(
                COORDINATOR, 1, 14.4, "Nehme ich auf. Die fertige Liste stelle ich nächste Woche hier ein.", answers=2
            ),
        ),
    ),
    DemoThread(
        "iq-landesnetzwerk-sachsen",
        "demo-termin-austausch",
        "Austausch der Beratungsstellen: Welcher Termin passt?",
        (
            DemoPost(
                SECOND_COORDINATOR,
                4,
                13.2,
                "Wir planen einen gemeinsamen Vormittag zum Erfahrungsaustausch, vor Ort oder online.\n\n"
                "Bitte schreibt, welche **Wochentage** bei euch gar nicht gehen.",
            ),
            DemoPost(MEMBER, 3, 10.75, "Montags ist bei uns offene Sprechstunde, sonst geht alles.", answers=1),
            DemoPost(COORDINATOR, 1, 14.4, "Dürfen Nachbarn zuhören? Dann am liebsten online und nicht freitags."),
            DemoPost(SECOND_COORDINATOR, 1, 15.7, "Gern. Ich schlage einen Mittwoch vor und trage ihn ein.", answers=3),
        ),
    ),
    DemoThread(
        "netzwerk-willkommenskultur-fachkraeftegewinnung",
        "demo-betriebe-erster-tag",
        "Der erste Arbeitstag: Was Betriebe vorbereiten können",
        (
            DemoPost(
                MEMBER,
                8,
                9.5,
                "Ein Betrieb aus der Region fragt nach einer kurzen Liste für den ersten Arbeitstag neuer Kolleginnen "
                "und Kollegen aus dem Ausland. Habt ihr so etwas, am besten auf einer Seite?",
            ),
            DemoPost(
                EDITOR,
                7,
                8.25,
                "Aus früheren Gesprächen mit Betrieben:\n\n- eine feste Ansprechperson für die ersten Wochen\n"
                "- Sicherheitsunterweisung in einfacher Sprache\n- Arbeitskleidung und Zugänge schon vorher klären",
                answers=1,
            ),
            DemoPost(MEMBER, 7, 9.5, "Genau das. Ich gebe es weiter und berichte.", answers=2),
        ),
    ),
    DemoThread(
        "ag-integration-in-den-arbeitsmarkt",
        "demo-begriffe-einfache-sprache",
        "Begriffe in einfacher Sprache: gemeinsame Sammlung",
        (
            DemoPost(
                EDITOR,
                10,
                8.25,
                "Viele Wörter aus unserer Arbeit versteht außerhalb niemand. Ich sammle kurze Erklärungen.\n\n"
                "> **Teilqualifizierung:** Man lernt einen Teil eines Berufs und bekommt dafür ein Zeugnis.\n\n"
                "Welche Wörter erklärt ihr jede Woche?",
            ),
            DemoPost(MEMBER, 9, 14.4, "„Bescheid“ – und dass man ihn aufheben muss.", answers=1),
            DemoPost(MODERATOR, 8, 13.2, "„Widerspruchsfrist“. Am besten gleich mit einem Beispiel mit Datum."),
        ),
    ),
)
