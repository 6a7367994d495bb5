"""Notices: what services want account holders to be told of, by mail at once or in a daily digest, as they choose."""
