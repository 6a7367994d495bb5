"""All routes of contacts."""

from __future__ import annotations

from infra.web.api import Api
from services.contacts.access.api import api as access
from services.contacts.accounts.api import api as accounts
from services.contacts.alerts.api import api as alerts
from services.contacts.almanac.api import api as almanac
from services.contacts.directory.api import api as directory
from services.contacts.districts.api import api as districts
from services.contacts.notices.api import api as notices
from services.contacts.offers.api import api as offers
from services.contacts.vocabulary.api import api as vocabulary

api = Api("contacts")
for part in (accounts, access, vocabulary, districts, directory, offers, almanac, alerts, notices):
    api.include(part)
