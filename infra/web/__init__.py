"""The web kit of services: typed routes, problems, signed identity, health, and the client between parts."""
