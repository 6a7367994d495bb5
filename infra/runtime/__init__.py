"""Hosts services given by dotted name: all in one process, or each role in a process of its own."""
