"""All routes of the newsletter; `subscribers`, `issues`, `dispatch` and `alerts` declare them."""

from __future__ import annotations

from infra.web.api import Api
from services.newsletter.alerts.api import api as alerts
from services.newsletter.articles.api import api as articles
from services.newsletter.bounces.api import api as bounces
from services.newsletter.checks.api import api as checks
from services.newsletter.dispatch.api import api as dispatch
from services.newsletter.issues.api import api as issues
from services.newsletter.lists.api import api as lists
from services.newsletter.pictures.api import api as pictures
from services.newsletter.records.api import api as records
from services.newsletter.release.api import api as release
from services.newsletter.subscribers.api import api as subscribers

api = Api("newsletter")
for part in (subscribers, issues, dispatch, alerts, articles, pictures, checks, release, records, lists, bounces):
    api.include(part)
