"""Statistics without people: what is looked for and what is not found, counted by day and never by person."""
