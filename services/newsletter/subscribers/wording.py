"""The words of mails about one's own data: the way in without an old mail, and moving to another address."""

from __future__ import annotations

from infra.errors import Text

LINK = {
    "subject": Text("Ihr Link zu Ihren Daten", "Your link to your data"),
    "before": Text(
        "Guten Tag,\n\n"
        "jemand – vermutlich Sie – möchte sehen, was wir zu dieser Adresse gespeichert haben. Über den Link kommen Sie "
        "zu Ihren Einstellungen, können die Adresse ändern, den Nachweis Ihrer Einwilligung und alle Daten abrufen "
        "oder alles löschen.",
        "Hello,\n\n"
        "somebody – probably you – wants to see what we store about this address. The link leads to your settings; "
        "there you can change the address, get the proof of your consent and all data, or delete everything.",
    ),
    "button": Text("Meine Daten öffnen", "Open my data"),
    "after": Text(
        "Der Link gilt zwei Stunden. Bitte leiten Sie diese E-Mail nicht weiter: Wer den Link hat, kann Ihre Daten "
        "sehen und löschen.\n\nSie waren das nicht? Dann tun Sie einfach nichts; es hat sich nichts geändert.",
        "The link works for two hours. Please do not forward this e-mail: whoever has the link can see and delete your "
        "data.\n\nThis was not you? Then simply do nothing; nothing has changed.",
    ),
}
MOVE = {
    "subject": Text("Bitte bestätigen Sie Ihre neue Adresse", "Please confirm your new address"),
    "before": Text(
        "Guten Tag,\n\n"
        "jemand – vermutlich Sie – möchte den Newsletter von Lotse künftig an diese Adresse bekommen. Bitte bestätigen "
        "Sie das; bis dahin ändert sich nichts.",
        "Hello,\n\n"
        "somebody – probably you – wants to receive the Lotse newsletter at this address from now on. Please confirm "
        "this; until then nothing changes.",
    ),
    "button": Text("Neue Adresse bestätigen", "Confirm new address"),
    "after": Text(
        "Der Link gilt zwei Tage. Sie waren das nicht? Dann tun Sie einfach nichts. Wir löschen die Adresse dann von "
        "selbst.",
        "The link works for two days. This was not you? Then simply do nothing; we delete the address by ourselves.",
    ),
}
MOVED = {
    "subject": Text("Ihr Newsletter geht an eine neue Adresse", "Your newsletter goes to a new address"),
    "before": Text(
        "Guten Tag,\n\n"
        "der Newsletter von Lotse geht von jetzt an an {address} und nicht mehr an diese Adresse. So wurde es über "
        "einen Link gewünscht, den wir an diese Adresse geschickt hatten, und unter der neuen bestätigt.",
        "Hello,\n\n"
        "from now on the Lotse newsletter goes to {address} and no longer to this address. This was asked for by a "
        "link that we had sent to this address, and confirmed at the new one.",
    ),
    "button": Text("Das war ich nicht: Newsletter beenden", "This was not me: end the newsletter"),
    "after": Text(
        "Waren Sie es selbst, brauchen Sie nichts zu tun. Diese Adresse haben wir gelöscht.",
        "If it was you, there is nothing to do. We have deleted this address.",
    ),
}
