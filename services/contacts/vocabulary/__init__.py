"""Controlled vocabularies: the lists every entry chooses from, and the synonyms of search."""
