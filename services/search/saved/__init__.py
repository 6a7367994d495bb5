"""Saved searches: the query of somebody who wants to see, or to be told by mail, what is new."""
