"""Faults planted in a really running Lotse; afterwards nothing that was acknowledged may be missing or doubled."""
