"""The newsletter: who wants it and agreed to it, what goes into an issue, and that it reaches each person once."""
