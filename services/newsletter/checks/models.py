"""The table of what was found out about links."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class LinkState(Model):
    """What an address answered when it was last asked.

    `key` is the SHA-256 of the address, which may be longer than an index takes. `state` is that of `probe.State`,
    `status` the HTTP status (0: none).
    """

    key = fields.CharField(max_length=64, primary_key=True)
    url = fields.TextField()
    state = fields.CharField(max_length=20)
    status = fields.IntField(default=0)
    checked_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "link_states"
