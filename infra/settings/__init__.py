"""Settings: every value the installation can choose, read from `LOTSE_*` environment variables once.

    settings = load()

`FIELDS` is the one table: name, default, meaning. The README and the runbook print it, `doctor` checks it,
and a wrong value is reported with its cure, all wrong ones at once. What concerns mail stands in `mail`.
"""

from __future__ import annotations

from infra.settings.fields import Field
from infra.settings.general import DEMO_SECRET, SERVICES
from infra.settings.mail import IMPRINT_TEMPLATE
from infra.settings.values import FIELDS, Settings, SettingsError, load

__all__ = ["DEMO_SECRET", "FIELDS", "IMPRINT_TEMPLATE", "SERVICES", "Field", "Settings", "SettingsError", "load"]
