"""What services say to one another: one module of frozen dataclasses per producer, and the address scheme.

Fields are only ever added, with a default; a breaking change is a new major version beside the old one.
Events carry what consumers need and no personal data beyond ids and public display names.
"""
