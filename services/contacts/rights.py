"""Who looks after which network's entries."""

from __future__ import annotations

from infra.contracts.roles import COORDINATOR
from infra.errors import Forbidden, Text
from infra.web.identity import Identity

_FOREIGN = Text(
    "Das dürfen nur die Koordination dieses Netzwerks und die Administration.",
    "Only the coordinators of this network and administrators may do this.",
)


def may_edit(identity: Identity, network: str) -> bool:
    """Whether a person looks after the entries of `network`: its coordinator, or an administrator."""
    return identity.is_admin or (COORDINATOR in identity.roles and network in identity.networks)


def require_edit(identity: Identity, network: str) -> None:
    """Raises Unauthenticated or Forbidden unless the person looks after the entries of `network`."""
    identity.require_account()
    if not may_edit(identity, network):
        raise Forbidden(_FOREIGN)
