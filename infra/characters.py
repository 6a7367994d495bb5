"""Characters that nobody sees but that change what is read, and what to say to whoever sent some."""

from __future__ import annotations

import re

from infra.errors import Text

# They turn the reading direction around and so can make a title look like another one.
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
FORBIDDEN = Text("Bitte entfernen Sie die Steuerzeichen.", "Please remove the control characters.")
