"""The adapter for Meilisearch: a server of its own, asked over HTTP."""
