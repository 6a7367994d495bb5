"""The newsletter's register of background jobs, so that commands can ask for one that `tasks` defines."""

from __future__ import annotations

from infra.jobs import Jobs

SERVICE = "newsletter"
jobs = Jobs(SERVICE)
CHECK_LINKS = "check_links"
SEND_TESTS = "send_tests"
SEND_BATCH = "send_batch"
SEND_SERVICE_MAILS = "send_service_mails"
SEND_ALERTS = "send_alerts"
