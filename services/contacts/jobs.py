"""The register of contacts' background jobs, so that commands can ask for one that `tasks` defines."""

from __future__ import annotations

from infra.jobs import Jobs

SERVICE = "contacts"
jobs = Jobs(SERVICE)
SEND_ALERTS = "send_alerts"
SEND_ACCESS_MAILS = "send_access_mails"
SEND_NOTICES = "send_notices"
