"""The house's door."""
