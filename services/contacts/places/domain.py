"""Rules of places."""

from __future__ import annotations

from infra.contracts.territory import Territory


def common_region(districts: list[str], territory: Territory) -> str:
    """The smallest region that contains all of `districts`; "" for none."""
    if not districts:
        return ""
    chains = [[slug, *territory.above(slug)] for slug in districts]
    return next((slug for slug in chains[0] if all(slug in chain for chain in chains)), "")
