"""What the newsletter remembers of the facts that contacts tells: regions, labels, networks, offers and dates."""
