"""The embedded engine: tantivy in this process, one folder, one writer."""
