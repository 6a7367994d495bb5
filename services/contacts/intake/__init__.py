"""The import of a content bundle: read, checked, written all or nothing."""
