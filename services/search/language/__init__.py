"""German for search: words and their forms, compounds, synonyms, places, what a query means. No engine, no tables."""
