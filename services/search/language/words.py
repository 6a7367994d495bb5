"""Word lists of our own: words that carry no meaning in a query, and building blocks of German compounds.

The building blocks are only those that rarely stand alone; the rest is taken from the content itself (see
`constituents.constituents_of`). English and everyday names of places are here because no register of ours has them.
"""

from __future__ import annotations

from infra.contracts.contacts import Term

_STOP_WORDS = """
a aber about alle allem allen aller alles als also am an and andere anderen are at auch auf aus bald bei beim bekomme
bekommen bekommt bin bis bist bitte brauche brauchen braucht by can could da dafür damit dann darf darum das dass
davon dazu dein deine dem den denn der des dessen die dies diese diesem diesen dieser dieses dir do doch does dort du
durch dürfen ein eine einem einen einer eines er es etwas euch euer finde finden for from für gegen gehe gehen geht
gerne get gibt habe haben hat hatte have helfe helfen heute hier hilfe hilft hinter how i ich ihm ihn ihnen ihr ihre
ihrem ihren ihrer im in innerhalb ins is ist it ja jede jedem jeden jeder jedes jemand jetzt kann kannst kein keine
keinen kriege kriegen können könnte könnten lasse lassen looking lässt mache machen macht man me mehr mein meine
meinem meinen meiner mich mir mit muss my möchte möchten müssen nach neben need nicht noch nur ob oder of ohne on or
our please schon sehr sein seine seinem seinen seiner should sich sie sind so soll sollen sowie suche suchen sucht the
there to um und uns unser unsere unserem unseren unter viel viele vom von vor wann want war waren warum was we wegen
weil welche welchem welchen welcher welches wem wen wenn wer werden what when where which who wie wieder will wir wird
with wo wofür woher wohin worden worum worüber would wurde wurden würde würden you your zu zum zur zwischen über
"""
_CONSTITUENTS = """
abschluss agentur akademie allianz alphabet amt anerkennung angebot ankommen ansprech anwerbung arbeit arbeiter
arbeitgeber arbeitnehmer arbeits asyl aufenthalt ausbildung ausland auslander austausch azubi begleitung behinderung
behorde beirat beratung beruf berufs beschaftigung betreuung betrieb bewerber bewerbung bezirk bildung borse bruecke
bundes bundnis buro center coach coaching computer dach deutsch dienst direktion dolmetscher ehrenamt einbürgerung
einstieg einwanderung eltern erwachsene existenz fach fachkraft fallmanagement familie flucht fluchtling fluechtling
fonds forderung forum frauen fuehrung geber gesellschaft gesetz gesundheit grenz grenze grundung gruppe handels
handwerk haus hochschule industrie information initiative integration jahr job jugend kammer karte kinder klasse
kompetenz konferenz koordination kraft kranken kreis kultur kurs land landes lehrgang leistung leitfaden lern lotse
management markt maßnahme medizin mentor messe migranten migration mitglied mittel mobilitat moderation monitor
nachweis netz netzwerk offensive orientierung partner paten personal pflege plan portal praktikum preis programm
projekt prozess prufung prämie prämien punkt rahmen rat raum rechner recht region richtlinie schul schule schulung
selbst selbststandig service sozial sprach sprache staat stadt stand steckbrief stelle stellen strategie strategien
studien studium system tag tandem team telefon termin trager treff treffen umschulung unternehmen unterricht
unterstutzung verband verbund verein vereinbarung verfahren verlag vermittlung vertrag verwaltung volk volks
vorbereitung vorhaben wanderung weg weiterbildung welcome werber werbung werk willkommen willkommens wirtschaft
wissenschaft woche wohnung zahl zeit zentrale zentrum zertifikat zeugnis ziel zoll zuschuss zuwanderung
"""
_SLIGHT_PARTS = """
ab anti auf aus bei durch ein fern gegen gesamt gross haupt klein kurz lang mehr mit nach neben nicht ober ohne ruck
schnell schwer selbst teil uber um unter voll von vor weiter wieder zu zusatz zwischen
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
SLIGHT_PARTS = frozenset(_SLIGHT_PARTS.split())  # begin a compound and say nothing alone: Schwerbehinderung
UNDIVIDED = frozenset({"niedersachsen"})  # not a part of Sachsen
CONSTITUENTS = tuple(_CONSTITUENTS.split())

OTHER_PLACE_NAMES = {
    "bavaria": "bayern",
    "brunswick": "stadt-braunschweig",
    "cologne": "stadt-koeln",
    "hesse": "hessen",
    "lower saxony": "niedersachsen",
    "mecklenburg western pomerania": "mecklenburg-vorpommern",
    "munich": "stadt-muenchen",
    "north rhine westphalia": "nordrhein-westfalen",
    "nuremberg": "stadt-nuernberg",
    "rhineland palatinate": "rheinland-pfalz",
    "saxony": "sachsen",
    "saxony anhalt": "sachsen-anhalt",
    "thuringia": "thueringen",
    "bawü": "baden-wuerttemberg",
    "ba-wü": "baden-wuerttemberg",
    "meckpomm": "mecklenburg-vorpommern",
    "germany": "deutschland",
}

# The kinds of articles, which no vocabulary of contacts names; a project is called so among the kinds of offers.
ARTICLE_KINDS = (
    Term("success-story", "Erfolgsgeschichte", "Success story", ["Praxisbeispiel", "Beispiel aus der Praxis"]),
    Term("handout", "Handreichung", "Handout", ["Leitfaden", "Arbeitshilfe", "Broschüre"]),
    Term("literature", "Literatur", "Literature", ["Lesetipp", "Veröffentlichung"]),
    Term("figure", "Aktuelle Zahl", "Figure of the quarter", ["Zahl des Quartals"]),
    Term("legislation", "Gesetzesänderung", "Change of law", ["Rechtsänderung", "Gesetzesänderungen"]),
    Term("topic-page", "Themenseite", "Topic page", []),
)
