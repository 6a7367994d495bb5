"""Measurements: one command per published figure (`make bench ONLY=name`)."""
