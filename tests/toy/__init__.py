"""A service as small as can be, to test the plumbing with: things with a name that are told about."""
