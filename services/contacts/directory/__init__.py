"""The directory: organisations, networks, contact points, documents, dates and the sources of all of it."""
