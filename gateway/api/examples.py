"""Examples in the public description: of operations whose parameters do not explain themselves.

A test makes these very calls, so that none of them can grow old.
"""

from __future__ import annotations

from typing import Any

PARAMETERS: dict[str, dict[str, Any]] = {
    "GET /search": {
        "q": "sprachkurs",
        "near": "39104",
        "radius": 25,
        "kind": ["offer", "contact_point"],
        "sort": "newest",
        "limit": 10,
    },
    "GET /suggest": {"q": "anerk"},
}
BODIES: dict[str, dict[str, Any]] = {
    "POST /saved-searches": {
        "q": "sprachkurs",
        "kind": ["offer"],
        "near": "39104",
        "radius": 25,
        "frequency": "weekly",
        "name": "Sprachkurse in Magdeburg",
    },
    "PATCH /saved-searches/{id}": {"frequency": "daily"},
    "POST /alerts": {
        "email": "person@example.org",
        "saved_search": "01920000-0000-7000-8000-000000000000",
        "frequency": "weekly",
        "label": "„sprachkurs“, bis 25 km um Magdeburg",
        "path": "/suche?q=sprachkurs&near=39104",
        "language": "de",
    },
}
