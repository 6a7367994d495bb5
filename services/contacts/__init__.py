"""Contacts: accounts, regions, vocabularies, the directory and offers; nobody else reads or writes its tables."""
