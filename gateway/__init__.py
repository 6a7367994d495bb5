"""The gateway: HTML pages and the public API before the services. Owns no data."""
