"""Regions: the tree of Länder and districts, by official key."""
