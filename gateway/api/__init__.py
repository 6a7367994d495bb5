"""The public JSON API below `/api/v1`, forwarded to the services."""
