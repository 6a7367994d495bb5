"""German for search: words and their forms, compounds, synonyms, places, and what a query means. No engine, no tables."""
