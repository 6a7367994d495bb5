"""Deliveries: the rows of who gets which issue, and their accounts. They stand below issues, whose pages show them."""
