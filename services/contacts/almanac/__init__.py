"""State profiles and the glossary: entries that speak of all the others."""
