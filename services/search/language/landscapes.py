"""What people call parts of Germany that are no region of the register, and words that are a place only at times.

Landscapes are rough circles, good enough to tell which districts somebody has in mind. The words are names of places
that a German or English sentence uses for something else; they count as a place only where the query says so.
"""

from __future__ import annotations

from services.search.domain import Circle, Point


def _circle(lat: float, lon: float, km: float) -> Circle:
    return Circle(Point(lat, lon), km)


LANDSCAPES = {
    "Allgäu": _circle(47.7, 10.3, 35),
    "Altmark": _circle(52.7, 11.6, 35),
    "Bayerischer Wald": _circle(48.95, 13.1, 40),
    "Bergisches Land": _circle(51.05, 7.3, 30),
    "Bodensee": _circle(47.65, 9.3, 30),
    "Eifel": _circle(50.25, 6.65, 35),
    "Emsland": _circle(52.75, 7.4, 35),
    "Fläming": _circle(52.0, 12.8, 30),
    "Franken": _circle(49.7, 10.7, 75),
    "Havelland": _circle(52.55, 12.7, 30),
    "Hunsrück": _circle(49.9, 7.3, 30),
    "Lausitz": _circle(51.5, 14.4, 40),
    "Lüneburger Heide": _circle(53.05, 10.1, 40),
    "Münsterland": _circle(51.95, 7.5, 40),
    "Niederlausitz": _circle(51.75, 14.1, 30),
    "Niederrhein": _circle(51.55, 6.4, 30),
    "Oberlausitz": _circle(51.15, 14.6, 30),
    "Oberpfalz": _circle(49.35, 12.1, 45),
    "Odenwald": _circle(49.6, 8.95, 25),
    "Ostfriesland": _circle(53.4, 7.5, 30),
    "Ostwestfalen": _circle(52.0, 8.7, 40),
    "Pfalz": _circle(49.35, 8.0, 40),
    "Prignitz": _circle(53.1, 12.0, 30),
    "Rhein-Main-Gebiet": _circle(50.1, 8.6, 35),
    "Rheinhessen": _circle(49.85, 8.15, 20),
    "Rhein-Neckar": _circle(49.45, 8.6, 25),
    "Rhön": _circle(50.5, 10.0, 25),
    "Ruhrgebiet": _circle(51.5, 7.1, 30),
    "Rügen": _circle(54.4, 13.4, 20),
    "Sauerland": _circle(51.25, 8.1, 35),
    "Schwäbische Alb": _circle(48.4, 9.4, 40),
    "Schwarzwald": _circle(48.3, 8.2, 55),
    "Siegerland": _circle(50.9, 8.0, 15),
    "Spreewald": _circle(51.9, 13.9, 25),
    "Taunus": _circle(50.25, 8.4, 25),
    "Thüringer Wald": _circle(50.65, 10.75, 30),
    "Uckermark": _circle(53.2, 13.8, 30),
    "Usedom": _circle(53.95, 14.0, 15),
    "Vogtland": _circle(50.5, 12.15, 25),
    "Vorpommern": _circle(54.0, 13.3, 45),
    "Westerwald": _circle(50.6, 7.8, 25),
    "Black Forest": _circle(48.3, 8.2, 55),
    "Lake Constance": _circle(47.65, 9.3, 30),
    "Franconia": _circle(49.7, 10.7, 75),
    "Palatinate": _circle(49.35, 8.0, 40),
}

_ORDINARY = """
achim acht ahorn alf alpen alt anger appel au aue auen aura ausleben baar bach bahren bann bark basedow bengel benz
berg berge bergen bescheid besitz betten beutel bias biere binde bingen binnen birx blender bmw boden bogen boren born
borne borsten brake brand brechen brecht breit bremm brest bruch bruck brucken brunnen buch buchen bucken buhne bunde
burg buste butteln butzen castell damm damme damp datteln demen deutsch dicke dickel dill dingen dolle dorf dorfen
dorst drage dreis drogen dummer ecke egg ehr eich eiche eichen eime einig elbe elend enge engeln enger enzen erden
ering ernst esch esche essel essen fahren feld felde fell felle feucht filz fisch fischen flacht flecken flieden floss
forst forsten frechen frist fussen gallin geldern gering gersten gesees geyer gingen glatten gleichen gonna gottin
gotz graben grafschaft grana grande groden gross grove grub grube haag haar hage hagen hahn hain halbe halle hammer
harra hart hasel haste hatten hausen hausern hayn hecken heere heide heiden heist helle helse herbert herl hille hinte
hirten hof hofer hohn hohne holle hollen holm holt holzen horn horst hude hutte hutten igel insel insul jade jucken
kade kaden kahl kail kall kalt kamen kamin kandel kappe karin karl kausen kehl kenn kernen kirchen kissing kist
klausen klein klink kloster kluse kogel kollmar kommen kopp korb korner kotzen krempe krempel kuchen kuhlen kummer
kusten laage laar lachen lage lahn lam langen lanz lanze lauben lauf laufen lauter leck lederhose leese lehe lehmen
lehre lehrte leisten lengen lich lichte lieg lind linda linden lindern list loben lohne longen loop loose lotte luder
lug lutheran macken magdala malz mandel mantel march mark marke markt maschen massen massing mauer mauern mehren
mehring meine melle menden mengen merzen messel metten metzen milz missen mittel moos moritz motten motzen much mucke
mucken muden munster murr mussen nack nagel nahe nebel neu neuhaus neuhof nister norden nutzen obing ohne olm osten
otter otting owen painten panten peine perl petting philadelphia picher plate platten plech pohl pohle polle polling
polz pouch pracht preist prem puls queis rabel raben rade rain raubach rauen rech recke reder rees regen rehe reher
reich reil reisen reit ried riegel rieste ringe ritter roden rohr rom rosa rosenberg rot roth rott ruber ruck rude
ruhe ruhen runkel rust saal salem salz sand sande sanne sassen sayda schauen scheer schieren schlangen schlat schleid
schleife schlier schlitz schmelz schmitt scholen schonheit schotten schuld schutz schwall schwarz schwarzen seck
seelen seifen senden senst sergen seth severin siegen sien singen sinn sitters sommerloch sonnen soren sorge spall
spalt spay speicher springe staats stade stadt stadtland staig stegen stein steinen stelle stemmen stiege stolk
strande struth stucken stuer sudlohn sussen tann tanna tanne tauche tauer tespe thale theres tiefe titz train treben
trent treuen triebes twist ubersee uder ulmen unkel usch vahl valley verden verl vierden viereck vogt vorwerk waal
wahns wain wald walden wallen wang wangen wanna wanzer warder waren wehr weiden weil weiler weisel weisen welle wellen
wellheim welt wenden wenze werben werder wespen weste wetter wied wieden wiek wiesen wiesent winden winkel winzer
wirft wisch wissen witten wolde wolken worms worth wrist wunsch wust zandt zdf zell zelle zimmern zinna zwinge
"""
_BEFORE = """
in bei aus nahe near around from
"""
_AROUND = """
nahe umgebung umkreis raum region gegend near around nearby close vicinity plz postleitzahl zip
"""
ORDINARY = frozenset(_ORDINARY.split())
BEFORE_PLACES = frozenset(_BEFORE.split())
AROUND_PLACES = frozenset(_AROUND.split())
