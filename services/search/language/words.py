"""Word lists of our own: words that carry no meaning in a query, and building blocks of German compounds.

The building blocks are only those that rarely stand alone; the rest is taken from the content itself (see
`analysis.constituents_of`). English names of places are here because no register of ours has them.
"""

from __future__ import annotations

STOP_WORDS = frozenset(
    """
    aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist da dafür damit
    dann das dass dein deine dem den denn der des dessen die dies diese diesem diesen dieser dieses dir doch dort du
    durch ein eine einem einen einer eines er es etwas euch euer für gegen gibt habe haben hat hatte hier hinter ich
    ihm ihn ihnen ihr ihre ihrem ihren ihrer im in innerhalb ins ist ja jede jedem jeden jeder jedes kann kannst kein
    keine keinen können man mehr mein meine meinem meinen meiner mich mir mit muss müssen nach neben nicht noch nur
    ob oder ohne sehr sein seine seinem seinen seiner sich sie sind so soll sollen sowie über um und uns unser unsere
    unserem unseren unter vom von vor wann war waren warum was wegen weil welche welchem welchen welcher welches wem
    wen wenn wer werden wie wieder will wir wird wo wofür woher wohin worden wurde wurden zu zum zur zwischen
    bekommen finden finde suche suchen brauche brauchen möchte möchten gerne bitte hilfe hilft
    a an and are at by can do does for from get have how i in is it me my need of on or our the there to want we what
    when where which who with you your
    """.split()
)

CONSTITUENTS = (
    """
    abschluss agentur akademie allianz alphabet amt anerkennung angebot ankommen ansprech anwerbung arbeit arbeiter
    arbeitgeber arbeitnehmer arbeits asyl aufenthalt ausbildung ausland auslander austausch azubi begleitung behinderung
    behorde beirat beratung beruf berufs beschaftigung betreuung betrieb bewerber bewerbung bezirk bildung borse
    bruecke bundes bundnis buro center coach coaching computer dach deutsch dienst direktion dolmetscher ehrenamt
    einbürgerung einstieg einwanderung eltern erwachsene existenz fach fachkraft fallmanagement familie flucht
    fluchtling fluechtling fonds forderung forum frauen fuehrung geber gesellschaft gesetz gesundheit grenz grenze
    grundung gruppe handwerk handels haus hochschule industrie information initiative integration jahr job jugend kammer
    karte kinder klasse kompetenz konferenz koordination kraft kranken kreis kultur kurs land landes lehrgang
    leistung leitfaden lern lotse management markt maßnahme medizin mentor messe migranten migration mitglied
    mittel mobilitat moderation monitor nachweis netz netzwerk offensive orientierung partner paten personal pflege
    plan portal praktikum prämie prämien preis programm projekt prozess prufung punkt rahmen rat raum rechner recht
    region richtlinie schul schule schulung selbststandig selbst service sozial sprach sprache staat stadt stand stelle
    stellen steckbrief strategie strategien studien studium system tag tandem team telefon termin trager treff treffen
    umschulung unternehmen unterricht unterstutzung verband verbund verein vereinbarung verfahren verlag vermittlung
    vertrag verwaltung volk volks vorbereitung vorhaben wanderung weg weiterbildung welcome werber werbung werk willkommen
    willkommens wirtschaft wissenschaft wohnung woche zahl zeit zentrale zentrum zertifikat zeugnis ziel zoll zuschuss
    zuwanderung
    """.split()
)

PLACE_NAMES_IN_ENGLISH = {
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
    "germany": "deutschland",
}
