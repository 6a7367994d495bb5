"""Tables of pictures: what is said of each, its file apart from that, and who shows it."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Picture(Model):
    """A picture of the library. `hash` names its content, `version` rises with every change of its words.

    `alt` is {de, en}; `source_hash` that of the uploaded file; `uploaded` says by whom and when {id, name, at}.
    """

    hash = fields.CharField(max_length=32, primary_key=True)
    source_hash = fields.CharField(max_length=32)
    width = fields.IntField()
    height = fields.IntField()
    size = fields.IntField()
    alt: fields.JSONField[dict[str, str]] = fields.JSONField()
    credit = fields.TextField()
    licence = fields.TextField(default="")
    licence_url = fields.TextField(default="")
    uploaded: fields.JSONField[dict[str, str]] = fields.JSONField()
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "pictures"
        indexes = (Index(fields=("source_hash",)), Index(fields=("created_at", "hash")))


class PictureFile(Model):
    """The JPEG itself, at most 400 kB: apart, so that lists do not read it."""

    hash = fields.CharField(max_length=32, primary_key=True)
    content = fields.BinaryField()

    class Meta:
        table = "picture_files"


class PictureUse(Model):
    """Who shows a picture: `kind` (article, issue), the id of that, and by which name and slug editors know it.

    A picture that is shown anywhere cannot be deleted.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    picture = fields.CharField(max_length=32)
    kind = fields.CharField(max_length=20)
    used_by = fields.UUIDField()
    title = fields.TextField(default="")
    slug = fields.CharField(max_length=200, default="")

    class Meta:
        table = "picture_uses"
        unique_together = (("picture", "kind", "used_by"),)
        indexes = (Index(fields=("kind", "used_by")),)
