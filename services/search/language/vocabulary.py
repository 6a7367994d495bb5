"""Words of the field in other words: everyday German for the German of authorities, and English for German content.

Labels and synonyms of the vocabularies that contacts tells come on top; here is what a person says who does not know
them. Each entry leads from what is typed to what may stand in the content, never back.
"""

from __future__ import annotations

_EVERYDAY = """
Afghane: afghanisch, Afghanistan | Amt: Behörde | anerkennen lassen: Anerkennung | Angehörige: Familie
anrufen: Hotline, Telefon | Antidiskriminierung: Diskriminierung, Vielfalt | anwerben: Anwerbung
Approbation: Anerkennung, Ärzte | Arbeit finden: Arbeitsvermittlung | Arbeit suchen: Arbeitsvermittlung
Arbeitgeberin: Unternehmen | Arbeitnehmer: Beschäftigte | Arbeitnehmerin: Beschäftigte
Arbeitsausbeutung: Arbeitsbedingungen | Arbeitserlaubnis: Beschäftigungserlaubnis, Aufenthaltstitel
Arbeitsgenehmigung: Beschäftigungserlaubnis, Aufenthaltstitel | Arbeitskraft: Fachkräfte | arbeitslos: Arbeitsuchende
Arbeitsplatz: Stelle | Arbeitsvisum: Visum | Aufenthaltserlaubnis: Aufenthaltstitel
Aufenthaltsgenehmigung: Aufenthaltstitel | Ausbeutung: Arbeitsbedingungen | Ausbildungsduldung: Duldung
auswandern: Einwanderung | Ausweis: Aufenthaltstitel | Azubi: Auszubildende | Bauarbeiter: Bauhandwerk
beibringen: Schulung | beraten: Beratung | Berater: Beratung | Berufsabschluss: Anerkennung
Berufseinstieg: Übergang in den Beruf | Berufserfahrung: Kompetenzfeststellung | Berufsschule: Ausbildung
Beschäftigungsduldung: Duldung | Bewerbung: Arbeitsvermittlung | Blaue Karte: Aufenthaltstitel
bleiben dürfen: Aufenthalt | Blue Card: Aufenthaltstitel | Chancenkarte: Aufenthaltstitel | Chef: Arbeitgeber
Chinese: chinesisch, China | Defizitbescheid: Anerkennung | Deutsch lernen: Sprachkurs | Deutschunterricht: Sprachkurs
Diplom: Abschluss | Diskriminierung: Vielfalt | Dolmetscher: Sprachmittlung | Ehrenamtler: Ehrenamt
einstellen: Einstellung | einwandern: Einwanderung | Eltern: Familie | fehlen: Mangel, Bedarf
Firma: Unternehmen, Betrieb | Franzose: französisch, Frankreich | freiwillig: Ehrenamt | fördern: Förderung
Gehalt: Lohn | Geld: Förderung, Zuschuss | Gemeinde: Kommune | Gewerbe: Unternehmen | Grenze: grenzüberschreitend
Grieche: griechisch, Griechenland | gründen: Gründung, Existenzgründung | Gründer: Existenzgründung
Handwerker: Handwerk | Heimat: Herkunftsland | Helfer: Ehrenamt | herziehen: Zuzug | Inder: indisch, Indien
Informatiker: IT | Ingenieur: MINT | Integrationskurs: Sprachkurs | Iraker: irakisch, Irak | Iraner: iranisch, Iran
Italiener: italienisch, Italien | Job: Arbeit, Stelle | Job finden: Arbeitsvermittlung | junge Leute: Jugendliche
Kinder: Familie | Kita: Kinderbetreuung | Klinik: Krankenhaus | Kollege: Beschäftigte | Kosten: Zuschuss
kostet: Kosten | Krankenpfleger: Pflege | Krankenschwester: Pflege | Lehrgang: Qualifizierung | Lehrling: Ausbildung
Lehrstelle: Ausbildung | lernen: Qualifizierung | Leute: Fachkräfte | Lohn: Arbeitsbedingungen | Mangel: Bedarf
Mexikaner: mexikanisch, Mexiko | Mindestlohn: Lohn | Mitarbeiter: Beschäftigte, Fachkräfte
Mitarbeiter finden: Personalgewinnung | Mitarbeiter suchen: Personalgewinnung | Mutter: Familie
Nachqualifizierung: Qualifizierung | Nachwuchs: Auszubildende | Niederlassungserlaubnis: Aufenthaltstitel
Papiere: Aufenthaltstitel | Pate: Mentor | Personal: Fachkräfte | Personal finden: Personalgewinnung
Personal suchen: Personalgewinnung | Pflegeheim: Altenpflege | pflegen: Pflege | Pfleger: Pflege | Pflegerin: Pflege
Pole: polnisch, Polen | Portugiese: portugiesisch, Portugal | Praktikant: Praktikum | Quereinstieg: Qualifizierung
Rassismus: Diskriminierung, Vielfalt | Rumäne: rumänisch, Rumänien | Russe: russisch, Russland | Rückkehrer: Zuzug
Schulabgänger: Übergang Schule-Beruf | Schüler: Jugendliche | selbstständig: Existenzgründung
selbständig: Existenzgründung | sich selbständig machen: Existenzgründung | Spanier: spanisch, Spanien
Sprache: Sprachförderung | Sprachkenntnisse: Sprachförderung | Sprachunterricht: Sprachkurs
Stelle finden: Arbeitsvermittlung | Student: Studierende | Studentin: Studierende | studieren: Studium
Syrer: syrisch, Syrien | Teilqualifizierung: Qualifizierung | Telefon: Hotline | Tochter: Familie
Tscheche: tschechisch, Tschechien | Türke: türkisch, Türkei | Ukrainer: ukrainisch, Ukraine | Umschulung: Qualifizierung
Unternehmer: Unternehmen, Existenzgründung | unterschreiben: Unterzeichnung | Unterschrift: Unterzeichnung
Verdienst: Lohn | vermitteln: Vermittlung | Vertrag: Vereinbarung | Verwandte: Familie
Vietnamese: vietnamesisch, Vietnam | Vorstellungsgespräch: Arbeitsvermittlung | Werkstatt: Handwerk | Wohnung: Wohnen
Zahlen: Statistik, Monitoring | Zeugnis: Anerkennung, Abschluss | ziehen nach: Zuzug | zugezogen: Zugewanderte
zuziehen: Zuzug | Ärztin: Arzt | Übergang Schule Beruf: Ausbildung | Übersetzer: Sprachmittlung
"""
_ENGLISH = """
abroad: Ausland | advice: Beratung | advisory board: Beirat | agency: Agentur | agreement: Vereinbarung
alliance: Bündnis, Allianz | application: Bewerbung, Antrag | apply: Antrag | apprentice: Auszubildende
apprenticeship: Ausbildung | approval: Anerkennung | arrival: Ankommen | arriving: Ankommen
association: Verband, Verein | asylum: Asyl | asylum seeker: Asylsuchende | authority: Behörde
blue card: Aufenthaltstitel | border: Grenze, grenzüberschreitend | business: Unternehmen, Wirtschaft
campaign: Kampagne | care: Pflege | career: Beruf | carer: Pflegekraft | certificate: Zertifikat, Zeugnis
chamber: Kammer | chamber of commerce: Industrie- und Handelskammer | chamber of crafts: Handwerkskammer | child: Kinder
childcare: Kinderbetreuung | children: Kinder | city: Stadt | class: Kurs | company: Unternehmen, Betrieb
construction: Bau | consulting: Beratung | contact: Ansprechpartner | contact person: Ansprechpartner
contact point: Anlaufstelle | cost: Kosten | council: Rat | counseling: Beratung | counselling: Beratung
counsellor: Beratung | country: Land | course: Kurs | craft: Handwerk | cross-border: grenzüberschreitend | data: Daten
deadline: Frist | degree: Abschluss | demographic: Demografie | diploma: Diplom, Abschluss
discrimination: Diskriminierung, Vielfalt | district: Landkreis | diversity: Vielfalt | doctor: Arzt
driving licence: Führerschein | education: Bildung | elderly care: Altenpflege | employee: Beschäftigte
employer: Arbeitgeber | employment: Beschäftigung | employment agency: Arbeitsagentur | engineer: Ingenieur
enterprise: Unternehmen | entrepreneur: Existenzgründung | entry: Einreise | event: Veranstaltung
experience: Erfahrung | exploitation: Arbeitsbedingungen | fair: Messe | fair pay: faire Arbeit | family: Familie
family reunification: Familiennachzug | fast-track: beschleunigtes Verfahren | federal: Bund | fee: Kosten
find a job: Arbeitsvermittlung | find work: Arbeitsvermittlung | foreign: ausländisch, Ausland | foreigner: Ausländer
foreigners authority: Ausländerbehörde | founder: Gründer | funding: Förderung | german: Deutsch
german class: Deutschkurs | german course: Deutschkurs | government: Landesregierung | graduate: Hochschulabsolventen
grant: Zuschuss | guide: Leitfaden | health: Gesundheit | healthcare: Gesundheit | highly skilled: Fachkräfte
hire: Einstellung | hiring: Personalgewinnung | hospital: Krankenhaus | housing: Wohnen
immigrant: Zugewanderte, Migranten | immigration: Einwanderung, Zuwanderung | immigration act: Einwanderungsgesetz
immigration law: Einwanderungsgesetz | immigration office: Ausländerbehörde | integration course: Integrationskurs
intercultural: interkulturell | internship: Praktikum | interpreter: Dolmetscher, Sprachmittlung | job: Arbeit, Stelle
job center: Jobcenter | job centre: Jobcenter | job fair: Jobmesse | job portal: Jobportal
job search: Arbeitsvermittlung | joint: gemeinsam | labor: Arbeit | labor market: Arbeitsmarkt | labour: Arbeit
labour market: Arbeitsmarkt | labour shortage: Fachkräftemangel | language: Sprache | language class: Sprachkurs
language course: Sprachkurs | law: Gesetz | learn: lernen | learn german: Deutsch lernen
learning german: Deutsch lernen | legal advice: Rechtsberatung | licence: Erlaubnis | life: Leben | living: Leben
map: Karte | medical: Gesundheit | meeting: Treffen | mentor: Mentor | migrant: Migranten, Zugewanderte
migration: Migration | minimum wage: Lohn | ministry: Ministerium | money: Förderung | municipality: Kommune
network: Netzwerk | newcomer: Neuzugewanderte | nurse: Pflegekraft, Pflege | nursing: Pflege | nursing home: Altenpflege
occupation: Beruf | offer: Angebot | office: Büro, Amt | opportunity card: Aufenthaltstitel | overseas: Ausland
parents: Eltern | partnership: Partnerschaft | pay: Lohn | permit: Erlaubnis | phone: Telefon | physician: Arzt
profession: Beruf | professional: beruflich, Fachkräfte | professional recognition: Berufsanerkennung
program: Programm | programme: Programm | project: Projekt | qualification: Qualifizierung, Abschluss
racism: Diskriminierung, Vielfalt | recognise: Anerkennung | recognised: Anerkennung | recognition: Anerkennung
recognize: Anerkennung | recruit: Anwerbung | recruiting: Anwerbung | recruitment: Anwerbung, Personalgewinnung
refugee: Geflüchtete | report: Bericht | research: Forschung | researcher: Forschende | residence: Aufenthalt
residence permit: Aufenthaltstitel | retraining: Umschulung | rights: Recht | rural: ländlich | salary: Lohn
school: Schule | scientist: Wissenschaft | self-employed: Existenzgründung | settle: Ankommen
settlement permit: Aufenthaltstitel | settling in: Ankommen | shortage: Mangel | skill: Kompetenz | skilled: Fachkräfte
skilled worker: Fachkräfte | skills shortage: Fachkräftemangel | small business: kleine und mittlere Unternehmen
social work: Sozialarbeit | spouse: Familie | staff: Personal | start a business: Existenzgründung
start a company: Existenzgründung | starting a business: Existenzgründung | state: Land | statistics: Statistik
strategy: Strategie | student: Studierende | study: Studium, Studie | support: Unterstützung, Förderung
teacher: Lehrkraft | telephone: Telefon | trade: Handwerk | trade union: Gewerkschaft | trainee: Auszubildende
training: Weiterbildung, Ausbildung | translation: Übersetzung | translator: Übersetzung | unemployed: arbeitslos
union: Gewerkschaft | university: Hochschule, Universität | vacancy: Stelle | visa: Visum | vocational: beruflich
vocational school: Berufsschule | vocational training: Ausbildung | volunteer: Ehrenamt | volunteering: Ehrenamt
wage: Lohn | welcome: Willkommen | woman: Frauen | women: Frauen | work: Arbeit
work permit: Arbeitserlaubnis, Aufenthaltstitel | work visa: Visum | worker: Beschäftigte, Arbeitskräfte
working: Arbeit | workplace: Arbeitsplatz | young: jung | young people: Jugendliche | youth: Jugend
"""


def _read(listed: str) -> dict[str, tuple[str, ...]]:
    entries = (entry.split(": ") for line in listed.strip().splitlines() for entry in line.split(" | "))
    return {typed: tuple(meant.split(", ")) for typed, meant in entries}


EVERYDAY_WORDS = _read(_EVERYDAY)
ENGLISH_WORDS = _read(_ENGLISH)
