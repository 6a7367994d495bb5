"""Words that are spelt well although nothing in the index may have them: they are never taken for another word.

Without this, whoever comes from India is understood to be in Inden near Düren, and who looks for a marriage is asked
whether home was meant. Countries in German and English, and what people in a new country ask an adviser about.
"""

from __future__ import annotations

from services.search.language.analysis import Word, fold
from services.search.language.landscapes import ORDINARY
from services.search.language.lexicon import allowed_edits

_COUNTRIES = """
Afghanistan Ägypten Albanien Algerien Andorra Angola Argentinien Armenien Aserbaidschan Äthiopien Australien Bahrain
Bangladesch Belarus Belgien Benin Bhutan Bolivien Bosnien Botswana Brasilien Bulgarien Burundi Chile China Dänemark
Ecuador Eritrea Estland Europa Finnland Frankreich Gabun Gambia Georgien Ghana Griechenland Großbritannien Guatemala
Guinea Haiti Herzegowina Honduras Indien Indonesien Irak Iran Irland Island Israel Italien Jamaika Japan Jemen
Jordanien Jugoslawien Kambodscha Kamerun Kanada Kasachstan Katar Kenia Kirgisistan Kolumbien Kongo Korea Kosovo
Kroatien Kuba Kuwait Lettland Libanon Liberia Libyen Litauen Luxemburg Madagaskar Malawi Malaysia Mali Malta Marokko
Mauretanien Mauritius Mazedonien Mexiko Moldau Moldawien Mongolei Montenegro Mosambik Myanmar Namibia Nepal Neuseeland
Nicaragua Niederlande Niger Nigeria Nordmazedonien Norwegen Oman Österreich Pakistan Palästina Panama Paraguay Peru
Philippinen Polen Portugal Ruanda Rumänien Russland Sambia Schweden Schweiz Senegal Serbien Simbabwe Singapur Slowakei
Slowenien Somalia Spanien Sudan Südafrika Südsudan Suriname Syrien Tadschikistan Taiwan Tansania Thailand Togo Tschad
Tschechien Tunesien Türkei Turkmenistan Uganda Ukraine Ungarn Uruguay Usbekistan Venezuela Vietnam Weißrussland Zypern
Afrika Amerika Asien Balkan
Africa Albania Algeria America Argentina Armenia Asia Australia Austria Azerbaijan Bangladesh Belgium Bolivia Bosnia
Brazil Britain Bulgaria Cambodia Cameroon Canada Colombia Croatia Cuba Cyprus Czechia Denmark Egypt England Estonia
Ethiopia Europe Finland France Georgia Greece Hungary Iceland India Indonesia Iraq Ireland Italy Jordan Kazakhstan
Kenya Kyrgyzstan Latvia Lebanon Libya Lithuania Luxembourg Macedonia Madagascar Mauritania Mexico Moldova Mongolia
Morocco Mozambique Netherlands Norway Palestine Philippines Poland Romania Russia Rwanda Scotland Serbia Singapore
Slovakia Slovenia Spain Sweden Switzerland Syria Tajikistan Tanzania Tunisia Turkey Uzbekistan Yemen Zambia Zimbabwe
"""
_ASKED_ABOUT = """
Abtreibung Adoption Anwalt Apotheke Arztpraxis Auto Autismus Bafög Bank Behinderung Bäcker Beerdigung Bibliothek
Bürgergeld Eheschließung Einbürgerung Elektriker Elterngeld Energie Erbschaft Erzieher Erzieherin Fahrer Fahrrad
Friseur Friseurin Führerschein Geburt Geburtsurkunde Gericht Geschenk Gewalt Gottesdienst Grundsicherung Hausarzt
Hebamme Heirat heiraten Heizung Impfung Internet Kaufmann Kauffrau Kellner Kellnerin Kindergarten Kindergeld Kirche
Konto Krankheit Kredit Kündigung Küche Lagerist Lehrer Lehrerin Maler Maurer Mechaniker Metzger Miete Mieter
Mietvertrag Möbel Moschee Müll Mutterschutz Optiker Pension Pfand Polizei Psychologe Rechtsanwalt Reinigung Reise
reisen Rente Scheidung Schlosser Schulden Schwangerschaft Schweißer Sozialhilfe Spende Sport Staplerfahrer Steuer
Steuern Steuererklärung Steuerberater Strom Therapie Tischler Trauma Trennung umschreiben Umschreibung Umzug Unfall
Urlaub Verkäufer Verkäuferin Versicherung Vormund Waschmaschine Wohngeld Zahnarzt Zahnärztin Zoll accident account
adoption baker bank birth church citizenship cleaner cleaning cook dentist disability divorce driver electrician flat
furniture furnished hairdresser illness insurance kindergarten landlord lawyer marriage married mechanic midwife
moving painter passport pension plumber police pregnancy rent salesman tax taxes therapy trauma violence waiter
waitress wedding welder welding
"""
WELL_SPELT = ORDINARY | frozenset(map(fold, (_COUNTRIES + _ASKED_ABOUT).split()))


def may_be_misspelt(word: Word) -> bool:
    """Whether a word that nobody has written may be another one: not a short one, and none that is known."""
    return bool(allowed_edits(word.folded)) and word.folded not in WELL_SPELT
