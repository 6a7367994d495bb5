"""The picture library: what editors upload, in one small form without traces of its origin, with a text for it."""
