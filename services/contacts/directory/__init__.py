"""The directory: organisations, networks, contact points, documents, dates, state profiles, glossary, sources."""
