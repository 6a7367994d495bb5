"""The district page: regions with their counts, and the process chain of a region."""
