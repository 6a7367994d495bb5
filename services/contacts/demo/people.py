"""The accounts of the demo: invented people, all with the same public password, only in demo mode."""

from __future__ import annotations

from dataclasses import dataclass

from infra.contracts.roles import ADMIN, COORDINATOR, EDITOR, MEMBER, MODERATOR, PUBLISHER
from infra.errors import Text

PASSWORD = "lotse-demo"  # noqa: S105 - public by intent; demo mode only listens on this machine
SACHSEN_ANHALT = "iq-landesnetzwerk-sachsen-anhalt"
SACHSEN = "iq-landesnetzwerk-sachsen"


@dataclass(frozen=True)
class Person:
    """One account: address, public name, rights, and what it is for."""

    email: str
    name: str
    roles: tuple[str, ...]
    networks: tuple[str, ...]
    purpose: Text


COORDINATION = Person(
    "koordination@example.org",
    "Katrin Vogt",
    (COORDINATOR,),
    (SACHSEN_ANHALT,),
    Text("koordiniert das IQ Landesnetzwerk Sachsen-Anhalt", "coordinates the IQ network of Sachsen-Anhalt"),
)
PEOPLE = (
    COORDINATION,
    Person(
        "koordination2@example.org",
        "Tomasz Nowak",
        (COORDINATOR,),
        (SACHSEN,),
        Text("koordiniert das IQ Landesnetzwerk Sachsen", "coordinates the IQ network of Sachsen"),
    ),
    Person(
        "redaktion@example.org",
        "Miriam Scholz",
        (EDITOR, PUBLISHER),
        (),
        Text("stellt den Newsletter zusammen", "puts the newsletter together"),
    ),
    Person(
        "redaktion2@example.org",
        "Farid Azimi",
        (EDITOR, PUBLISHER),
        (),
        Text("gibt den Newsletter als Zweiter frei", "approves the newsletter as second person"),
    ),
    Person(
        "redaktion3@example.org",
        "Lena Brandt",
        (EDITOR,),
        (),
        Text("schreibt für den Newsletter, gibt nichts frei", "writes for the newsletter, releases nothing"),
    ),
    Person(
        "moderation@example.org", "Helga Lorenz", (MODERATOR,), (), Text("moderiert das Forum", "moderates the forum")
    ),
    Person(
        "mitglied@example.org",
        "Samira Rahimi",
        (MEMBER,),
        (SACHSEN_ANHALT,),
        Text("ist Mitglied des Netzwerks in Sachsen-Anhalt", "is a member of the network in Sachsen-Anhalt"),
    ),
    Person(
        "admin@example.org", "Jutta Reimann", (ADMIN,), (), Text("verwaltet die Plattform", "administers the platform")
    ),
)
NOTES = tuple(
    Text(f"{person.email} / {PASSWORD} – {person.purpose.de}", f"{person.email} / {PASSWORD} – {person.purpose.en}")
    for person in PEOPLE
)
