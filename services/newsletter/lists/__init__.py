"""Lists: taking over subscribers who agreed elsewhere, each with the proof of it, from a CSV file."""
