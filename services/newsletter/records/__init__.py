"""Records: what is held about one person, shown to that person and to editors: proof, export, erasure, suppression."""
