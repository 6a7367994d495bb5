"""What is delivered for operators, held against the program: compose file, environment, manifests."""
